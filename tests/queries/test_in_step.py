"""Two processes with an engine each: what is published is found by both at their next question, what is withdrawn by none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.actions import search
from market.db import db, transaction
from market.models import Capability
from tests.conftest import Place
from tests.factories import CapabilityFactory
from tests.matching.conftest import tiny_model

__all__ = ["tiny_model"]
ASKED = "电池低温掉电"


class Process:
    """One of them."""

    def __init__(self, place: Place, model: Path) -> None:
        url = place.app.config["MARKET"].database_url
        command = [sys.executable, "-m", "tests.queries.follower_process", str(place.folder), url, str(model)]
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def said(self) -> object:
        """Its next line."""
        assert self.running.stdout is not None
        line = self.running.stdout.readline()
        assert line, "the process ended"
        return json.loads(line)

    def finds(self) -> set[int]:
        """What it finds now."""
        assert self.running.stdin is not None
        self.running.stdin.write(ASKED + "\n")
        self.running.stdin.flush()
        found = self.said()
        assert isinstance(found, list)
        return set(found)


@pytest.fixture
def processes(app: object, place: Place, tiny_model: Path) -> Iterator[list[Process]]:
    """Two processes, warm."""
    started = [Process(place, tiny_model) for _ in range(2)]
    try:
        for process in started:
            assert process.said() == "ready"
        yield started
    finally:
        for process in started:
            process.running.kill()
            process.running.wait()


def put(listing: Capability, state: str) -> None:
    """Bring a listing into a state, as an action does."""
    with transaction():
        listing.state = state
        search.refresh(listing)


def test_every_process_is_in_step_at_its_next_question(processes: list[Process]) -> None:
    texts = {"summary": "抑制析锂", "problem": "", "advantages": "", "conditions": ""}
    first, second = (CapabilityFactory(published=False, title="低温电解液", **texts) for _ in range(2))
    numbers = (first.id, second.id)
    db.session.commit()
    for process in processes:
        assert process.finds() == set()
    put(first, "published")
    assert [process.finds() for process in processes] == [{numbers[0]}] * 2
    put(second, "published")
    put(first, "withdrawn")
    assert [process.finds() for process in processes] == [{numbers[1]}] * 2
    put(second, "withdrawn")
    put(first, "published")
    assert [process.finds() for process in processes] == [{numbers[0]}] * 2
    with transaction():
        first.title, first.summary = "轴承润滑", "轴承异响"
        search.refresh(first)
    assert [process.finds() for process in processes] == [set()] * 2, "the words it had are still found"
