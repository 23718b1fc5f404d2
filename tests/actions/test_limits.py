"""Limits are counted in the database, by name and key, in fixed windows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.actions import limits
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Invalid, TooMany
from market.models import RateBucket
from tests.conftest import NOON

HOUR = timedelta(hours=1)


def test_the_use_beyond_the_limit_is_refused_and_the_next_window_is_free(app: Flask) -> None:
    for _ in range(3):
        limits.hit("ask", "10.0.0.1", 3, HOUR)
    with pytest.raises(TooMany) as refused:
        limits.hit("ask", "10.0.0.1", 3, HOUR)
    assert 0 < refused.value.retry_after <= 3600
    limits.hit("ask", "10.0.0.2", 3, HOUR)
    limits.hit("other", "10.0.0.1", 3, HOUR)
    clock.fix(NOON + HOUR)
    limits.hit("ask", "10.0.0.1", 3, HOUR)


def test_a_refused_use_outside_a_transaction_stays_counted(app: Flask) -> None:
    limits.hit("ask", "a", 1, HOUR)
    with pytest.raises(TooMany):
        limits.hit("ask", "a", 1, HOUR)
    assert db.session.query(RateBucket).one().count == 2


def test_inside_a_transaction_only_what_succeeds_counts(app: Flask) -> None:
    def work_that_fails() -> None:
        with transaction():
            limits.hit("ask", "a", 1, HOUR)
            raise Invalid({"phone": "x"})

    with pytest.raises(Invalid):
        work_that_fails()
    limits.hit("ask", "a", 1, HOUR)


def test_a_use_can_be_given_back_and_all_can_be_forgotten(app: Flask) -> None:
    limits.hit("ask", "a", 1, HOUR)
    limits.give_back("ask", "a", HOUR)
    limits.hit("ask", "a", 1, HOUR)
    limits.forget("ask", "a")
    limits.hit("ask", "a", 1, HOUR)


def test_the_table_names_no_address(app: Flask) -> None:
    limits.hit("ask", "li@example.org", 1, HOUR)
    assert "li@" not in db.session.query(RateBucket).one().key


def test_old_windows_are_purged(app: Flask) -> None:
    limits.hit("ask", "a", 1, HOUR)
    assert limits.purge() == 0
    clock.fix(NOON + timedelta(days=3))
    assert limits.purge() == 1
