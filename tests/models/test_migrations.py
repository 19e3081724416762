"""The steps lead to the tables that the code expects, on both databases, whoever starts them at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import ClauseElement, Engine, ForeignKeyConstraint, inspect, text
from sqlalchemy.types import TypeEngine

from app.database.service import DatabaseNewer, DatabaseUnreachable, migrate
from app.db import open_engine
from app.jobs.engine import table_names
from models.migrations.guards import GUARDED
from models.tables import metadata

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def expected_engine(empty_database_url: str) -> Iterator[Engine]:
    """A database made from the tables themselves, without any migration."""
    engine = open_engine(empty_database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated_engine(expected_engine: Engine, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A migrated database of the same kind."""
    engine = open_engine(request.getfixturevalue(f"{expected_engine.dialect.name}_url"))
    yield engine
    engine.dispose()


def shape(engine: Engine) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Everything that a database tells of its tables, in an order of its own."""
    inspector = inspect(engine)
    asked: dict[str, Callable[[str], Any]] = {
        "columns": inspector.get_columns,
        "primary key": lambda table: [inspector.get_pk_constraint(table)],
        "foreign keys": inspector.get_foreign_keys,
        "unique": inspector.get_unique_constraints,
        "checks": inspector.get_check_constraints,
        "indexes": inspector.get_indexes,
    }
    tables = sorted(set(inspector.get_table_names()) - {"alembic_version"} - table_names())
    return {table: {kind: sorted(map(plain, ask(table)), key=repr) for kind, ask in asked.items()} for table in tables}


def plain(told: Any) -> Any:
    """What an inspector tells, with types and conditions as text."""
    if isinstance(told, dict):
        return {key: plain(value) for key, value in told.items()}
    if isinstance(told, TypeEngine):
        return repr(told)
    return str(told) if isinstance(told, ClauseElement) else told


def test_the_migrated_tables_are_those_of_the_code(migrated_engine: Engine, expected_engine: Engine) -> None:
    """Columns, types, keys, indexes and their conditions, and checks, by name and by what they say."""
    migrated, expected = shape(migrated_engine), shape(expected_engine)
    assert set(migrated) == set(expected) == set(metadata.tables)
    for table in expected:
        assert migrated[table] == expected[table], table


def test_alembic_sees_nothing_left_to_do(database_engine: Engine) -> None:
    with database_engine.connect() as connection:
        opts = {
            "compare_type": True, "compare_server_default": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name not in table_names(),
        }  # fmt: skip
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_every_constraint_has_a_name_that_fits(expected_engine: Engine) -> None:
    named = ("primary key", "foreign keys", "unique", "checks", "indexes")
    names = [each["name"] for told in shape(expected_engine).values() for kind in named for each in told[kind]]
    assert len(names) > 50
    assert [name for name in names if name is None or len(name) > 63] == []


def test_foreign_keys_are_checked_at_the_commit() -> None:
    keys = [
        key for table in metadata.tables.values() for key in table.constraints if isinstance(key, ForeignKeyConstraint)
    ]
    assert len(keys) > 15
    assert [str(key) for key in keys if not (key.deferrable and key.initially == "DEFERRED")] == []


def test_every_guarded_table_has_its_triggers(database_engine: Engine) -> None:
    asked = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace",
    }[database_engine.dialect.name]
    with database_engine.connect() as connection:
        tables = [row[0] for row in connection.execute(text(asked))]
    assert sorted(tables) == sorted([*GUARDED, *GUARDED])


def test_migrating_again_changes_nothing(database_url: str, database_engine: Engine) -> None:
    before = shape(database_engine)
    migrate(database_url)
    assert shape(database_engine) == before


def test_processes_that_migrate_at_once_wait_for_each_other(empty_database_url: str) -> None:
    code = "import sys; from app.database.service import migrate; sys.stdin.read(1); migrate(sys.argv[1])"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_database_url],
            cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in processes:
        assert process.stdin
        process.stdin.write("x")
        process.stdin.flush()
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told
    engine = open_engine(empty_database_url)
    assert set(shape(engine)) == set(metadata.tables)
    engine.dispose()


def test_a_migration_that_breaks_off_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(empty_database_url)
    with engine.begin() as connection:  # stands in the way of the last step
        connection.execute(text("CREATE TABLE worker_heartbeat (n INTEGER)"))
    with pytest.raises(Exception, match="worker_heartbeat"):
        migrate(empty_database_url)
    assert inspect(engine).get_table_names() == ["worker_heartbeat"]
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE worker_heartbeat"))
    migrate(empty_database_url)
    assert set(shape(engine)) == set(metadata.tables)
    engine.dispose()


def test_a_newer_database_is_left_alone(database_url: str, database_engine: Engine) -> None:
    with database_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="9999"):
        migrate(database_url)


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match=re.escape("boli:***@127.0.0.1:1/none")) as raised:
        migrate("postgresql+psycopg://boli:geheim@127.0.0.1:1/none")
    assert "geheim" not in str(raised.value)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DatabaseUnreachable, match="cannot be written"):
        migrate(f"sqlite:///{tmp_path}/file/boli.sqlite3")
    (tmp_path / "text.sqlite3").write_text("no database, though it is as long as the header of one would be" * 20)
    with pytest.raises(DatabaseUnreachable, match=r"text\.sqlite3"):
        migrate(f"sqlite:///{tmp_path}/text.sqlite3")
    with pytest.raises(DatabaseUnreachable, match="names no file"):
        migrate("sqlite://")


def test_the_command_migrates_the_database_of_the_settings(empty_database_url: str, tmp_path: Path) -> None:
    environment = os.environ | {"BOLI_DATA_FOLDER": str(tmp_path / "new" / "folder")}
    if not empty_database_url.startswith("sqlite"):
        environment |= {"BOLI_DATABASE": empty_database_url}
    command = [sys.executable, "-m", "app", "migrate"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "up to date" in done.stdout
    environment |= {"BOLI_DATABASE": "postgresql+psycopg://127.0.0.1:1/none"}
    failed = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("boli migrate: the database postgresql+psycopg://127.0.0.1:1/none cannot be opened")
