"""How the tables came to be, step by step: Alembic runs these forward on SQLite and on PostgreSQL."""
