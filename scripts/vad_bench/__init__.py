"""Parts of the voice-activity bench: synthetic scenes with exact truth, scores, speed."""
