"""The database's shape: bringing it up to date, and the one door for erasure."""
