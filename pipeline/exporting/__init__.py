"""Transcripts as files of the formats that other tools read."""
