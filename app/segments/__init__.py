"""Edits of where a recording is cut, and what stands for what since."""
