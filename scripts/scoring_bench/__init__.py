"""Parts of the scoring bench."""
