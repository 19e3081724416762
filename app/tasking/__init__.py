"""Segments bundled into tasks for people."""
