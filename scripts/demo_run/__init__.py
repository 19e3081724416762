"""The demo: a service of its own, sample projects, and what came out beside what was spoken."""
