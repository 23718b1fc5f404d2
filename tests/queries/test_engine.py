"""The follower: what became visible late is applied, what failed is tried again, nothing is applied twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, insert, update

from market import db as database
from market.actions import search
from market.db import db, transaction
from market.domain import clock
from market.matching import Document, EngineSettings, Key
from market.models import Challenge, IndexChange
from market.queries import engine as engines
from tests.factories import CapabilityFactory, ChallengeFactory


class Notebook:
    """Stands in for the engine and writes down what it is told; `refuse` makes the next sync fail."""

    model_fingerprint = "notebook"
    revision = 0

    @property
    def keys(self) -> set[Key]:
        return set(self.held)

    def __init__(self) -> None:
        self.held: dict[Key, Document] = {}
        self.told: list[tuple[set[Key], set[Key], int]] = []
        self.refuse = False

    def sync(
        self, upserts: Sequence[Document], removals: Sequence[Key] = (), revision: int = 0, vectors: Mapping[Key, Any] | None = None
    ) -> None:
        if self.refuse:
            self.refuse = False
            raise MemoryError("no room for the index")
        self.told.append(({document.key for document in upserts}, set(removals), revision))
        self.held.update({document.key: document for document in upserts})
        for key in removals:
            self.held.pop(key, None)


@pytest.fixture
def notebook(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """The engine of this process, replaced."""
    made = Notebook()
    monkeypatch.setattr(engines, "open_engine", lambda settings: made)
    return made


@pytest.fixture
def follower(notebook: Notebook) -> engines.Follower:
    """A follower of the notebook."""
    return engines.Follower(EngineSettings())


def write_engine() -> Engine:
    """Where a test opens connections of its own."""
    return database.engines(db.engine)[1]


def publish(connection: Connection, number: int) -> None:
    """Publish a challenge and log it, on a connection of the test's own."""
    connection.execute(update(Challenge).where(Challenge.id == number).values(state="published"))
    connection.execute(insert(IndexChange), [{"kind": "challenge", "item_id": number, "at": clock.now()}])


def test_the_first_time_reads_everything_and_the_next_only_what_changed(follower: engines.Follower, notebook: Notebook) -> None:
    old = ChallengeFactory(published=True)
    search.refresh(old)
    follower.catch_up()
    follower.catch_up()
    assert [told[0] for told in notebook.told] == [{("challenge", old.id)}]
    new = CapabilityFactory(published=True)
    search.refresh(new)
    follower.catch_up()
    assert notebook.told[-1][0] == {("capability", new.id)} and len(notebook.told) == 2


def test_a_listing_whose_transaction_ends_late_is_applied(follower: engines.Follower, notebook: Notebook) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    late, early = (ChallengeFactory(published=True) for _ in range(2))
    with transaction():
        late.state = early.state = "draft"
    numbers = (late.id, early.id)
    follower.catch_up()
    with write_engine().connect() as slow:
        slow.begin()
        publish(slow, numbers[0])
        with write_engine().begin() as quick:
            publish(quick, numbers[1])
        db.session.rollback()
        follower.catch_up()
        assert set(notebook.held) == {("challenge", numbers[1])}
        slow.commit()
    db.session.rollback()
    follower.catch_up()
    assert set(notebook.held) == {("challenge", number) for number in numbers}
    told = len(notebook.told)
    follower.catch_up()
    assert len(notebook.told) == told, "a change was applied twice"


def test_what_is_no_longer_public_is_taken_out(follower: engines.Follower, notebook: Notebook) -> None:
    challenge = ChallengeFactory(published=True)
    search.refresh(challenge)
    follower.catch_up()
    with transaction():
        db.session.get_one(Challenge, challenge.id).state = "withdrawn"
        search.refresh(challenge)
    follower.catch_up()
    assert not notebook.held and notebook.told[-1][1] == {("challenge", challenge.id)}


def test_a_failed_sync_is_tried_again(follower: engines.Follower, notebook: Notebook) -> None:
    follower.catch_up()
    challenge = ChallengeFactory(published=True)
    search.refresh(challenge)
    notebook.refuse = True
    with pytest.raises(MemoryError):
        follower.catch_up()
    assert not notebook.held
    follower.catch_up()
    assert set(notebook.held) == {("challenge", challenge.id)}


def test_a_failed_first_reading_is_tried_again_and_misses_nothing(follower: engines.Follower, notebook: Notebook) -> None:
    challenge = ChallengeFactory(published=True)
    search.refresh(challenge)
    notebook.refuse = True
    with pytest.raises(MemoryError):
        follower.catch_up()
    assert follower.cursor.highest == 0 and not follower.filled
    follower.catch_up()
    assert set(notebook.held) == {("challenge", challenge.id)} and follower.cursor.highest > 0
