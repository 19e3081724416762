"""What the service is measured by: how fast audio becomes tasks, in how much memory, and what survives being killed."""
