"""`boli serve`: the web process, its worker and the folder that they share."""
