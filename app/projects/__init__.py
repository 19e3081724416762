"""Projects and their dialects."""
