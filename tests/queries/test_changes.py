"""The change log under two real connections: what commits late is read late, once, and never passed over."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import Connection, insert

from market.db import db, engines, transaction
from market.domain import clock
from market.models import IndexChange
from market.queries import changes


def write(connection: Connection, *items: int) -> None:
    """Log changes of challenges on a connection of the test's own."""
    connection.execute(insert(IndexChange), [{"kind": "challenge", "item_id": item, "at": clock.now()} for item in items])


def log(*items: int) -> None:
    """Log changes in a transaction of their own that is over at once."""
    db.session.rollback()
    with engines(db.engine)[1].begin() as connection:
        write(connection, *items)


def read(cursor: changes.Cursor) -> tuple[list[int], changes.Cursor]:
    """Items that are new, in a read of its own."""
    db.session.rollback()
    fresh, after = changes.since(cursor)
    db.session.rollback()
    return [change.item_id for change in fresh], after


@pytest.fixture
def postgresql(app: Flask) -> Flask:
    """Only where writers run side by side."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    return app


def test_each_change_is_read_once(app: Flask) -> None:
    log(1, 2)
    cursor = changes.here()
    log(3)
    found, cursor = read(cursor)
    assert found == [3]
    assert read(cursor)[0] == []
    log(4)
    log(3)
    found, cursor = read(cursor)
    assert found == [4, 3] and read(cursor)[0] == []


def test_from_the_beginning_everything_is_new(app: Flask) -> None:
    log(1, 2)
    log(3)
    assert read(changes.Cursor())[0] == [1, 2, 3]


def test_transactions_that_commit_in_reverse_order_are_all_read(postgresql: Flask) -> None:
    cursor = changes.here()
    with engines(db.engine)[1].connect() as first, engines(db.engine)[1].connect() as second:
        first.begin()
        write(first, 1)
        second.begin()
        write(second, 2)
        second.commit()
        found, cursor = read(cursor)
        assert found == [2]
        first.commit()
    found, cursor = read(cursor)
    assert found == [1], "the lower revision, committed later, was passed over"
    assert read(cursor)[0] == []


@pytest.mark.parametrize("kept", [False, True], ids=["reading", "starting to read"])
def test_a_transaction_may_stay_open_while_thousands_pass(postgresql: Flask, kept: bool) -> None:
    """More than any window would hold, and several looks in between."""
    cursor = changes.here()
    with engines(db.engine)[1].connect() as slow:
        slow.begin()
        write(slow, 7)
        for start in range(0, 3_000, 1_000):
            log(*range(1_000 + start, 2_000 + start))
            if not kept:
                found, cursor = read(cursor)
                assert len(found) == 1_000
                assert read(cursor)[0] == []
        if kept:
            db.session.rollback()
            cursor = changes.here()
        slow.commit()
    assert read(cursor)[0] == [7]


def test_what_was_rolled_back_is_not_waited_for(postgresql: Flask) -> None:
    cursor = changes.here()
    with engines(db.engine)[1].connect() as failing:
        failing.begin()
        write(failing, 1)
        log(2)
        found, cursor = read(cursor)
        failing.rollback()
    log(3)
    found, cursor = read(cursor)
    assert found == [3]
    for _wait in range(100):  # a transaction of another database of the same server may hold the horizon for a while
        if read(cursor)[1].seen <= {3}:
            break
        time.sleep(0.2)
    assert read(cursor)[1].seen <= {3}, "what was seen before the rollback is still remembered"


def test_a_kept_cursor_goes_on_where_it_was(app: Flask) -> None:
    log(1)
    cursor = changes.Cursor.from_json(changes.here().to_json())
    log(2)
    assert read(cursor)[0] == [2]
    assert changes.Cursor.from_json(None) == changes.Cursor() == changes.Cursor.from_json(17)


def test_a_cursor_of_another_server_starts_over(postgresql: Flask) -> None:
    log(1, 2)
    foreign = changes.Cursor(highest=2, horizon=2**50, seen=frozenset({1, 2}))
    found, cursor = read(foreign)
    assert found == [1, 2]
    assert read(cursor)[0] == []


def test_a_line_carries_its_transaction(postgresql: Flask) -> None:
    with transaction() as session:
        session.add(IndexChange(kind="challenge", item_id=1, at=clock.now()))
    log(2)
    first, second = db.session.query(IndexChange).order_by(IndexChange.revision)
    assert 0 < first.transaction_id < second.transaction_id
