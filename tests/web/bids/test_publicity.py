"""公示: what everybody reads of a choice, objections that hold it, and taking a choice back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from market.actions import contracts, selection
from market.actions import objections as actions
from market.db import db
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.models import Bid, Challenge, Notice, Objection, Setting
from tests.bidding import actor, call, fresh, fresh_call, sent
from tests.cast import Cast
from tests.page import Browser

REASON = "指标都响应了，路线有中试数据"
OBJECTION = {"channel": "phone", "raised_by": "某研究所 吴工", "reach": "021-55550000", "text": "选定的一家数据是旧的"}


def _chosen(cast: Cast, **more: object) -> tuple[Challenge, Bid, Bid]:
    """Return a challenge in 公示 with the winner's and the other bid."""
    challenge = call(cast, **{"publicity_days": 5, "visibility": "at_deadline", **more})
    winner, other = sent(challenge, cast.tto), sent(challenge, cast.rival)
    closes_at = fresh_call(challenge).closes_at
    assert closes_at is not None
    clock.fix(closes_at + timedelta(hours=9))
    who = actor(cast.seeker)
    selection.open_all(fresh_call(challenge), who)
    selection.choose(fresh(winner), who, REASON)
    return fresh_call(challenge), fresh(winner), fresh(other)


def _after(challenge: Challenge) -> None:
    last = fresh_call(challenge).publicity_until
    assert last is not None
    clock.fix(clock.end_of_day(last) + timedelta(hours=10))


def _record(challenge: Challenge, cast: Cast) -> Objection:
    return actions.record(fresh_call(challenge), {**OBJECTION, "received_on": clock.today()}, actor(cast.clerk))


def _office(phone: str, email: str) -> None:
    db.session.add_all(
        [Setting(name="phone", value=phone, changed_at=clock.now()), Setting(name="email", value=email, changed_at=clock.now())]
    )
    db.session.commit()


def test_everybody_reads_who_was_chosen_why_until_when_and_how_to_object(browser: Browser, cast: Cast) -> None:
    challenge, _winner, _other = _chosen(cast)
    _office("021-55551234", "gongshi@example.org")
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    for words in (
        "选定结果公示",
        "江南研究院",
        REASON,
        str(challenge.publicity_until),
        "5 个工作日",
        "021-55551234",
        "gongshi@example.org",
    ):
        assert words in page.main, words
    assert "别家研究院" not in page.body and "100 万元" not in page.main, "neither the others nor the price"
    assert challenge.title in browser.see("bids.publicity").main
    _after(challenge)
    assert "公示期满，待确认" in browser.see("challenges.detail", challenge_id=challenge.id).main


def test_an_anonymous_poster_stays_so_while_its_choice_is_public(browser: Browser, cast: Cast) -> None:
    challenge, _winner, _other = _chosen(cast, anonymous=True)
    for page in (browser.see("challenges.detail", challenge_id=challenge.id), browser.see("bids.publicity")):
        assert "江南研究院" in page.main and "申城电池厂" not in page.body
    browser.sign_in(cast.rival)
    assert "申城电池厂" not in browser.see("bids.publicity").body


def test_a_public_reason_must_not_name_an_anonymous_poster(cast: Cast) -> None:
    challenge = call(cast, publicity_days=5, anonymous=True)
    bid = sent(challenge, cast.tto)
    clock.fix(clock.now() + timedelta(days=30))
    selection.open_all(fresh_call(challenge), actor(cast.seeker))
    with pytest.raises(Invalid, match="对公众匿名"):
        selection.choose(fresh(bid), actor(cast.seeker), "申城电池厂去年和他们做过")


def test_a_challenge_without_publicity_publishes_no_choice(browser: Browser, cast: Cast) -> None:
    challenge, _winner, _other = _chosen(cast, publicity_days=0)
    page = browser.see("challenges.detail", challenge_id=challenge.id)
    assert "江南研究院" not in page.body and not page.find("#choice")


def test_an_objection_holds_the_choice_until_it_is_answered(browser: Browser, cast: Cast) -> None:
    challenge, _winner, _other = _chosen(cast)
    number = challenge.id
    page = browser.sign_in(cast.clerk).see("bids.handle_objections", challenge_id=number)
    page = page.submit("登记", **OBJECTION)
    assert "已登记" in page.text and "某研究所 吴工" in page.main
    assert db.session.scalar(select(Notice.title).where(Notice.user_id == cast.seeker.id, Notice.kind == "objection"))
    _after(challenge)
    with pytest.raises(IllegalStep, match="还有未答复的异议"):
        selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    browser.sign_out()
    public = browser.see("challenges.detail", challenge_id=number)
    assert "收到 1 件，其中 1 件待答复" in public.main and "吴工" not in public.body and "旧的" not in public.body
    browser.sign_in(cast.seeker)
    page = browser.see("bids.compare", challenge_id=number)
    assert "还不能确认选定" in page.main and "选定的一家数据是旧的" in page.main and "吴工" not in page.body
    browser.sign_out().sign_in(cast.reviewer)
    page = browser.see("bids.handle_objections", challenge_id=number)
    refused = page.submit("答复：异议不成立", answer=" ")
    assert refused.status == 422 and "请写明答复和理由" in refused.main
    page.submit("答复：异议不成立", answer="数据是今年的，已核对原始记录")
    selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    assert fresh_call(challenge).state == "selected"
    browser.sign_out()
    assert "收到 1 件，都已答复" in browser.see("challenges.detail", challenge_id=number).main


