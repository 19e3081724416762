"""Error counts, intervals and comparisons."""
