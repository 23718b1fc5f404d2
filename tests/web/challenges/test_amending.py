"""A later deadline and words of explanation: later only, public, numbered, told to those concerned, silent about sealed bidders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from market.actions import amendments as actions
from market.actions import bids as bid_actions
from market.actions import reminders
from market.db import db
from market.domain import clock
from market.domain.errors import IllegalStep, Invalid
from market.models import Addendum, Challenge, HistoryEntry, Notice, Organisation, Outbox
from market.models import User as Person
from tests.bidding import actor, call, fresh_call, sent, values
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory
from tests.page import Browser

REASON = "现场设备检修，样品要晚两周才能寄出"


def _told(person: Person) -> list[str]:
    return list(db.session.scalars(select(Notice.title).where(Notice.user_id == person.id, Notice.kind == "challenge_amended")))


def _mailed() -> set[str]:
    return set(db.session.scalars(select(Outbox.to_address).where(Outbox.dedupe_key.like("%-addendum-%"))))


def _day(challenge: Challenge, days: int) -> Any:
    assert challenge.closes_at is not None
    return clock.local(challenge.closes_at).date() + timedelta(days=days)


def test_a_deadline_moves_later_with_both_dates_on_every_page(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    before, after = _day(challenge, 0), _day(challenge, 14)
    page = browser.sign_in(cast.seeker).see("challenges.detail", challenge_id=challenge.id)
    assert browser.url("challenges.extend", challenge_id=challenge.id) in page.links()
    page = browser.see("challenges.extend", challenge_id=challenge.id).submit("延期并通知各方", closes_on=f"{after}", reason=REASON)
    assert "已延期" in page.main
    browser.sign_out()
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert f"原定 {before}" in page.main and f"由 {before}" in page.main and f"推迟到 {after}" in page.main and REASON in page.main
    assert f"截止由 {before} 推迟到 {after}" in page.main and cast.seeker.name not in page.main
    assert str(after) in browser.see("challenges.one_page", challenge_id=challenge.id).main
    assert fresh_call(challenge).closes_at == clock.end_of_day(after)
    entry = db.session.scalars(select(HistoryEntry).where(HistoryEntry.step == "extend")).one()
    assert entry.reason == REASON and entry.detail == {"from": f"{before}", "to": f"{after}"}


@pytest.mark.parametrize("days", [0, -3])
def test_never_earlier_nor_the_same(browser: Browser, cast: Cast, days: int) -> None:
    challenge = call(cast, closes_at=clock.end_of_day(clock.today() + timedelta(days=20)))
    browser.sign_in(cast.seeker)
    page = browser.see("challenges.extend", challenge_id=challenge.id)
    page = page.submit("延期并通知各方", closes_on=f"{_day(challenge, days)}", reason=REASON)
    assert "只能往后延" in page.main and REASON in page.body
    assert db.session.scalar(select(func.count()).select_from(Addendum)) == 0


def test_a_reason_is_needed_and_a_slip_of_the_year_is_caught(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    page = browser.sign_in(cast.seeker).see("challenges.extend", challenge_id=challenge.id)
    assert "请写明延期的理由" in page.submit("延期并通知各方", closes_on=f"{_day(challenge, 5)}", reason=" ").main
    page = page.submit("延期并通知各方", closes_on=f"{_day(challenge, 400)}", reason=REASON)
    assert "最多到一年以后" in page.main


def test_after_the_deadline_only_a_call_without_bids_may_be_extended(cast: Cast) -> None:
    answered, empty = call(cast), ChallengeFactory(organisation=cast.enterprise, open_call=True)
    sent(answered, cast.tto)
    who, later = actor(cast.seeker), _day(fresh_call(answered), 30)
    clock.fix(clock.end_of_day(_day(fresh_call(answered), 1)))
    with pytest.raises(IllegalStep, match="收到了申报"):
        actions.extend(fresh_call(answered), later, REASON, who)
    actions.extend(fresh_call(empty), later, REASON, who)
    assert fresh_call(empty).phase == "open"


def test_who_bids_drafts_belongs_or_is_in_contact_is_told(cast: Cast) -> None:
    challenge = call(cast)
    sent(challenge, cast.tto)
    bid_actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.rival))
    ContactFactory(
        seeker=cast.enterprise,
        provider=db.session.get(Organisation, cast.stranger.organisation_id),
        challenge=challenge,
        capability=None,
        asked_by_seeker=False,
    )
    actions.explain(fresh_call(challenge), "样品可寄 20 只", actor(cast.seeker))
    for person in (cast.tto, cast.professor, cast.rival, cast.stranger, cast.seeker, cast.clerk):
        assert _told(person) == ["补充说明第 1 号"], person.name
    assert _told(cast.liaison) == []
    assert {cast.tto.email, cast.stranger.email} <= _mailed()
    assert cast.rival.email not in _mailed(), "a draft is nobody's business, and staff read the outbox"


def test_of_a_sealed_call_no_mail_says_who_bids(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    sent(challenge, cast.tto)
    actions.extend(fresh_call(challenge), _day(challenge, 9), REASON, actor(cast.seeker))
    assert _told(cast.tto) == ["申报截止日期已推迟"] and _mailed() == set()


def test_the_reminder_of_a_sealed_call_stays_inside_and_comes_once(cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    bid_actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.tto))
    clock.fix(clock.end_of_day(_day(challenge, -2)))
    reminders.deadlines()
    reminders.deadlines()
    assert len(list(db.session.scalars(select(Notice).where(Notice.user_id == cast.tto.id, Notice.kind == "deadline")))) == 1
    assert cast.tto.email not in set(db.session.scalars(select(Outbox.to_address)))


def test_explanations_are_numbered_public_and_shown_to_the_bidder_as_new(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    bid = sent(challenge, cast.tto)
    clock.fix(clock.now() + timedelta(hours=3))
    page = browser.sign_in(cast.seeker).see("challenges.explain", challenge_id=challenge.id)
    assert "请先勾选" in page.submit("公开并通知各方", text="极片宽 120 mm").main
    page.submit("公开并通知各方", text="极片宽 120 mm", no_secrets="y")
    browser.see("challenges.explain", challenge_id=challenge.id).submit("公开并通知各方", text="升温速率不限", no_secrets="y")
    browser.sign_out()
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert "第 1 号" in page.main and "极片宽 120 mm" in page.main and "第 2 号" in page.main and "升温速率不限" in page.main
    assert "极片宽 120 mm" in browser.see("challenges.one_page", challenge_id=challenge.id).main
    browser.sign_in(cast.tto)
    assert browser.see("bids.detail", bid_id=bid.id).main.count("您提交之后发出") == 2
    assert "极片宽 120 mm" in browser.see("bids.edit", bid_id=bid.id).main


@pytest.mark.parametrize("text", ["请联系申城电池厂王工", "有问题打 13900000001"])
def test_an_anonymous_poster_cannot_give_itself_away(cast: Cast, text: str) -> None:
    challenge = call(cast, anonymous=True)
    with pytest.raises(Invalid, match="对公众匿名"):
        actions.explain(fresh_call(challenge), text, actor(cast.seeker))
    with pytest.raises(Invalid, match="对公众匿名"):
        actions.extend(fresh_call(challenge), _day(challenge, 9), text, actor(cast.seeker))


def test_only_what_is_published_can_be_added_to(browser: Browser, cast: Cast) -> None:
    draft = ChallengeFactory(organisation=cast.enterprise)
    page = browser.sign_in(cast.seeker).see("challenges.explain", challenge_id=draft.id)
    assert "只有正在征集的需求可以" in page.text
    with pytest.raises(IllegalStep):
        actions.explain(fresh_call(draft), "补充", actor(cast.seeker))
