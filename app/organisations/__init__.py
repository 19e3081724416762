"""Organisations: whoever owns projects."""
