"""The pages of bids: who opens which, late answers, double clicks, the canary, the whole way to a choice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from market.actions import selection
from market.db import db
from market.domain import clock
from market.models import Bid, Challenge
from tests.bidding import CANARY, actor, call, fresh, fresh_call, sent
from tests.cast import Cast
from tests.page import Browser

WHOLE = {
    "basis": f"做过三百只，{CANARY}",
    "period_months": "12",
    "price": "100",
    "technology": "80",
    "equipment": "20",
    "route": "弱溶剂",
    "responses-0-promised": "86",
    "responses-0-meets": "exceeds",
    "milestones-0-name": "小试",
    "milestones-0-month": "4",
    "milestones-0-share": "40",
    "milestones-1-name": "样机",
    "milestones-1-month": "12",
    "milestones-1-share": "60",
}


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Bid)) or 0


def _after(challenge: Challenge) -> None:
    closes_at = fresh_call(challenge).closes_at
    assert closes_at is not None
    clock.fix(closes_at + timedelta(seconds=1))


def test_half_a_page_is_sent_seen_invited_and_answered_in_full(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    number = challenge.id
    browser.sign_in(cast.tto)
    page = browser.see("bids.create", challenge_id=number)
    assert not page.find("#route") and "半页" in page.main
    page = page.submit("提交意向", basis="做过三百只", period_months="10", price_open="y")
    assert "回执" in page.main and "面议" in page.main and "已交意向" in page.main
    bid = db.session.scalars(select(Bid)).one()
    bid_id = bid.id
    assert bid.payload_sha256 and bid.payload_sha256 in page.main
    browser.sign_out().sign_in(cast.engineer)
    page = browser.see("bids.compare", challenge_id=number)
    assert "江南研究院" in page.main and "1 份申报" in page.main
    page = browser.sign_out().sign_in(cast.seeker).see("bids.compare", challenge_id=number).submit("邀请提交完整方案")
    assert "已邀请" in page.main
    browser.sign_out().sign_in(cast.tto)
    page = browser.see("bids.edit", bid_id=bid_id)
    page = page.submit("提交方案", **{**WHOLE, "milestones-1-share": "50"})
    assert "付款比例之和应为 100%" in page.main and CANARY in page.body
    page = page.submit("提交方案", **{**WHOLE, "price_open": []})
    assert "已提交方案" in page.main and "优于" not in page.main and "满足" in page.main, page.main
    assert CANARY in browser.sign_out().sign_in(cast.seeker).see("bids.detail", bid_id=bid_id).main


def test_a_draft_is_saved_and_rows_are_added_without_script(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    page = browser.sign_in(cast.tto).see("bids.create", challenge_id=challenge.id).submit("加一个里程碑", basis="先写一半")
    assert "先写一半" in page.body and page.find("[name='milestones-3-name']") and _count() == 0
    page = page.submit("保存，先不提交")
    assert "还没有提交" in page.main and "先写一半" in page.body and _count() == 1
    page = browser.see("bids.create", challenge_id=challenge.id)
    assert page.find("form [name='version']")


def test_a_double_click_makes_one_bid(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    browser.sign_in(cast.tto)
    data = {**WHOLE, "idempotency_key": "one-click"}
    first = browser.send("bids.create", data, challenge_id=challenge.id)
    second = browser.send("bids.create", data, challenge_id=challenge.id)
    assert first.response.request.path == second.response.request.path and "回执" in second.main and _count() == 1
    again = browser.send("bids.create", {**WHOLE, "idempotency_key": "another"}, challenge_id=challenge.id)
    assert "已经有一份申报" in again.main and _count() == 1


def test_late_is_a_409_that_keeps_the_words_in_sight(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    number = challenge.id
    page = browser.sign_in(cast.tto).see("bids.create", challenge_id=number)
    _after(challenge)
    late = page.submit("提交方案", **WHOLE)
    assert late.status == 409 and "申报已截止" in late.main and CANARY in late.body and _count() == 0
    assert "截止" in browser.see("bids.create", challenge_id=number).main


def test_a_late_change_is_refused_and_what_was_sent_stands(browser: Browser, cast: Cast) -> None:
    bid = sent(call(cast, visibility="at_deadline"), cast.tto)
    bid_id, receipt = bid.id, bid.payload_sha256
    page = browser.sign_in(cast.tto).see("bids.edit", bid_id=bid_id)
    _after(bid.challenge)
    late = page.submit("提交方案", basis="改成更好的")
    assert late.status == 409 and "改成更好的" in late.body and fresh(bid_id).payload_sha256 == receipt
    assert "撤回申报" not in browser.see("bids.detail", bid_id=bid_id).main


@pytest.mark.parametrize("part", ["seeker", "engineer", "stranger", "rival", "bureau", "broker", "clerk", "reviewer", "leader", "auditor"])
def test_before_opening_a_sealed_bid_is_nowhere(browser: Browser, cast: Cast, part: str) -> None:
    bid = sent(call(cast, visibility="at_deadline", anonymous=True), cast.tto)
    bid_id, number, receipt = bid.id, bid.challenge_id, bid.payload_sha256
    browser.sign_in(cast.people()[part])
    for endpoint in ("detail", "edit"):
        assert browser.get(browser.url(f"bids.{endpoint}", bid_id=bid_id)).status in {403, 404}
    assert browser.see("bids.detail", 404, bid_id=bid_id)
    for endpoint in ("choose", "invite", "reserve", "confirm_member"):
        assert browser.send(f"bids.{endpoint}", bid_id=bid_id).status in {403, 404}
    pages = [
        browser.get(browser.url("challenges.detail", challenge_id=number)),
        browser.get(browser.url("challenges.files", challenge_id=number)),
    ]
    pages += [browser.get(browser.url("bids.compare", challenge_id=number))]
    pages += [browser.get(browser.url(name)) for name in ("bids.index", "moderation.queue", "home.todo", "accounts.log", "accounts.outbox")]
    for page in pages:
        for hidden in (CANARY, "江南研究院", "李转化", str(bid_id), receipt or "-", "1 份申报", "揭榜申报·"):
            assert hidden not in page.body, (page.response.request.path, hidden)
        assert page.response.request.path != browser.url("bids.compare", challenge_id=number) or page.status == (
            200 if part in {"seeker", "engineer"} else 404
        )


def test_the_log_shows_the_bid_once_it_has_been_opened(browser: Browser, cast: Cast) -> None:
    bid = sent(call(cast, visibility="at_deadline"), cast.tto)
    browser.sign_in(cast.auditor)
    assert "李转化" not in browser.see("accounts.log").main
    _after(bid.challenge)
    selection.open_all(fresh_call(bid.challenge), actor(cast.seeker))
    assert "李转化" in browser.see("accounts.log").main


def test_other_bidders_never_see_it_not_even_after_opening(browser: Browser, cast: Cast) -> None:
    bid = sent(call(cast), cast.tto)
    bid_id, number = bid.id, bid.challenge_id
    _after(bid.challenge)
    selection.open_all(fresh_call(bid.challenge), actor(cast.seeker))
    for user in (cast.rival, cast.stranger, cast.bureau, cast.broker, cast.sysadmin, cast.liaison):
        browser.sign_out().sign_in(user)
        browser.see("bids.detail", 404, bid_id=bid_id)
        browser.see("bids.compare", 404, challenge_id=number)
    browser.sign_out()
    assert "bids" not in browser.get(browser.url("bids.detail", bid_id=bid_id)).response.request.path  # sent to sign in


def test_a_member_confirms_on_the_page(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    consortium = {"members-0-who": "别家研究院", "members-0-task": "整包", "members-0-share": "30", "lead_task": "电芯", "lead_share": "70"}
    page = browser.sign_in(cast.tto).see("bids.create", challenge_id=challenge.id).submit("提交方案", **WHOLE, **consortium)
    assert "没有全部确认" in page.main and _count() == 0 and CANARY in page.body
    page.submit("保存，先不提交")
    bid_id = db.session.scalars(select(Bid.id)).one()
    browser.sign_out().sign_in(cast.rival)
    assert "请确认是否加入联合体" in browser.see("bids.index").main
    page = browser.see("bids.detail", bid_id=bid_id).submit("确认加入")
    assert "已确认加入联合体" in page.main and CANARY in page.main
    browser.see("bids.edit", 403, bid_id=bid_id)
    page = browser.sign_out().sign_in(cast.tto).see("bids.edit", bid_id=bid_id).submit("提交方案")
    assert "回执" in page.main and "已确认" in page.main


def test_the_enterprise_opens_compares_and_chooses(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline", publicity_days=5)
    number = challenge.id
    key = str(challenge.indicators[0].id)
    first = sent(challenge, cast.tto)
    second = sent(challenge, cast.rival, responses={key: {"promised": "70", "meets": "misses", "basis": ""}})
    ids = first.id, second.id
    browser.sign_in(cast.seeker)
    assert "谁也看不到" in browser.see("bids.compare", challenge_id=number).main
    _after(challenge)
    page = browser.see("bids.compare", challenge_id=number)
    assert "江南研究院" not in page.main
    page = page.submit("开启申报")
    assert "已开启 2 份申报" in page.main and "申报方甲" in page.main and "申报方乙" in page.main and "80%" in page.main
    assert len(page.find("td.must-missed")) == 1 and page.find("body.print-landscape")
    form = {"reason": "指标最稳", f"loss_{ids[1]}": "indicator", "idempotency_key": "choose-once"}
    page = browser.send("bids.choose", form, bid_id=ids[0])
    assert "已选定" in page.main and "公示 " in page.main
    assert browser.send("bids.choose", form, bid_id=ids[0]).status == 200
    assert browser.send("bids.choose", {"reason": "又选"}, bid_id=ids[1]).status == 409
    browser.send("bids.confirm_choice", challenge_id=number)
    assert fresh_call(challenge).state == "publicity"
    clock.fix(clock.now() + timedelta(days=20))
    page = browser.see("bids.compare", challenge_id=number).submit("公示期满，确认选定")
    assert "录入合同" in page.main and f"bid={ids[0]}" in page.body
    assert "指标未满足" in browser.sign_out().sign_in(cast.rival).see("bids.detail", bid_id=ids[1]).main


def test_the_withdrawn_bid_is_written_anew(browser: Browser, cast: Cast) -> None:
    bid = sent(call(cast), cast.tto)
    bid_id = bid.id
    page = browser.sign_in(cast.tto).see("bids.detail", bid_id=bid_id).submit("撤回申报")
    assert "已撤回" in page.main
    page = page.submit("重新申报")
    assert "提交意向" in page.main and fresh(bid_id).state == "draft"
    browser.sign_out().sign_in(cast.seeker).see("bids.detail", 404, bid_id=bid_id)


def test_ones_own_call_and_a_plain_demand_take_no_bid(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    browser.sign_in(cast.seeker).see("bids.create", 403, challenge_id=challenge.id)
    fresh_call(challenge).procedure = "negotiated"
    db.session.commit()
    browser.sign_out().sign_in(cast.tto).see("bids.create", 404, challenge_id=challenge.id)
