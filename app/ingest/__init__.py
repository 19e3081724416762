"""Recordings decoded, judged and cut into segments."""