def test_an_upheld_objection_stops_this_choice_but_not_the_next(cast: Cast) -> None:
    challenge, winner, other = _chosen(cast)
    row = _record(challenge, cast)
    with pytest.raises(IllegalStep, match="请先答复异议"):
        selection.reopen(fresh_call(challenge), actor(cast.seeker), "重选")
    actions.answer(row, fresh_call(challenge), "uphold", "确实是旧数据", actor(cast.reviewer))
    _after(challenge)
    with pytest.raises(IllegalStep, match="有异议成立"):
        selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    selection.reopen(fresh_call(challenge), actor(cast.seeker), "异议成立，重新选定")
    clock.fix(clock.now() + timedelta(minutes=5))
    assert fresh(winner).state == "opened" and fresh(other).state == "opened"
    selection.choose(fresh(winner), actor(cast.seeker), "对方补交了新数据")
    _after(challenge)
    selection.confirm_choice(fresh_call(challenge), actor(cast.seeker))
    assert fresh_call(challenge).state == "selected"


def test_only_what_came_within_the_window_is_recorded_and_not_by_ones_own(cast: Cast) -> None:
    challenge, _winner, _other = _chosen(cast)
    first = challenge.publicity_from
    assert first is not None
    for day, said in ((first - timedelta(days=1), "应在公示期内"), (first + timedelta(days=1), "不能晚于今天")):
        with pytest.raises(Invalid, match=said):
            actions.record(fresh_call(challenge), {**OBJECTION, "received_on": day}, actor(cast.clerk))
    for person in (cast.seeker, cast.rival, cast.leader, cast.auditor):
        with pytest.raises(Forbidden):
            actions.record(fresh_call(challenge), {**OBJECTION, "received_on": first}, actor(person))
    row = _record(challenge, cast)
    actions.answer(row, fresh_call(challenge), "drop", "来电撤回", actor(cast.clerk))
    with pytest.raises(IllegalStep):
        actions.answer(row, fresh_call(challenge), "uphold", "又说成立", actor(cast.clerk))


@pytest.mark.parametrize("part", ["seeker", "clerk", "reviewer", "leader"])
def test_a_choice_is_taken_back_with_a_reason_and_everybody_is_told(browser: Browser, cast: Cast, part: str) -> None:
    challenge, winner, other = _chosen(cast)
    page = browser.sign_in(cast.people()[part]).see("bids.compare", challenge_id=challenge.id)
    page = page.submit("撤销选定", reason="选定的一家来函放弃")
    assert "选定已撤销" in page.text
    now = fresh_call(challenge)
    assert now.state == "selecting" and now.publicity_until is None
    assert (
        fresh(winner).state == fresh(other).state == "opened" and fresh(winner).decision_reason is None and fresh(other).loss_reason is None
    )
    for person in (cast.tto, cast.rival):
        assert db.session.scalar(select(Notice.id).where(Notice.user_id == person.id, Notice.kind == "choice_reopened"))
    page = browser.sign_out().see("challenges.detail", challenge_id=challenge.id)
    assert "撤销选定，重新选定" in page.main and not page.find("#choice") and "来函放弃" not in page.body


def test_a_choice_is_not_taken_back_without_reason_by_others_or_once_a_contract_is_recorded(browser: Browser, cast: Cast) -> None:
    challenge, winner, _other = _chosen(cast, publicity_days=0)
    with pytest.raises(Invalid):
        selection.reopen(fresh_call(challenge), actor(cast.seeker), "  ")
    for person in (cast.tto, cast.engineer, cast.auditor, cast.stranger):
        with pytest.raises(Forbidden):
            selection.reopen(fresh_call(challenge), actor(person), "理由")
    contracts.create_from_bid(fresh(winner), actor(cast.seeker))
    with pytest.raises(IllegalStep, match="已经录入了合同"):
        selection.reopen(fresh_call(challenge), actor(cast.seeker), "理由")
    assert "撤销选定" not in browser.sign_in(cast.engineer).see("bids.compare", challenge_id=challenge.id).main
