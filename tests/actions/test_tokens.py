"""A mailed link opens its own door, once, in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.actions import tokens
from market.db import db
from market.domain import clock
from market.domain.errors import NotVisible
from market.models import Token
from market.queries import accounts
from tests.conftest import NOON


def test_a_token_is_spent_once(app: Flask) -> None:
    raw = tokens.issue("reset", email="a@example.org")
    assert tokens.spend("reset", raw).email == "a@example.org"
    with pytest.raises(NotVisible):
        tokens.spend("reset", raw)
    assert accounts.open_token("reset", raw) is None


@pytest.mark.parametrize("purpose", ["invitation", "claim", "confirm_email", "renew", ""])
def test_a_token_serves_its_own_purpose_only(app: Flask, purpose: str) -> None:
    raw = tokens.issue("reset")
    with pytest.raises(NotVisible):
        tokens.spend(purpose, raw)
    assert accounts.open_token(purpose, raw) is None
    assert tokens.spend("reset", raw)


@pytest.mark.parametrize("raw", ["", "x", "é" * 40, "\ud800", "a" * 10_000])
def test_nonsense_is_no_token(app: Flask, raw: str) -> None:
    with pytest.raises(NotVisible):
        tokens.spend("reset", raw)


def test_a_token_ends_with_its_time(app: Flask) -> None:
    raw = tokens.issue("reset", timedelta(minutes=30))
    clock.fix(NOON + timedelta(minutes=29, seconds=59))
    assert accounts.open_token("reset", raw) is not None
    clock.fix(NOON + timedelta(minutes=30))
    assert accounts.open_token("reset", raw) is None
    with pytest.raises(NotVisible):
        tokens.spend("reset", raw)


def test_the_token_itself_is_not_stored(app: Flask) -> None:
    raw = tokens.issue("reset")
    assert db.session.query(Token).one().token_hash != raw


def test_revoking_touches_only_what_is_named(app: Flask) -> None:
    first, second = tokens.issue("reset", email="a@example.org"), tokens.issue("reset", email="b@example.org")
    tokens.revoke("reset", email="a@example.org")
    assert accounts.open_token("reset", first) is None and accounts.open_token("reset", second) is not None
