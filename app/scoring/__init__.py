"""Scores: texts normalised, error rates counted and compared."""
