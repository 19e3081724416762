"""Tasks: what one person works on at a time."""
