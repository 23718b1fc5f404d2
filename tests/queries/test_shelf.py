"""The remembered facet values follow every change, and count what a fresh count counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from market import db as database
from market.actions import search
from market.db import db, transaction
from market.domain import browsing, clock
from market.models import Capability, Challenge, IndexChange
from market.queries import browse, shelf
from tests.factories import CapabilityFactory, ChallengeFactory
from tests.statements import counted

WISHES: list[dict[str, Any]] = [
    {},
    {"q": "电池"},
    {"q": "电池 检测"},
    {"field": ["06"]},
    {"field": ["06", "07"], "budget": ["lt50"], "q": "电池"},
    {"status": "done"},
    {"mode": ["joint"]},
]


def listed(kind: str, **more: Any) -> Challenge | Capability:
    """Return a published listing that is in the index."""
    made = (ChallengeFactory if kind == "challenge" else CapabilityFactory)(published=True, **more)
    search.refresh(made)
    return made  # type: ignore[no-any-return]


def answer(kind: str, wish: dict[str, Any]) -> Any:
    """Return what a visitor's list says: numbers, facets, tabs."""
    filters = browsing.read(kind, lambda name: [wish[name]] if isinstance(wish.get(name), str) else wish.get(name, []))
    with database.reading():
        found = browse.results(filters, 12, "/list")
        return [row.id for row in found.rows], found.total, found.groups, found.tabs


def same_as_fresh(kind: str) -> None:
    """Fail when the remembered list differs from one that nothing was remembered of."""
    for wish in WISHES:
        kept = answer(kind, wish)
        shelf._shelves.clear()
        browse._memory.clear()
        assert kept == answer(kind, wish), wish


@pytest.mark.parametrize("kind", ["challenge", "capability"])
def test_lists_follow_publishing_editing_and_withdrawing(app: Flask, kind: str) -> None:
    first = listed(kind, title="电池低温掉电")
    same_as_fresh(kind)
    answer(kind, {})
    second = listed(kind, title="电池检测线", field="07", modes="joint;service")
    assert answer(kind, {})[1] == 2
    with transaction():
        first.field = "02"
        search.refresh(first)
    kept = answer(kind, {})
    assert {option.value: option.count for group in kept[2] if group.name == "field" for option in group.options} == {"02": 1, "07": 1}
    same_as_fresh(kind)
    answer(kind, {})
    with transaction():
        second.state = "withdrawn"
        search.refresh(second)
    assert answer(kind, {})[1] == 1 and answer(kind, {"q": "检测"})[1] == 0
    same_as_fresh(kind)


def test_after_a_change_only_what_changed_is_read_again(app: Flask) -> None:
    for _ in range(4):
        listed("challenge")
    answer("challenge", {})
    changed = listed("challenge", title="新来的一条")
    with counted() as statements:
        answer("challenge", {})
    read = [one for one in statements if "challenge.need_type" in one and "IN (" in one]
    assert len(read) == 1 and "challenge.id IN" in read[0]
    assert changed.id in shelf._shelves["challenge"].values
    with counted() as again:
        answer("challenge", {})
    assert not [one for one in again if "challenge.need_type" in one]


def test_many_changes_at_once_are_read_whole(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MANY", 1)
    listed("challenge")
    answer("challenge", {})
    for _ in range(3):
        listed("challenge")
    assert answer("challenge", {})[1] == 4
    same_as_fresh("challenge")


def test_a_passing_deadline_comes_in_after_a_minute_and_a_new_day_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    listed("challenge", procedure="open_call", closes_at=clock.now() + timedelta(hours=1))
    assert answer("challenge", {})[1] == 1
    clock.fix(clock.now() + timedelta(hours=2))
    monkeypatch.setattr(shelf, "SECONDS", -1)
    browse._memory.clear()
    assert answer("challenge", {})[1] == 0
    monkeypatch.setattr(shelf, "SECONDS", 60)
    listed("capability", confirmed_on=clock.today())
    assert answer("capability", {})[1] == 1
    clock.fix(clock.now() + timedelta(days=4_000))
    assert answer("capability", {})[1] == 0


def test_what_is_not_committed_is_not_remembered(app: Flask) -> None:
    listed("challenge")
    filters = browsing.read("challenge", lambda _name: [])
    assert answer("challenge", {})[1] == 1

    def fail_half_way() -> None:
        with transaction():
            db.session.execute(update(Challenge).values(state="withdrawn"))
            search.refresh(db.session.scalars(select(Challenge)).one())
            assert browse.results(filters, 12, "/list").total == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert answer("challenge", {})[1] == 1


def test_a_listing_is_in_the_index_once_under_its_own_number(app: Flask) -> None:
    challenge, capability = listed("challenge", title="电池"), listed("capability", title="电池")
    for listing in (challenge, capability):
        search.refresh(listing)
    rows = db.session.execute(text("SELECT kind, item_id FROM search_index ORDER BY kind DESC")).all()
    assert [tuple(row) for row in rows] == [("challenge", challenge.id), ("capability", capability.id)]
    search.forget("capability", capability.id)
    assert db.session.execute(text("SELECT kind FROM search_index")).scalars().all() == ["challenge"]


def test_a_change_that_becomes_visible_late_is_not_missed(app: Flask) -> None:
    first = listed("challenge")
    listed("challenge")
    with transaction():
        db.session.execute(text("UPDATE index_change SET revision = revision + 5"))
    assert answer("challenge", {})[1] == 2
    with transaction():
        first.state = "withdrawn"
        db.session.add(IndexChange(revision=3, kind="challenge", item_id=first.id, at=clock.now()))  # drawn early, committed late
    if db.engine.dialect.name == "postgresql":
        assert answer("challenge", {})[1] == 1
