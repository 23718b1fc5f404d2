"""The history is append-only and chained."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from market.actions import history
from market.db import db, transaction
from market.domain.permissions import SYSTEM


def test_entries_of_one_subject_are_chained(app: Flask) -> None:
    first = history.record("challenge", 7, "submit", SYSTEM, from_state="draft", to_state="submitted")
    second = history.record("challenge", 7, "publish", SYSTEM, reason="好")
    assert (first.seq, second.seq) == (1, 2)
    assert second.previous_hash == first.hash and second.hash == history.digest(second)


@pytest.mark.parametrize("statement", ["UPDATE history_entry SET reason = 'x'", "DELETE FROM history_entry"])
def test_the_database_refuses_to_change_history(app: Flask, statement: str) -> None:
    history.record("challenge", 7, "submit", SYSTEM)
    with pytest.raises(DatabaseError, match="append-only"), transaction():
        db.session.execute(text(statement))
