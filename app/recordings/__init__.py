"""Recordings: the client's audio and what is known of it."""
