"""How far a project has come."""
