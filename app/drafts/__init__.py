"""Segments, their drafts, and a project's drafts as JSON Lines."""
