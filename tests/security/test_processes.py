"""Several processes at one market, on both databases: one wins, a killed one leaves nothing half done, the chains hold.

These are processes of their own, as gunicorn's workers are: nothing but the database keeps them apart.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import ROOT
from market.actions import contracts, search, selection
from market.db import db, transaction
from market.domain import clock
from market.models import Bid, Challenge, Contract, HistoryEntry, IdempotencyKey
from market.queries import contracts as contract_queries
from market.queries import verify
from tests import bidding
from tests.bidding import actor
from tests.cast import Cast
from tests.conftest import Place
from tests.factories import CapabilityFactory, ChallengeFactory, ContractFactory, IndicatorFactory

ROUNDS = 3


class Process:
    """One more process of the market."""

    def __init__(self, place: Place) -> None:
        config = place.app.config["MARKET"]
        command = [sys.executable, "-m", "tests.security.process", str(config.instance), config.database_url]
        self.pipe = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, task: str, **more: Any) -> None:
        """Tell it what to do; it begins at once."""
        assert self.pipe.stdin is not None
        self.pipe.stdin.write(json.dumps({"do": task, **more}) + "\n")
        self.pipe.stdin.flush()

    def hear(self) -> Any:
        """Return its next answer."""
        assert self.pipe.stdout is not None
        line = self.pipe.stdout.readline()
        return json.loads(line)["said"] if line else None

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        os.kill(self.pipe.pid, signal.SIGKILL)
        self.pipe.wait(10)


@contextmanager
def processes(place: Place, count: int) -> Iterator[list[Process]]:
    """Start processes and wait until all are ready; end them afterwards."""
    db.session.remove()
    started = [Process(place) for _ in range(count)]
    try:
        assert [one.hear() for one in started] == ["ready"] * count
        yield started
    finally:
        for one in started:
            if one.pipe.poll() is None:
                one.kill()
            for end in (one.pipe.stdin, one.pipe.stdout):
                if end is not None:
                    end.close()


def together(pair: list[Process], asked: list[dict[str, Any]]) -> list[str]:
    """Ask each process one thing at the same moment and return what they said."""
    for one, task in zip(pair, asked, strict=True):
        one.ask(**task)
    return [str(one.hear()) for one in pair]


def assert_whole() -> None:
    """Fail unless history, totals and index are what they should be."""
    db.session.remove()
    assert [problem for report in verify.everything() for problem in report.problems] == []


@pytest.mark.timeout(240)
def test_two_processes_at_the_same_moment_make_one(app: Flask, cast: Cast, place: Place) -> None:
    calls = [_call(cast, n) for n in range(1, 1 + ROUNDS)]
    twice = [_call(cast, n) for n in range(10, 10 + ROUNDS)]
    rounds, signed = [_two_opened(cast, n) for n in range(20, 20 + ROUNDS)], [_two_signed(cast) for _ in range(ROUNDS)]
    drafts = [CapabilityFactory(organisation=cast.institute, author_id=cast.professor.id).id for _ in range(ROUNDS)]
    tto, professor, seeker = cast.tto.id, cast.professor.id, cast.seeker.id
    with processes(place, 2) as pair:
        for n in range(ROUNDS):
            said = together(pair, [{"task": "bid", "challenge_id": calls[n], "user_id": who} for who in (tto, professor)])
            assert sorted(s.split(":")[0] for s in said)[1] == "refused" and sum(s.isdigit() for s in said) == 1, said
            said = together(pair, [{"task": "submit_once", "challenge_id": twice[n], "user_id": tto, "key": f"key-{n}"}] * 2)
            assert said[0] == said[1] and said[0].isdigit(), said
            said = together(pair, [{"task": "choose", "bid_id": bid, "user_id": seeker} for bid in rounds[n]])
            assert sorted(said)[0] == "chosen" and sorted(said)[1].startswith("refused"), said
            said = together(pair, [{"task": "edit", "capability_id": drafts[n], "user_id": who, "version": 1} for who in (tto, professor)])
            assert sorted(said)[0] == "edited" and sorted(said)[1] == "refused: Stale", said
            number = f"20263101{n:08d}"
            said = together(pair, [{"task": "register", "contract_id": c, "user_id": tto, "number": number} for c in signed[n]])
            assert said.count("registered") == 1 and not [s for s in said if s.startswith("broken")], said
    for challenge_id in (*calls, *twice):
        assert db.session.scalar(select(func.count()).where(Bid.challenge_id == challenge_id)) == 1
    assert db.session.scalar(select(func.count()).where(Bid.state == "chosen")) == ROUNDS
    assert db.session.scalar(select(func.count()).where(Contract.state == "registered")) == ROUNDS
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == ROUNDS
    assert_whole()


def _call(cast: Cast, n: int) -> int:
    return int(_published(cast, n).id)


def _published(cast: Cast, n: int) -> Challenge:
    made = ChallengeFactory(
        organisation=cast.enterprise, author_id=cast.engineer.id, open_call=True, number=f"PT-JB-2026-{n:04d}", publicity_days=0
    )
    IndicatorFactory(challenge=made)
    search.refresh(bidding.fresh_call(made))
    return bidding.fresh_call(made)


def _two_opened(cast: Cast, n: int) -> list[int]:
    call = _published(cast, n)
    both = [bidding.sent(call, cast.tto).id, bidding.sent(call, cast.rival).id]
    with transaction():
        bidding.fresh_call(call).closes_at = clock.now() - timedelta(hours=1)
    selection.open_all(bidding.fresh_call(call), actor(cast.seeker))
    return both


def _two_signed(cast: Cast) -> list[int]:
    made = [ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True).id for _ in range(2)]
    for number in made:
        contract = contract_queries.get(number)
        assert contract is not None
        contracts.take_step(contract, "file", actor(cast.tto), {"filed_on": clock.today()})
    return made


@pytest.mark.timeout(240)
def test_a_process_killed_in_the_middle_leaves_nothing_half_done(app: Flask, cast: Cast, place: Place) -> None:
    organisation = cast.enterprise.id
    with processes(place, 1) as (writer,):
        writer.ask("hang", organisation_id=organisation)
        half = int(writer.hear())
        writer.kill()
    assert db.session.get(Challenge, half) is None
    started = time.monotonic()
    with transaction() as session:  # the dead process holds no lock
        session.add(Challenge(organisation_id=organisation, title="之后", pain="之后", region="310107", indicators=[]))
    assert time.monotonic() - started < 5
    assert_whole()


@pytest.mark.timeout(240)
def test_what_was_said_to_be_kept_is_kept_after_a_kill(app: Flask, cast: Cast, place: Place) -> None:
    organisation = cast.enterprise.id
    kept: set[int] = set()
    for lines in (1, 7, 20):
        with processes(place, 2) as pair:
            for one in pair:
                one.ask("write", count=500, organisation_id=organisation)
            kept |= {int(pair[0].hear()) for _ in range(lines)}
            for one in pair:
                one.kill()
            for one in pair:
                kept |= {int(said) for said in iter(one.hear, None)}  # what it had said before it died
    assert len(kept) > 28
    there = set(db.session.scalars(select(Challenge.id)))
    assert kept <= there, f"lost: {sorted(kept - there)}"
    chained = set(
        db.session.scalars(select(HistoryEntry.subject_id).where(HistoryEntry.subject_kind == "challenge", HistoryEntry.step == "create"))
    )
    assert {row for row in there if row in chained} == there
    assert_whole()
