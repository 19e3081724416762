"""`python -m app`: the `boli` command."""

from app.cli import main

main()
