"""Decisions: publish, return with remarks, reject, suspend and resume; and who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from market.actions import challenges as challenge_actions
from market.db import db
from market.domain import clock
from market.models import Capability, Challenge, HistoryEntry, Notice, Outbox, SectionComment
from market.queries import accounts, challenges
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, IndicatorFactory, UserFactory
from tests.page import Browser, Page


def _submitted(cast: Cast, **more: Any) -> Challenge:
    challenge = ChallengeFactory(organisation=cast.enterprise, author_id=cast.engineer.id, field=None, track=None, **more)
    author = accounts.get_user(cast.engineer.id)
    loaded = challenges.get(challenge.id)
    assert author is not None and loaded is not None
    challenge_actions.submit(loaded, accounts.actor_of(author))
    return loaded


def _decide(browser: Browser, thing: Challenge | Capability, decision: str, **data: Any) -> Page:
    kind = "challenge" if isinstance(thing, Challenge) else "capability"
    return browser.send("moderation.decide", data, kind=kind, item_id=thing.id, decision=decision)


def _fresh(challenge_id: int) -> Challenge:
    return db.session.scalars(select(Challenge).where(Challenge.id == challenge_id).execution_options(populate_existing=True)).one()


def test_the_clerk_sees_what_waits_with_its_clock_and_publishes_with_field_and_adviser(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    adviser = UserFactory(name="杜专员", organisation=cast.commission, roles=["adviser"], phone="021-52560001")
    browser.sign_in(cast.clerk)
    queue = browser.see("moderation.queue")
    assert challenge.title in queue.main and "最迟 2026-06-15" in queue.main
    page = browser.see("moderation.item", kind="challenge", item_id=challenge.id)
    assert [o.get("value") for o in page.find("#field option[selected]")] == ["06"]  # guessed from the words
    page = page.submit("发布", field="06", track="新能源", adviser_id=adviser.id)
    assert "已发布，并通知了对方" in page.text
    now = _fresh(challenge.id)
    assert (now.state, now.field, now.track, now.adviser_id, now.number) == ("published", "06", "新能源", adviser.id, None)
    told = db.session.scalars(select(Notice.user_id).where(Notice.kind == "challenge_published")).all()
    assert sorted(told) == sorted([cast.seeker.id, cast.engineer.id])
    assert db.session.scalar(select(Outbox.id).where(Outbox.to_address == cast.engineer.email)) is not None
    found = db.session.execute(text("SELECT count(*) FROM search_index WHERE kind = 'challenge'")).scalar()
    assert found == 1
    public = browser.sign_out().see("challenges.detail", challenge_id=challenge.id)
    assert "杜专员" in public.main and "021-52560001" in public.main


def test_the_next_waiting_one_follows_a_decision(browser: Browser, cast: Cast) -> None:
    first, second = _submitted(cast), _submitted(cast)
    page = _decide(browser.sign_in(cast.clerk), first, "publish", field="06")
    assert page.response.request.path == f"/moderation/challenge/{second.id}"


def test_an_open_call_gets_the_next_number_of_the_year(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    for number in ("PT-JB-2026-0001", "PT-JB-2026-0002"):
        challenge = _submitted(cast, procedure="open_call", closes_at=clock.now() + timedelta(days=30))
        IndicatorFactory(challenge=challenge)
        _decide(browser, challenge, "publish", field="06")
        assert _fresh(challenge.id).number == number


def test_an_open_call_without_a_measurable_target_is_not_published(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast, procedure="open_call", closes_at=clock.now() + timedelta(days=30))
    browser.sign_in(cast.clerk)
    assert "至少要有一项可测的指标" in browser.see("moderation.item", kind="challenge", item_id=challenge.id).main
    page = _decide(browser, challenge, "publish", field="06")
    assert page.status == 409 and "至少要有一项可测的指标" in page.main
    assert _fresh(challenge.id).state == "submitted" and _fresh(challenge.id).published_at is None


def test_nothing_is_published_without_a_field(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    page = _decide(browser.sign_in(cast.clerk), challenge, "publish")
    assert page.status == 422 and "请确定技术领域" in page.main
    assert _fresh(challenge.id).state == "submitted"


def test_a_return_puts_each_remark_beside_its_section_and_the_change_is_shown_side_by_side(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    page = _decide(browser.sign_in(cast.clerk), challenge, "return", comment_need="请写清楚用在什么车型", comment_terms="  ")
    assert "已退回" in page.text
    assert [c.section for c in db.session.scalars(select(SectionComment))] == ["need"]
    browser.sign_out().sign_in(cast.engineer)
    page = browser.see("challenges.edit", challenge_id=challenge.id)
    assert "请写清楚用在什么车型" in page.main
    page.submit("提交审核", pain="物流车的电池包，-20℃ 只剩六成。")
    browser.sign_out().sign_in(cast.clerk)
    page = browser.see("moderation.item", kind="challenge", item_id=challenge.id)
    changed = page.find("table.diff tr.changed")
    assert len(changed) == 1
    assert "物流车的电池包" in changed[0].text_content() and "零下二十度" in changed[0].text_content()


def test_a_return_needs_a_remark(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    page = _decide(browser.sign_in(cast.clerk), challenge, "return", comment_need=" ", comment_made_up="x")
    assert page.status == 422 and "请至少在一栏写明要改什么" in page.main
    assert _fresh(challenge.id).state == "submitted"


def test_a_rejection_needs_a_code_and_a_word_and_both_reach_the_sender(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    browser.sign_in(cast.clerk)
    assert _decide(browser, challenge, "reject", reason_code="nonsense", reason="x").status == 422
    assert _decide(browser, challenge, "reject", reason_code="purchase", reason=" ").status == 422
    _decide(browser, challenge, "reject", reason_code="purchase", reason="这是标准件，可以直接买")
    assert _fresh(challenge.id).state == "rejected"
    said = db.session.scalars(select(Notice.text).where(Notice.user_id == cast.engineer.id)).all()
    assert any("属于普通商品采购" in words and "这是标准件，可以直接买" in words for words in said)
    browser.sign_out().see("challenges.detail", status=404, challenge_id=challenge.id)


def test_a_capability_goes_the_same_way(browser: Browser, cast: Cast) -> None:
    capability = CapabilityFactory(organisation=cast.institute, author_id=cast.professor.id, state="submitted", answer_due=clock.today())
    browser.sign_in(cast.clerk)
    assert capability.title in browser.see("moderation.queue", only="capability").main
    assert capability.title not in browser.see("moderation.queue", only="challenge").main
    browser.see("moderation.item", kind="capability", item_id=capability.id)
    _decide(browser, capability, "publish", field="06")
    db.session.expire_all()
    assert capability.state == "published" and capability.published_at == clock.now()
    assert cast.professor.id in db.session.scalars(select(Notice.user_id)).all()


@pytest.mark.parametrize("part", ["seeker", "tto", "bureau", "broker", "liaison", "sysadmin", "leader", "auditor"])
@pytest.mark.parametrize("decision", ["publish", "return", "reject"])
def test_nobody_but_clerk_and_reviewer_decides(browser: Browser, cast: Cast, part: str, decision: str) -> None:
    challenge = _submitted(cast)
    data = {"field": "06", "comment_need": "改", "reason_code": "other", "reason": "不行"}
    page = _decide(browser.sign_in(cast.people()[part]), challenge, decision, **data)
    assert page.status in {403, 404}
    assert _fresh(challenge.id).state == "submitted"


@pytest.mark.parametrize("decision", ["publish", "return", "reject"])
def test_four_eyes_nobody_decides_on_their_own_organisations(browser: Browser, cast: Cast, decision: str) -> None:
    own = ChallengeFactory(organisation=cast.commission, state="submitted", submitted_at=clock.now())
    data = {"field": "06", "comment_need": "改", "reason_code": "other", "reason": "不行"}
    browser.sign_in(cast.reviewer)
    assert "请由别的单位的同事审核" in browser.see("moderation.item", kind="challenge", item_id=own.id).main
    assert _decide(browser, own, decision, **data).status == 403
    assert _fresh(own.id).state == "submitted"


def test_four_eyes_hold_for_what_one_filled_in_oneself(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, author_id=cast.clerk.id, state="submitted", submitted_at=clock.now())
    assert _decide(browser.sign_in(cast.clerk), challenge, "publish", field="06").status == 403


@pytest.mark.parametrize("state", ["draft", "returned", "published", "rejected", "withdrawn", "contracted"])
@pytest.mark.parametrize("decision", ["publish", "return", "reject"])
def test_only_what_waits_is_decided(browser: Browser, cast: Cast, state: str, decision: str) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state=state, published_at=clock.now())
    data = {"field": "06", "comment_need": "改", "reason_code": "other", "reason": "不行"}
    assert _decide(browser.sign_in(cast.clerk), challenge, decision, **data).status == 409
    assert _fresh(challenge.id).state == state


def test_a_decision_on_words_that_changed_meanwhile_is_refused(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    page = browser.sign_in(cast.clerk).see("moderation.item", kind="challenge", item_id=challenge.id)
    now = _fresh(challenge.id)
    now.pain = "换了一种说法"
    db.session.commit()
    assert page.submit("发布", field="06").status == 409
    assert _fresh(challenge.id).state == "submitted"


def test_a_double_click_publishes_once_and_tells_once(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    browser.sign_in(cast.clerk)
    for _ in range(2):
        assert _decide(browser, challenge, "publish", field="06", idempotency_key="k1").status == 200
    entries = db.session.scalars(select(HistoryEntry.step).where(HistoryEntry.subject_id == challenge.id)).all()
    assert entries.count("publish") == 1
    assert len(db.session.scalars(select(Notice).where(Notice.user_id == cast.engineer.id)).all()) == 1


def test_the_reviewer_suspends_and_resumes_and_the_clock_stood_still(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, open_call=True)
    closes = challenge.closes_at
    browser.sign_in(cast.reviewer)
    assert _decide(browser, challenge, "suspend").status == 409  # no reason
    _decide(browser, challenge, "suspend", reason="有人举报内容不实")
    assert _fresh(challenge.id).state == "suspended"
    browser.sign_out().see("challenges.detail", status=404, challenge_id=challenge.id)
    clock.fix(clock.now() + timedelta(days=7))
    _decide(browser.sign_in(cast.reviewer), challenge, "resume", reason="已核实")
    now = _fresh(challenge.id)
    assert now.state == "published" and now.closes_at is not None
    assert clock.local(now.closes_at).date() == clock.local(closes + timedelta(days=7)).date()


def test_a_clerk_may_not_suspend(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True)
    assert _decide(browser.sign_in(cast.clerk), challenge, "suspend", reason="x").status == 403


def test_opened_bids_never_close_again_through_a_suspension(browser: Browser, cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, state="selecting", published_at=clock.now(), closes_at=clock.now())
    browser.sign_in(cast.reviewer)
    _decide(browser, challenge, "suspend", reason="核实情况")
    _decide(browser, challenge, "resume", reason="已核实")
    assert _fresh(challenge.id).state == "selecting"


def test_what_is_late_is_said_to_be_late(browser: Browser, cast: Cast) -> None:
    _submitted(cast)
    clock.fix(clock.now() + timedelta(days=9))
    assert "已逾期" in browser.sign_in(cast.clerk).see("moderation.queue").main


def test_an_unknown_kind_or_decision_does_not_exist(browser: Browser, cast: Cast) -> None:
    challenge = _submitted(cast)
    browser.sign_in(cast.clerk)
    browser.see("moderation.item", status=404, kind="bid", item_id=challenge.id)
    browser.see("moderation.item", status=404, kind="challenge", item_id=999)
    assert _decide(browser, challenge, "delete").status == 404
