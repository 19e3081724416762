"""Manifests: tables that say what is known of each recording, judged row by row."""
