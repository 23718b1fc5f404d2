"""Bids below the pages: one payload until opening, deadlines, consortia, choosing once."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from market import db as database
from market.actions import bids as actions
from market.actions import contracts, selection
from market.actions.bid_body import seal, unseal
from market.db import db, transaction
from market.domain import bids as rules
from market.domain import clock
from market.domain.errors import Duplicate, Forbidden, IllegalStep, Invalid, MarketError
from market.models import Bid, BidAnswer, BidMilestone, BidResponse, Challenge, HistoryEntry, Notice, Outbox
from market.queries import bids as queries
from tests.bidding import CANARY, actor, call, fresh, fresh_call, sent, values
from tests.cast import Cast


def _rows() -> int:
    return sum(db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (BidAnswer, BidResponse, BidMilestone))


def _close(challenge: Challenge) -> Challenge:
    found = fresh_call(challenge)
    assert found.closes_at is not None
    clock.fix(found.closes_at + timedelta(seconds=1))
    return found


def test_a_payload_comes_back_as_it_went_in() -> None:
    body = rules.blank() | {"basis": "冬天🔋", "milestones": [{"name": "一", "month": 1, "share_bp": 10_000}]}
    assert unseal(seal(body)) == body and seal(dict(reversed(body.items()))) == seal(body)


@pytest.mark.parametrize("visibility", ["on_arrival", "at_deadline"])
def test_a_sent_bid_is_one_payload_with_a_receipt_and_no_rows(cast: Cast, visibility: str) -> None:
    bid = sent(call(cast, visibility=visibility), cast.tto)
    assert bid.payload is not None and bid.payload_sha256 == hashlib.sha256(bid.payload).hexdigest() and bid.received_at == clock.now()
    assert bid.state == ("submitted" if visibility == "at_deadline" else "intention") and _rows() == 0
    entries = db.session.scalars(select(HistoryEntry).where(HistoryEntry.subject_kind == "bid")).all()
    assert entries and all(CANARY not in f"{e.detail}{e.reason}" for e in entries)


def test_bids_are_written_only_for_a_published_open_call_of_others_by_the_verified(cast: Cast) -> None:
    challenge = call(cast)
    with pytest.raises(Forbidden, match="本单位"):
        actions.create(fresh_call(challenge), values(challenge), actor(cast.seeker))
    with pytest.raises(Forbidden):
        actions.create(fresh_call(challenge), values(challenge), actor(cast.clerk))
    cast.institute.state = "pending"
    db.session.commit()
    with pytest.raises(Forbidden):
        actions.create(fresh_call(challenge), values(challenge), actor(cast.tto))
    cast.institute.state = "verified"
    fresh_call(challenge).procedure = "negotiated"
    db.session.commit()
    with pytest.raises(IllegalStep, match="不是揭榜"):
        actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.tto))


def test_one_organisation_has_one_live_bid(cast: Cast) -> None:
    challenge = call(cast)
    sent(challenge, cast.tto)
    with pytest.raises(Duplicate):
        actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.professor))


def test_late_is_refused_inside_the_write_and_what_stood_still_stands(cast: Cast) -> None:
    bid = sent(call(cast, visibility="at_deadline"), cast.tto)
    closes_at = bid.challenge.closes_at
    assert closes_at is not None
    clock.fix(closes_at)
    actions.send(fresh(bid), values(fresh(bid).challenge, team="七人"), actor(cast.tto))
    receipt = fresh(bid).payload_sha256
    clock.fix(closes_at + timedelta(seconds=1))
    for late in (actions.send, actions.save):
        with pytest.raises(rules.Late):
            late(fresh(bid), values(fresh(bid).challenge, team="八人"), actor(cast.tto))
    with pytest.raises(rules.Late):
        actions.withdraw(fresh(bid), actor(cast.tto))
    with pytest.raises(rules.Late):
        actions.create(fresh_call(bid.challenge), values(fresh(bid).challenge), actor(cast.rival))
    assert fresh(bid).payload_sha256 == receipt and fresh(bid).state == "submitted"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"responses": {}}, "responses"),
        ({"milestones": [{"name": "一", "month": 3, "share_bp": 9_900}]}, "milestones"),
        ({"milestones": [{"name": "一", "month": 13, "share_bp": 10_000}]}, "milestones"),
        ({"technology_fen": 80_000_001}, "technology"),
        ({"equipment_fen": None}, "technology"),
        ({"route": ""}, "route"),
        ({"basis": ""}, "basis"),
    ],
)
def test_a_full_answer_must_be_whole(cast: Cast, more: dict[str, Any], field: str) -> None:
    challenge = call(cast, visibility="at_deadline")
    with pytest.raises(Invalid) as refused:
        sent(challenge, cast.tto, **more)
    assert field in refused.value.fields


def test_an_open_price_needs_no_split_and_a_missed_must_have_may_be_said(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    key = str(challenge.indicators[0].id)
    open_price = {"price_fen": None, "technology_fen": None, "equipment_fen": None}
    assert sent(challenge, cast.tto, responses={key: {"promised": "", "meets": "misses", "basis": ""}}, **open_price).state == "submitted"


def test_withdrawn_it_may_be_sent_again_until_the_deadline(cast: Cast) -> None:
    bid = sent(call(cast, visibility="at_deadline"), cast.tto)
    actions.withdraw(bid, actor(cast.tto))
    actions.redraft(fresh(bid), actor(cast.tto))
    assert fresh(bid).state == "draft" and fresh(bid).payload_sha256 is None
    actions.send(fresh(bid), values(fresh(bid).challenge), actor(cast.tto))
    assert fresh(bid).state == "submitted"


def test_a_saved_answer_of_an_invited_bidder_is_not_read_before_it_is_sent(cast: Cast) -> None:
    bid = sent(call(cast), cast.tto)
    selection.invite(bid, actor(cast.seeker))
    receipt = fresh(bid).payload_sha256
    actions.save(fresh(bid), values(fresh(bid).challenge, basis="还没写完"), actor(cast.tto))
    seen = actions.body_for(fresh(bid), actor(cast.seeker))
    assert seen is not None and seen["basis"].startswith(CANARY) and seen["route"] == "" and "draft" not in seen
    assert actions.editable_body(fresh(bid))["basis"] == "还没写完" and fresh(bid).payload_sha256 == receipt
    actions.send(fresh(bid), values(fresh(bid).challenge), actor(cast.tto))
    seen = actions.body_for(fresh(bid), actor(cast.engineer))
    assert fresh(bid).state == "submitted" and seen is not None and seen["complete"] and CANARY in seen["route"]


def _readers(cast: Cast, bid: Bid) -> set[str]:
    return {part for part, user in cast.people().items() if actions.body_for(fresh(bid), actor(user)) is not None}


def test_who_reads_a_bid_before_and_after_opening(cast: Cast) -> None:
    sealed = sent(call(cast, visibility="at_deadline"), cast.tto)
    bidder, enterprise = {"tto", "professor"}, {"seeker", "engineer"}
    assert _readers(cast, sealed) == bidder
    assert queries.count_visible(fresh_call(sealed.challenge), actor(cast.seeker)) is None
    challenge = _close(sealed.challenge)
    assert _readers(cast, sealed) == bidder
    selection.open_all(challenge, actor(cast.seeker))
    assert _readers(cast, sealed) == bidder | enterprise | {"clerk", "reviewer", "leader", "auditor"}
    assert queries.count_visible(fresh_call(sealed.challenge), actor(cast.seeker)) == 1


def test_on_arrival_the_enterprise_reads_and_the_staff_do_not_yet(cast: Cast) -> None:
    bid = sent(call(cast), cast.tto)
    assert _readers(cast, bid) == {"tto", "professor", "seeker", "engineer"}
    assert queries.count_visible(fresh_call(bid.challenge), actor(cast.seeker)) == 1
    assert queries.count_visible(fresh_call(bid.challenge), actor(cast.clerk)) is None
    actions.withdraw(fresh(bid), actor(cast.tto))
    assert _readers(cast, bid) == {"tto", "professor"}


def test_an_author_who_left_the_enterprise_reads_nothing(cast: Cast) -> None:
    bid = sent(call(cast), cast.tto)
    cast.engineer.organisation_id = cast.rival.organisation_id
    db.session.commit()
    assert "engineer" not in _readers(cast, bid)
    assert queries.of_challenge(fresh_call(bid.challenge), actor(cast.engineer)) == []


def test_a_sealed_bid_tells_nobody_but_its_bidder(cast: Cast) -> None:
    sent(call(cast, visibility="at_deadline"), cast.tto)
    assert db.session.scalars(select(Outbox)).all() == [] and db.session.scalars(select(Notice)).all() == []


def _consortium(cast: Cast, **more: Any) -> dict[str, Any]:
    members = [{"who": "别家研究院", "task": "整包", "share_bp": 3_000}]
    return {"members": members, "lead_task": "电芯", "lead_share_bp": 7_000, **more}


def test_a_consortium_is_sent_once_every_member_confirmed(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    consortium = _consortium(cast)
    with pytest.raises(IllegalStep, match="没有全部确认"):
        sent(challenge, cast.tto, **consortium)
    bid = db.session.scalars(select(Bid)).one()
    assert db.session.scalars(select(Notice.user_id)).all() == [cast.rival.id] and db.session.scalars(select(Outbox)).all() == []
    with pytest.raises(Forbidden):
        actions.answer_membership(fresh(bid), True, actor(cast.stranger))
    with pytest.raises(Forbidden):
        actions.answer_membership(fresh(bid), True, actor(cast.professor))
    actions.answer_membership(fresh(bid), True, actor(cast.rival))
    assert actions.body_for(fresh(bid), actor(cast.rival)) is not None
    actions.send(fresh(bid), values(fresh(bid).challenge, **consortium), actor(cast.tto))
    assert fresh(bid).state == "submitted"
    with pytest.raises(IllegalStep, match="不能改联合体"):
        actions.send(fresh(bid), values(fresh(bid).challenge, members=[]), actor(cast.tto))


def test_a_changed_share_asks_the_member_again_and_a_decline_shuts_it_out(cast: Cast) -> None:
    challenge = call(cast)
    bid = fresh(actions.create(challenge, values(challenge, **_consortium(cast)), actor(cast.tto)))
    actions.answer_membership(bid, True, actor(cast.rival))
    changed = _consortium(cast, lead_share_bp=6_000)
    changed["members"][0]["share_bp"] = 4_000
    actions.save(fresh(bid), values(fresh(bid).challenge, **changed), actor(cast.tto))
    actions.answer_membership(fresh(bid), False, actor(cast.rival))
    assert actions.body_for(fresh(bid), actor(cast.rival)) is None and fresh(bid) not in queries.mine(actor(cast.rival))
    with pytest.raises(IllegalStep, match="没有全部确认"):
        actions.send(fresh(bid), values(fresh(bid).challenge, **changed), actor(cast.tto))


@pytest.mark.parametrize(("who", "said"), [("申城电池厂", "发榜单位"), ("江南研究院", "牵头单位"), ("没有这家", "没有找到")])
def test_not_everybody_may_be_a_member(cast: Cast, who: str, said: str) -> None:
    challenge = call(cast)
    with pytest.raises(Invalid, match=said):
        actions.create(
            challenge, values(challenge, **_consortium(cast, members=[{"who": who, "task": "", "share_bp": 3_000}])), actor(cast.tto)
        )


def test_the_shares_of_a_consortium_make_a_hundred(cast: Cast) -> None:
    challenge = call(cast)
    with pytest.raises(Invalid, match="100%"):
        actions.create(challenge, values(challenge, **_consortium(cast, lead_share_bp=6_999)), actor(cast.tto))


def _two_bids(cast: Cast, **more: Any) -> tuple[Challenge, Bid, Bid]:
    challenge = call(cast, visibility="at_deadline", **more)
    first, second = sent(challenge, cast.tto), sent(challenge, cast.rival, price_fen=None, technology_fen=None, equipment_fen=None)
    actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.stranger))
    with pytest.raises(IllegalStep, match="截止之后"):
        selection.open_all(fresh_call(challenge), actor(cast.seeker))
    selection.open_all(_close(challenge), actor(cast.seeker))
    return challenge, first, second


def test_opening_makes_rows_of_all_at_once_under_random_names(cast: Cast) -> None:
    challenge, first, second = _two_bids(cast)
    assert {fresh(first).alias, fresh(second).alias} == {"申报方甲", "申报方乙"} and fresh_call(challenge).state == "selecting"
    opened = fresh(first)
    assert opened.answer is not None and opened.answer.price_fen == 100_000_000 and opened.answer.complete
    assert [m.share_bp for m in opened.milestones] == [4_000, 6_000] and opened.responses[0].meets == "exceeds"
    assert actions.body_for(opened, actor(cast.seeker)) == unseal(opened.payload or b"{}")
    assert sorted(db.session.scalars(select(Bid.state)).all()) == ["lapsed", "opened", "opened"]
    with pytest.raises(IllegalStep):
        selection.open_all(fresh_call(challenge), actor(cast.seeker))


def test_only_the_authorised_people_of_the_enterprise_open_and_choose(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    bid = sent(challenge, cast.tto)
    _close(challenge)
    for part, user in cast.people().items():
        if part != "seeker":
            with pytest.raises(Forbidden):
                selection.open_all(fresh_call(challenge), actor(user))
    selection.open_all(fresh_call(challenge), actor(cast.seeker))
    for part, user in cast.people().items():
        if part != "seeker":
            with pytest.raises(Forbidden):
                selection.choose(fresh(bid), actor(user), "好")


def test_one_is_chosen_with_a_reason_and_all_are_told(cast: Cast) -> None:
    challenge, first, second = _two_bids(cast)
    with pytest.raises(Invalid):
        selection.choose(fresh(first), actor(cast.seeker), "  ")
    with pytest.raises(Invalid):
        selection.choose(fresh(first), actor(cast.seeker), "好", {second.id: "no-such"})
    selection.choose(fresh(first), actor(cast.seeker), "指标最稳", {second.id: "price"})
    assert (fresh(first).state, fresh(second).state, fresh(second).loss_reason) == ("chosen", "not_chosen", "price")
    assert fresh_call(challenge).state == "selected"
    told = {(n.user_id, n.kind): n.text for n in db.session.scalars(select(Notice)).all()}
    assert (cast.tto.id, "bid_chosen") in told and "报价超出预算" in told[(cast.rival.id, "bid_not_chosen")]
    assert all("江南研究院" not in text for (user, _kind), text in told.items() if user == cast.rival.id)
    contract = contracts.create_from_bid(fresh(first), actor(cast.tto))
    assert contract.amount_fen == 100_000_000 and contract.technical_amount_fen == 80_000_000
    with pytest.raises(MarketError):
        selection.choose(fresh(second), actor(cast.seeker), "也好")


def test_publicity_runs_for_working_days_and_ends_by_confirmation_only_when_over(cast: Cast) -> None:
    challenge, first, _second = _two_bids(cast, publicity_days=5)
    clock.fix(clock.start_of_day(clock.local(clock.now()).date().replace(year=2026, month=9, day=28)) + timedelta(hours=2))
    selection.choose(fresh(first), actor(cast.seeker), "指标最稳")
    shown = fresh_call(challenge)
    assert shown.state == "publicity" and shown.publicity_from is not None and shown.publicity_until is not None
    assert str(shown.publicity_from) == "2026-09-28" and str(shown.publicity_until) == "2026-10-09"  # 国庆 1–7 October is not counted
    clock.fix(clock.end_of_day(shown.publicity_until))
    with pytest.raises(IllegalStep, match="公示期还没有结束"):
        selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    clock.fix(clock.end_of_day(shown.publicity_until) + timedelta(seconds=1))
    selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    assert fresh_call(challenge).state == "selected"


def test_a_bid_in_reserve_may_still_be_chosen(cast: Cast) -> None:
    challenge, first, second = _two_bids(cast)
    selection.reserve(fresh(second), actor(cast.seeker))
    selection.choose(fresh(second), actor(cast.seeker), "候补转正")
    assert (fresh(first).state, fresh(second).state, fresh_call(challenge).state) == ("not_chosen", "chosen", "selected")


def test_ending_without_a_choice_wants_a_reason_and_keeps_unopened_bids_shut(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    bid = sent(challenge, cast.tto)
    with pytest.raises(IllegalStep, match="截止之后"):
        selection.no_award(fresh_call(challenge), actor(cast.seeker), "没有合适的")
    _close(challenge)
    with pytest.raises(Invalid):
        selection.no_award(fresh_call(challenge), actor(cast.seeker), "")
    selection.no_award(fresh_call(challenge), actor(cast.seeker), "没有合适的")
    assert fresh(bid).state == "lapsed" and fresh_call(challenge).state == "unsuccessful" and _rows() == 0
    assert _readers(cast, bid) == {"tto", "professor"}


def test_the_database_itself_refuses_a_second_award(cast: Cast) -> None:
    challenge = call(cast)
    both = (cast.institute.id, cast.rival.organisation_id)
    with transaction() as session:
        session.add_all([Bid(challenge_id=challenge.id, organisation_id=one, state="opened", opened_at=clock.now()) for one in both])
    for bid in db.session.scalars(select(Bid)).all():
        bid.state = "chosen"
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_two_who_choose_at_the_same_moment_make_one_award(app: Flask, cast: Cast) -> None:
    challenge, first, second = _two_bids(cast)
    who, now, both, number = actor(cast.seeker), clock.now(), [first.id, second.id], challenge.id
    db.session.remove()
    gate, outcomes = threading.Barrier(2), []

    def run(bid_id: int) -> None:
        clock.fix(now)
        database.use_read_only(False)
        with app.app_context():
            gate.wait(10)
            try:
                selection.choose(fresh(bid_id), who, "我选它")
                outcomes.append("chosen")
            except MarketError as error:
                outcomes.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(bid_id,)) for bid_id in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("chosen") == 1 and len(outcomes) == 2, outcomes
    states = sorted(db.session.scalars(select(Bid.state).where(Bid.id.in_(both))).all())
    assert states == ["chosen", "not_chosen"]
    assert db.session.scalar(select(Challenge.state).where(Challenge.id == number)) == "selected"
