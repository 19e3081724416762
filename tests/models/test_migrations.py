from __future__ import annotations

from sqlalchemy import inspect

from app.db import open_engine
from models.tables import metadata


def test_x(database_url: str) -> None:
    engine = open_engine(database_url)
    assert set(metadata.tables) < set(inspect(engine).get_table_names())
    engine.dispose()
