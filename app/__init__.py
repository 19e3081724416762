"""Everything that does input and output: command line, files, and later the web service."""
