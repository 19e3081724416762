"""The models on this machine: list, fetch, import, convert, check."""
