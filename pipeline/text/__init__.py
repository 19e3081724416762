"""Text of many scripts: profiles, tokens, tags."""
