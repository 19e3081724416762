"""Durable jobs: work that is done once in effect, whichever process dies."""
