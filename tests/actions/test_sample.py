"""The sample market: what it holds, that it tells the truth about itself, and that it leaves without a trace."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from market.actions import goals, history, market_clock, sample, sample_accounts
from market.actions.sample import FILES
from market.actions.sample.chronicle import Chronicle
from market.actions.sample.people import store
from market.db import db, transaction
from market.domain import clock
from market.domain.bids import BID
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE
from market.domain.contacts import CONTACT
from market.domain.contracts import CONTRACT
from market.domain.errors import IllegalStep, Invalid
from market.domain.leads import LEAD
from market.domain.lifecycle import Lifecycle
from market.domain.objections import OBJECTION
from market.domain.organisations import ORGANISATION
from market.domain.permissions import SYSTEM
from market.models import (
    Attachment,
    AttachmentGrant,
    Bid,
    BidAnswer,
    BidMember,
    BidMilestone,
    BidResponse,
    Capability,
    Challenge,
    Contact,
    ContactLine,
    Contract,
    Goal,
    HistoryEntry,
    Lead,
    Notice,
    Objection,
    Organisation,
    Outbox,
    Release,
    Setting,
    User,
)
from market.queries import accounts, settings, verify
from tests.factories import ChallengeFactory, OrganisationFactory, UserFactory

LIFECYCLES: dict[type, Lifecycle] = {
    Challenge: CHALLENGE, Capability: CAPABILITY, Bid: BID, Contact: CONTACT, Contract: CONTRACT, Lead: LEAD, Organisation: ORGANISATION,
    Objection: OBJECTION,
}  # fmt: skip
NOT_SHOWN: dict[type, set[str]] = {}


def number_of(model: type, *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def states_of(model: type) -> set[str]:
    return set(db.session.scalars(select(model.state).distinct()))


def problems() -> list[str]:
    return [problem for report in verify.everything() for problem in report.problems]


def test_the_sample_market_is_whole_and_dated_from_today_and_tells_the_truth(app: Flask) -> None:
    assert not sample.present()
    clock.fix(datetime(2026, 11, 24, 4, 0, tzinfo=UTC))  # late in a year, when most of its contracts are signed
    sample.load()

    assert sample.present()
    assert problems() == []
    _it_is_large_enough()
    _it_shows_every_state()
    _people_were_told_and_papers_are_kept()
    _answers_to_indicators_are_written_one_by_one()
    _everything_is_marked()
    _nothing_lies_ahead()
    _sealed_bids_have_no_rows()
    _goals_and_release_say_sample()
    made = sample_accounts.renew(FILES / "people.csv")
    assert len(made) == 14
    assert number_of(User, User.password_hash.is_not(None)) == 14
    with pytest.raises(IllegalStep):
        sample.load()


def _it_is_large_enough() -> None:
    assert number_of(Organisation) >= 60
    assert number_of(Challenge) >= 150
    assert number_of(Capability) >= 400
    assert number_of(Contract, Contract.source != "registry") >= 300
    assert number_of(Contract, Contract.source == "registry") >= 1_500
    assert number_of(HistoryEntry) > 5_000


def _it_shows_every_state() -> None:
    for model, lifecycle in LIFECYCLES.items():
        assert set(lifecycle.states) - states_of(model) == NOT_SHOWN.get(model, set()), model.__name__


def _people_were_told_and_papers_are_kept() -> None:
    assert {"waiting", "told"} <= states_of(Outbox)
    told = set(db.session.scalars(select(Notice.kind)))
    assert told >= {"contact_asked", "challenge_submitted", "challenge_returned", "bid_invited", "bid_chosen", "organisation", "lead"}
    for name in ("zhou.e01", "xu.i03", "cui.b00"):
        person = select(User.id).where(User.email.startswith(name))
        assert number_of(Notice, Notice.user_id.in_(person), Notice.read_at.is_(None)) > 0, name
    kinds = set(db.session.scalars(select(Attachment.subject_kind)))
    assert kinds == {"challenge", "contact_line"}
    assert number_of(AttachmentGrant) > 0


def _answers_to_indicators_are_written_one_by_one() -> None:
    rows = db.session.scalars(select(BidResponse)).all()
    assert {row.meets for row in rows} == {"meets", "exceeds", "partly"}
    reasons = [row.basis for row in rows]
    assert len(set(reasons)) == len(reasons) and min(map(len, reasons)) >= 15
    assert all(row.promised and row.promised != row.basis for row in rows)


def _everything_is_marked() -> None:
    for model in (Organisation, User, Challenge, Capability, Lead, Contact, ContactLine, Bid, Contract, Release, HistoryEntry):
        assert number_of(model, model.is_sample.is_(False)) == 0, model.__name__
    assert number_of(Organisation, Organisation.name.not_like("%（示例）")) == 0
    assert number_of(Contract, Contract.seller_name.not_like("%（示例）")) == 0
    site = settings.current()
    assert site.sample_market
    assert all("示例" in words for words in (site.organiser, site.icp, site.police_record, site.site_code))


def _nothing_lies_ahead() -> None:
    today, now = clock.today(), clock.now()
    assert number_of(Contract, Contract.signed_on > today) == 0
    assert number_of(Contract, Contract.registered_on > today) == 0
    assert number_of(ContactLine, ContactLine.happened_on > today) == 0
    assert number_of(HistoryEntry, HistoryEntry.at > now) == 0
    assert number_of(Challenge, Challenge.published_at > now) == 0
    assert number_of(Challenge, Challenge.procedure == "open_call", Challenge.state == "published", Challenge.closes_at <= now) == 0
    running = db.session.scalars(select(Challenge).where(Challenge.state == "publicity")).all()
    assert running
    assert all(one.publicity_from and one.publicity_until and one.publicity_from <= today <= one.publicity_until for one in running)
    numbers = db.session.scalars(select(Challenge.number).where(Challenge.number.is_not(None))).all()
    assert numbers
    assert all(number and number.startswith("PT-JB-20") for number in numbers)


def _sealed_bids_have_no_rows() -> None:
    sealed = select(Bid.id).where(Bid.state.in_(("intention", "submitted")))
    assert number_of(Bid, Bid.id.in_(sealed)) >= 10
    assert number_of(BidAnswer, BidAnswer.bid_id.in_(sealed)) == 0
    assert number_of(BidMilestone, BidMilestone.bid_id.in_(sealed)) == 0
    assert number_of(Bid, Bid.payload.is_(None)) == 0
    assert number_of(Bid, Bid.state == "opened", Bid.alias.is_(None)) == 0
    shares = db.session.scalars(select(func.sum(BidMember.share_bp)).group_by(BidMember.bid_id)).all()
    assert set(shares) == {10_000}


def _goals_and_release_say_sample() -> None:
    goal = db.session.get(Goal, clock.today().year)
    assert goal is not None
    assert goal.baseline_source == goals.SAMPLE_SOURCE
    assert goal.increment_fen is None
    release = db.session.scalars(select(Release)).one()
    assert (release.year, release.figures["sample"]) == (clock.today().year - 1, True)


def test_removing_the_sample_leaves_what_is_real_and_nothing_else(app: Flask) -> None:
    store({"phone": "021-52564588"}, clock.now())
    own = OrganisationFactory(name="真实企业")
    challenge = ChallengeFactory(organisation=own, state="draft", title="真实的难题")
    before = (own.id, challenge.id)
    sample.load()
    office = db.session.scalars(select(Organisation).where(Organisation.kind == "commission")).one()
    admin = UserFactory(organisation=office, email="real@example.org", roles=["sysadmin"]).id
    with transaction():
        store({"organiser": "真实的主办单位"}, clock.now())
    someone = db.session.scalars(select(User.id).where(User.is_sample)).first()
    assert someone is not None
    history.record("user", someone, "change_password", SYSTEM)  # does not say that it is about a sample
    seen = sample.counts()

    assert sample.remove() == sum(seen.values())

    assert set(sample.counts().values()) == {0}
    assert db.session.scalars(select(Organisation.id)).all() == [before[0]]
    assert db.session.scalars(select(Challenge.title).where(Challenge.id == before[1])).all() == ["真实的难题"]
    assert number_of(Challenge) == 1
    user = accounts.user_by_email("real@example.org")
    assert user is not None
    assert (user.id, user.organisation_id) == (admin, None)
    assert db.session.scalar(text("SELECT count(*) FROM search_index")) == 0
    assert number_of(HistoryEntry, HistoryEntry.is_sample) == 0
    site = settings.current()
    assert (site.sample_market, site.phone, site.icp, site.organiser) == (False, "021-52564588", "", "真实的主办单位")
    assert problems() == []
    assert not sample.present()
    with pytest.raises(IllegalStep):
        sample.remove()


def test_a_bulk_chain_is_the_chain_that_single_entries_make(app: Flask) -> None:
    chronicle = Chronicle()
    late, early = clock.now(), clock.start_of_day(clock.today())
    chronicle.add("challenge", 7, "create", SYSTEM, late, to_state="draft")
    chronicle.add("challenge", 7, "submit", SYSTEM, early, from_state="draft", to_state="submitted", detail={"说": "好"})

    assert chronicle.write() == 2

    entries = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq)).all()
    assert [entry.at for entry in entries] == [late, late]
    assert problems() == []


def test_the_clock_moves_only_in_a_sample_market_and_only_forward(app: Flask) -> None:
    with pytest.raises(IllegalStep):
        market_clock.advance(1)
    with transaction() as session:
        session.add(Setting(name="sample_market", value=True, changed_at=clock.now()))

    assert market_clock.advance(3) == 3
    assert market_clock.advance(4) == 7
    assert settings.current().clock_offset_days == 7
    for days in (0, -1, 5000):
        with pytest.raises(Invalid):
            market_clock.advance(days)


def test_the_commands_say_what_they_refuse(app: Flask) -> None:
    runner = app.test_cli_runner()

    refused = runner.invoke(args=["clock", "advance", "--days", "1"])
    assert refused.exit_code != 0
    assert "只有示例市场" in refused.output
    assert "0 days ahead" in runner.invoke(args=["clock", "show"]).output
    assert "No sample market" in runner.invoke(args=["sample", "status"]).output
    assert runner.invoke(args=["sample", "remove", "--yes"]).exit_code != 0
