"""Writers of one process queue for SQLite's lock in the order that they came."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db import open_engine, reading, sessions, transaction
from app.turns import Turns, turns_of


def test_whoever_waits_longest_is_next() -> None:
    turns, order = Turns(), list[int]()
    assert turns.take("first")

    def wait(number: int) -> None:
        turns.take(number)
        order.append(number)
        turns.give_back(number)

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        time.sleep(0.05)
    turns.give_back("somebody else")
    assert not order
    turns.give_back("first")
    for thread in threads:
        thread.join(timeout=10)
    assert order == [0, 1, 2, 3, 4]


def test_the_turn_ends_with_each_transaction_however_it_ends(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    maker = sessions(engine)
    with transaction(maker) as session:
        session.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    for _ in range(3):
        with pytest.raises(IntegrityError), transaction(maker) as session:
            session.execute(text("INSERT INTO t VALUES (1), (1)"))
    with reading(maker) as session:
        assert session.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
    assert turns_of(str(tmp_path / "a.sqlite3")).take("the next one")
    turns_of(str(tmp_path / "a.sqlite3")).give_back("the next one")
    engine.dispose()


def test_many_writers_at_once_all_get_their_turn(tmp_path: Path) -> None:
    """None of them is left behind, and none fails."""
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    maker = sessions(engine)
    with transaction(maker) as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))

    def write() -> None:
        for number in range(10):
            with transaction(maker) as session:
                session.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})

    threads = [threading.Thread(target=write) for _ in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with reading(maker) as session:
        assert session.execute(text("SELECT count(*) FROM t")).scalar_one() == 150
    engine.dispose()
