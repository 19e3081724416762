"""The dialect catalogue on the command line."""
