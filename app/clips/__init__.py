"""Clips and peaks of segments, for the browser: made by jobs, kept within a budget, handed out at signed addresses."""
