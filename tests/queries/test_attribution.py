"""Chains are read from the records; the classes partition every figure, row by row, in a fixed number of statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.db import db, transaction
from market.domain import attribution as rules
from market.domain import clock
from market.domain.statistics import Filter
from market.models import Adjustment, ContactLine, Contract, Impression, MatchOutcome
from market.queries import attribution as queries
from market.queries import contracts, figure_rows
from market.queries import statistics as counted
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory, ContractFactory
from tests.queries.test_statistics import ledger, statements

DAY = timedelta(days=1)


def deal(cast: Cast, days_before: int = 10, **more: object) -> Contract:
    """Return a contract of the cast's two sides, signed `days_before` days after their accepted contact, today."""
    then = clock.now() - days_before * DAY
    capability = CapabilityFactory(organisation=cast.institute, published=True)
    contact = ContactFactory(
        seeker=cast.enterprise, provider=cast.institute, capability=capability, state="contracted", created_at=then,
        answered_at=then + timedelta(hours=2), broker_id=cast.broker.id,
    )  # fmt: skip
    made: Contract = ContractFactory(
        seller=cast.institute, buyer=cast.enterprise, contact_id=contact.id, capability_id=capability.id, registered=True, **more
    )
    return made


def of(contract: Contract) -> rules.Chain:
    found = contracts.get(contract.id)
    assert found is not None
    return queries.of(found)


def test_the_chain_of_a_deal_is_unbroken_and_names_the_broker(app: Flask, cast: Cast) -> None:
    contract = deal(cast)
    with transaction() as session:
        seen = {"organisation_id": cast.enterprise.id, "query_kind": "challenge", "item_kind": "capability", "item_id": contract.capability_id, "rank": 1, "engine_version": "x", "surface": "challenge"}  # fmt: skip
        session.add(Impression(at=clock.now() - 12 * DAY, **seen))
        session.add(MatchOutcome(at=clock.now() - 11 * DAY, act="opened", **seen))
        session.add(ContactLine(contact_id=contract.contact_id, happened_on=clock.today() - 5 * DAY, kind="visit", text="去看了", created_at=clock.now() - 4 * DAY))  # fmt: skip
    chain = of(contract)
    assert chain.kind == "originated" and [person.name for person in chain.people] == ["周经理"]
    days = [link.day for link in chain.links if link.state == "done"]
    assert chain.missing == [] and days == sorted(days) and len(days) == 6
    assert "走访" in next(link.note for link in chain.links if link.name == "meeting")


@pytest.mark.parametrize("signed_days_ago", [0, 11])
def test_a_contract_older_than_its_contact_is_only_recorded(app: Flask, cast: Cast, signed_days_ago: int) -> None:
    contract = deal(cast, signed_on=clock.today() - signed_days_ago * DAY)
    assert of(contract).kind == ("originated" if not signed_days_ago else "recorded")


def test_a_contact_of_others_or_about_something_else_proves_nothing(app: Flask, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True)
    contract = ContractFactory(seller=cast.institute, buyer=cast.enterprise, challenge_id=challenge.id, registered=True)
    then = clock.now() - 30 * DAY
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, accepted=True, created_at=then)  # another listing
    ContactFactory(seeker=cast.enterprise, challenge_id=challenge.id, capability=None, accepted=True, created_at=then)  # another provider
    assert of(contract).kind == "recorded"
    ContactFactory(
        seeker=cast.enterprise, provider=cast.institute, challenge_id=challenge.id, capability=None, accepted=True, created_at=then, answered_at=then + DAY,
    )  # fmt: skip
    assert of(contract).kind == "originated"


def test_the_classes_make_up_every_figure_and_their_rows_sum_to_them(app: Flask, cast: Cast) -> None:
    ledger(80)
    first, second = deal(cast), deal(cast, signed_on=clock.today() - 40 * DAY)
    cancelled = deal(cast)
    with transaction():
        row = db.session.get_one(Contract, cancelled.id)
        row.state = "cancelled"
        gone = {"delta_fen": -row.amount_fen, "technical_delta_fen": -80_000_000}
        db.session.add(Adjustment(contract_id=row.id, kind="cancel", on=clock.today(), reason="解除", **gone))
    for wanted in (Filter(year=2026), Filter(year=2026, flow="all"), Filter(year=2026, stage="signed", type="KF"), Filter(year=2025)):
        found = queries.chains(wanted)
        cells = queries.totals(wanted, found)
        whole = counted.figure(wanted)
        assert sum(cell.amount_fen for cell in cells.values()) == whole.amount_fen
        assert sum(cell.count for cell in cells.values()) == whole.count
        listed = []
        for kind, cell in cells.items():
            rows = figure_rows.rows(wanted, only=queries.of_class(kind, found))
            assert sum(row.amount_fen for row in rows) == cell.amount_fen and sum(row.technical_fen for row in rows) == cell.technical_fen
            assert sum(row.state != "cancelled" or wanted.stage == "signed" for row in rows) == cell.count
            listed += [row.id for row in rows]
        assert sorted(listed) == sorted(row.id for row in figure_rows.rows(wanted))
    cells = queries.totals(Filter(year=2026))
    assert cells["originated"].count == 1 and cells["originated"].amount_fen == first.amount_fen
    assert second.id in queries.chains(Filter(year=2026))


def test_the_number_of_statements_does_not_grow(app: Flask, cast: Cast) -> None:
    counts = []
    for more in (2, 8):
        for _ in range(more):
            deal(cast)
        db.session.rollback()
        with statements() as seen:
            assert len(queries.chains(Filter(year=2026))) >= more
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7
