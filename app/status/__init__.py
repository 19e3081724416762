"""The plain page that says how the service is."""
