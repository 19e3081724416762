"""Whether database and store tell the same story, and making again what can be made again."""
