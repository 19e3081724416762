"""A small Whisper-shaped checkpoint made from scratch on espeak-ng speech, for demonstration and tests."""
