"""How many SQL statements each list and each page of one thing takes: exact, and the same for 3 rows and for 30.

A number that changes is not wrong by itself: say in the commit what the new statement is for. One that grows with
the rows is a query inside a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import pytest

from market import models
from market.actions import history, search
from market.db import db
from market.domain import clock
from market.domain.permissions import SYSTEM
from market.queries import memory
from tests import factories as make
from tests.bidding import values as bid_values
from tests.cast import Cast
from tests.page import Browser
from tests.statements import counted
from tests.web.quiet import quiet_engine

__all__ = ["quiet_engine"]  # the desk and the lead rank: without the model here

FEW, MANY = 3, 30


@dataclass
class World:
    """One of everything that has a page, with ever more rows around and below it."""

    names: dict[str, tuple[type[Any], int]]  # the cast by part: pages are asked with an empty session
    ids: dict[str, int]
    made: int = 0

    @property
    def cast(self) -> Cast:
        """The cast, loaded again."""
        return Cast(**{name: self.part(name) for name in self.names})

    def part(self, name: str) -> Any:
        """One of the cast, loaded again."""
        return db.session.get_one(*self.names[name])

    def grow(self, upto: int) -> None:
        """Make rows until there are `upto` of each kind."""
        for number in range(self.made, upto):
            self._listings(number)
            self._deals(number)
            self._desk(number)
        self.made = upto
        db.session.commit()

    def _listings(self, number: int) -> None:
        cast = self.cast
        hidden = {"organisation": make.OrganisationFactory(), "anonymous": True}
        wanted = make.ChallengeFactory(published=True, **(hidden if number % 2 else {"organisation": cast.enterprise}))
        offered = make.CapabilityFactory(published=True, organisation=cast.institute)
        for listing in (wanted, offered):
            search.refresh(listing)
        if number == 1:
            self.ids["hidden"] = wanted.id
        challenge, capability = self.ids.setdefault("challenge", wanted.id), self.ids.setdefault("capability", offered.id)
        db.session.add(_indicator(challenge, number))
        db.session.add(models.IpRight(capability_id=capability, type="invention", number=f"ZL2026{number:04d}", status="granted"))
        reasons = [{"kind": "best", "label": "", "strength": 0, "left": "", "right": "", "sentence": "低温"}]
        sides = (("challenge", challenge, "capability", offered.id), ("capability", capability, "challenge", wanted.id))
        for kind, listing_id, other, item in sides:
            history.record(kind, listing_id, "edit", SYSTEM)
            db.session.add(
                models.Match(
                    query_kind=kind, query_id=listing_id, item_kind=other, item_id=item, rank=number + 1, score=0.5, reasons=reasons,
                    engine_version="1", computed_at=clock.now(),
                )
            )  # fmt: skip
            if number:  # a ranking of each further listing, for the page of recommendations
                own = wanted.id if kind == "challenge" else offered.id
                there = self.ids["capability"] if kind == "challenge" else self.ids["hidden"]
                db.session.add(
                    models.Match(
                        query_kind=kind, query_id=own, item_kind=other, item_id=there, rank=1, score=0.5, reasons=reasons,
                        engine_version="1", computed_at=clock.now(),
                    )
                )  # fmt: skip

    def _deals(self, number: int) -> None:
        cast = self.cast
        contact = make.ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True, expected_fen=100)
        first = self.ids.setdefault("contact", contact.id)
        db.session.add(models.ContactLine(contact_id=first, happened_on=clock.today(), kind="call", text="通了电话", by_name="甲"))
        contract = make.ContractFactory(registered=True, seller=cast.institute, buyer=cast.enterprise)
        kept = self.ids.setdefault("contract", contract.id)
        db.session.add(models.Payment(contract_id=kept, paid_on=clock.today(), amount_fen=100 + number))
        for kind, key in (("contact", first), ("contract", kept)):
            history.record(kind, key, "note", SYSTEM)
        self._bid(number)

    def _bid(self, number: int) -> None:
        if "call" not in self.ids:
            call = make.ChallengeFactory(organisation=self.cast.enterprise, open_call=True, number="PT-JB-2026-0009")
            self.ids["call"] = call.id
        call_id = self.ids["call"]
        indicator = _indicator(call_id, number)
        db.session.add(indicator)
        bidder = self.cast.institute if number == 0 else make.OrganisationFactory(kind="institute")
        bid = models.Bid(
            challenge_id=call_id, organisation_id=bidder.id, state="opened", opened_at=clock.now(), received_at=clock.now(), alias=f"申报方{number}"
        )  # fmt: skip
        db.session.add(bid)
        db.session.flush()
        mine = self.ids.setdefault("bid", bid.id)
        self._answer(bid, indicator.id)
        if number:
            db.session.add(models.BidMember(bid_id=mine, organisation_id=bidder.id, task="试验"))
            db.session.add(models.BidMilestone(bid_id=mine, position=number, name="小试", month=number, share_bp=10))
        elsewhere = make.ChallengeFactory(open_call=True)
        db.session.add(models.Bid(challenge_id=elsewhere.id, organisation_id=self.cast.institute.id, state="draft"))

    def _answer(self, bid: models.Bid, indicator_id: int) -> None:
        plain = {"basis", "period_months", "price_fen", "technology_fen", "equipment_fen", "route", "team"}
        challenge = db.session.get_one(models.Challenge, bid.challenge_id)
        whole = {name: value for name, value in bid_values(_no_indicators(challenge)).items() if name in plain}
        db.session.add(models.BidAnswer(bid_id=bid.id, **whole))
        db.session.add(models.BidResponse(bid_id=bid.id, indicator_id=indicator_id, promised="86", meets="meets", basis="小试"))

    def _desk(self, number: int) -> None:
        cast = self.cast
        waiting = make.ChallengeFactory(state="submitted", submitted_at=clock.now(), answer_due=clock.today())
        lead = models.Lead(wrong="漏水", company=f"泵厂 {number}", phone="13900000000", assignee_id=cast.liaison.id, state="assigned")
        batch = models.ImportBatch(
            kind="capabilities", file_name=f"清单{number}.csv", file_sha256=f"{number:064d}", state="checked", by_id=cast.clerk.id,
            summary={"counts": {"good": 1, "refused": 0, "duplicate": 0}, "unknown": [], "sums": {}, "headers": ["标题"], "unmapped": [], "columns": ["标题"]},
        )  # fmt: skip
        db.session.add_all([lead, batch])
        db.session.flush()
        item, first = self.ids.setdefault("item", waiting.id), self.ids.setdefault("batch", batch.id)
        self.ids.setdefault("lead", lead.id)
        history.record("challenge", item, "submit", SYSTEM)
        history.record("lead", self.ids["lead"], "assign", SYSTEM)
        db.session.add(
            models.ImportRow(batch_id=first, number=number + 2, raw={"cells": ["甲"]}, values={"title": "甲"}, errors={}, state="good")
        )
        make.UserFactory(organisation=cast.enterprise, roles=["org_member"])
        db.session.add(models.Notice(user_id=cast.clerk.id, kind="deadline", title="截止", text="三天", link="/", created_at=clock.now()))


def _indicator(challenge_id: int, position: int) -> models.Indicator:
    return models.Indicator(challenge_id=challenge_id, position=position, name=f"保持率 {position}", target="85", unit="%", method="放电")


def _no_indicators(challenge: models.Challenge) -> Any:
    class Bare:
        id = challenge.id
        indicators: tuple[Any, ...] = ()

    return Bare


@pytest.fixture
def world(cast: Cast) -> World:
    """A market with nothing in it yet."""
    parts = {field.name: getattr(cast, field.name) for field in fields(cast)}
    return World({name: (type(part), part.id) for name, part in parts.items()}, {"institute": cast.institute.id})


Values = Callable[[World], dict[str, Any]]


def one(kind: str, name: str) -> Values:
    """Return the values of a page of one thing."""
    return lambda world: {name: world.ids[kind]}


NOTHING: Values = lambda _world: {}  # noqa: E731
PAGES: list[tuple[str, str, Values, int]] = [  # who, endpoint, values, statements
    ("", "home.index", NOTHING, 11),
    ("", "home.search", lambda _w: {"q": "电池"}, 10),
    ("", "challenges.index", NOTHING, 6),
    ("", "challenges.index", lambda _w: {"q": "电池", "field": "06"}, 6),
    ("", "capabilities.index", NOTHING, 6),
    ("", "challenges.detail", one("challenge", "challenge_id"), 7),
    ("", "capabilities.detail", one("capability", "capability_id"), 5),
    ("", "accounts.organisation", one("institute", "organisation_id"), 2),
    ("tto", "challenges.detail", one("challenge", "challenge_id"), 17),
    ("seeker", "capabilities.detail", one("capability", "capability_id"), 14),
    ("seeker", "challenges.mine", NOTHING, 8),
    ("tto", "capabilities.mine", NOTHING, 8),
    ("seeker", "accounts.members", NOTHING, 9),
    ("seeker", "matches.recommendations", NOTHING, 12),
    ("tto", "matches.recommendations", NOTHING, 15),
    ("seeker", "contacts.index", NOTHING, 10),
    ("seeker", "contacts.detail", one("contact", "contact_id"), 12),
    ("tto", "bids.index", NOTHING, 12),
    ("tto", "bids.detail", one("bid", "bid_id"), 13),
    ("seeker", "bids.compare", one("call", "challenge_id"), 18),
    ("tto", "contracts.index", NOTHING, 9),
    ("tto", "contracts.detail", one("contract", "contract_id"), 15),
    ("tto", "registration.board", lambda _w: {"state": "registered"}, 9),
    ("tto", "registration.check", one("contract", "contract_id"), 17),
    ("tto", "registration.copy", one("contract", "contract_id"), 13),
    ("clerk", "registration.duplicates", NOTHING, 9),
    ("clerk", "leads.index", NOTHING, 9),
    ("clerk", "leads.detail", one("lead", "lead_id"), 12),
    ("clerk", "moderation.queue", NOTHING, 11),
    ("clerk", "moderation.item", lambda w: {"kind": "challenge", "item_id": w.ids["item"]}, 22),
    ("clerk", "imports.index", NOTHING, 8),
    ("clerk", "imports.detail", one("batch", "batch_id"), 12),
    ("clerk", "home.todo", NOTHING, 7),
    ("clerk", "accounts.notices", NOTHING, 9),
    ("clerk", "accounts.verify_organisations", NOTHING, 9),
    ("leader", "statistics.cockpit", NOTHING, 19),
    ("leader", "statistics.rows", NOTHING, 11),
    ("leader", "statistics.crosstab", NOTHING, 13),
    ("leader", "statistics.maps", NOTHING, 15),
    ("leader", "statistics.forecast", NOTHING, 10),
]


SHELVES = {"home.search": 2, "challenges.index": 1, "capabilities.index": 1}
"""Kinds of listings whose facets a page reads whole at first; PostgreSQL is then asked as well which transactions run."""


def statements_of(browser: Browser, endpoint: str, values: dict[str, Any]) -> list[str]:
    """Return what the page asks the first time, nothing remembered."""
    db.session.remove()
    memory.forget()
    with counted() as statements:
        browser.see(endpoint, **values)
    return statements


def test_every_page_takes_its_number_of_statements_however_many_rows_there_are(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[int, list[list[str]]] = {number: [] for number in range(len(PAGES))}
    for size in (FEW, MANY):
        world.grow(size)
        for number, (who, endpoint, values, _wanted) in enumerate(PAGES):
            browser.sign_out()
            if who:
                browser.sign_in(world.part(who))
            seen[number].append(statements_of(browser, endpoint, values(world)))
    wrong = []
    for number, (few, many) in seen.items():
        who, endpoint, _values, wanted = PAGES[number]
        wanted += SHELVES.get(endpoint, 0) * (db.engine.dialect.name == "postgresql")
        if len(few) != wanted or len(many) != wanted:
            wrong.append(f"{who or 'visitor'} {endpoint}: {len(few)} with {FEW} rows, {len(many)} with {MANY}, not {wanted}")
    assert not wrong, "\n".join(wrong)
