"""What every route of the service shares: problems, pages, versions, repeated requests."""
