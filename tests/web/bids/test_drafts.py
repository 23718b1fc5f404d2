"""Drafts of a bid: they save themselves, ask nobody meanwhile, and can be deleted; what was withdrawn says so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from market.actions import bids as actions
from market.db import db
from market.domain.errors import Forbidden, IllegalStep
from market.models import Bid, BidMember, HistoryEntry, Notice
from market.queries import office
from tests.bidding import actor, call, fresh, fresh_call, sent, values
from tests.cast import Cast
from tests.page import Browser
from tests.web.bids.test_bids import WHOLE

CONSORTIUM = {"members-0-who": "别家研究院", "members-0-task": "测试", "members-0-share": "30", "lead_share": "70"}


def _autosave(browser: Browser, address: str, **data: Any) -> dict[str, Any]:
    page = browser.post(address, data)
    assert page.status == 200, page.text[:300]
    answer = page.response.get_json()
    assert isinstance(answer, dict)
    return answer


def test_a_new_bid_saves_itself_and_goes_on_where_it_was(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    page = browser.sign_in(cast.tto).see("bids.create", challenge_id=challenge.id)
    form = page.find("form[data-autosave-url]")[0]
    key = form.cssselect("[name=draft_key]")[0].get("value")
    first = _autosave(browser, form.get("data-autosave-url"), basis="去年做过", draft_key=key)
    again = _autosave(browser, form.get("data-autosave-url"), basis="去年做过三百只", draft_key=key)
    bid = db.session.scalars(select(Bid)).one()
    assert first["action"] == again["action"] == browser.url("bids.edit", bid_id=bid.id)
    assert again["version"] > first["version"] and bid.state == "draft"
    assert "去年做过三百只" in browser.see("bids.edit", bid_id=bid.id).body
    steps = list(db.session.scalars(select(HistoryEntry.step).where(HistoryEntry.subject_kind == "bid")))
    assert steps == ["create"], "saving in the background leaves no entries"
    sent_page = page.submit("提交意向", basis="去年做过三百只", price_open="y")
    assert "回执" in sent_page.main and db.session.scalars(select(Bid)).one().state == "intention"


def test_nothing_typed_makes_nothing(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    assert browser.sign_in(cast.tto).send("bids.autosave", {"draft_key": "k"}, challenge_id=challenge.id).status == 422
    assert db.session.scalar(select(Bid.id)) is None


def test_saving_in_the_background_asks_no_member(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    browser.sign_in(cast.tto)
    answer = _autosave(browser, browser.url("bids.autosave", challenge_id=challenge.id), draft_key="k", **WHOLE, **CONSORTIUM)
    assert db.session.scalar(select(BidMember.id)) is None
    assert db.session.scalar(select(Notice.id).where(Notice.user_id == cast.rival.id)) is None
    page = browser.get(answer["action"])
    assert (
        page.find("[name='members-0-who']")[0].get("value") == "别家研究院"
        and page.find("[name='members-0-share']")[0].get("value") == "30"
    )
    page.submit("保存，先不提交")
    assert db.session.scalar(select(Notice.title).where(Notice.user_id == cast.rival.id)) == "请确认是否加入揭榜联合体"


def test_a_colleagues_change_stops_the_saving(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    bid = actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.tto))
    old = bid.version
    actions.save(fresh(bid), values(fresh_call(challenge), basis="同事改的"), actor(cast.professor))
    page = browser.sign_in(cast.tto).send("bids.autosave_draft", {**WHOLE, "version": str(old)}, bid_id=bid.id)
    assert page.status == 409 and actions.editable_body(fresh(bid))["basis"] == "同事改的"


def test_what_was_sent_stands_while_later_words_save_themselves(browser: Browser, cast: Cast) -> None:
    bid = sent(call(cast, visibility="at_deadline"), cast.tto)
    receipt = bid.payload_sha256
    browser.sign_in(cast.tto)
    _autosave(browser, browser.url("bids.autosave_draft", bid_id=bid.id), **{**WHOLE, "basis": "还在改"})
    assert fresh(bid).payload_sha256 == receipt and fresh(bid).state == "submitted"
    page = browser.see("bids.detail", bid_id=bid.id)
    assert "有改动还没有提交" in page.main and "还在改" not in page.main
    assert "还在改" in browser.see("bids.edit", bid_id=bid.id).body


def test_a_draft_is_deleted_from_list_or_page_and_leaves_nothing_to_read(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    bid = actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.tto))
    number = bid.id
    browser.sign_in(cast.professor)
    assert "删除草稿" in browser.see("bids.detail", bid_id=number).main
    page = browser.see("bids.index").submit("删除草稿")
    assert "草稿已删除" in page.text and challenge.title not in page.main
    browser.see("bids.detail", bid_id=number, status=404)
    row = db.session.get(Bid, number, populate_existing=True)
    assert row is not None and row.payload is None and row.state == "lapsed"
    told = [entry for entry in office.steps(office.LogFilter(), 1).rows if entry.subject_kind == "bid"]
    assert not told, "the log that the auditor reads tells of no draft for a sealed call"
    browser.sign_out().sign_in(cast.tto).see("bids.create", challenge_id=challenge.id).submit("提交方案", **WHOLE)
    assert db.session.scalar(select(Bid.state).where(Bid.id != number)) == "submitted"


def test_nobody_else_deletes_a_draft_and_nothing_sent_is_deleted(cast: Cast) -> None:
    challenge = call(cast)
    bid = actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.tto))
    with pytest.raises(Forbidden):
        actions.discard(fresh(bid), actor(cast.rival))
    whole = sent(challenge, cast.rival)
    with pytest.raises(IllegalStep):
        actions.discard(fresh(whole), actor(cast.rival))


def test_a_withdrawn_bid_says_so_to_its_bidder_and_to_who_had_read_it(browser: Browser, cast: Cast) -> None:
    challenge = call(cast)
    bid = sent(challenge, cast.tto)
    browser.sign_in(cast.tto).see("bids.detail", bid_id=bid.id).submit("撤回申报")
    assert "这份申报已撤回" in browser.see("bids.detail", bid_id=bid.id).main
    assert "已撤回，内容不再有效；截止前可以重新申报" in browser.see("bids.index").main
    browser.sign_out().sign_in(cast.seeker)
    assert "另有 1 份申报由申报方撤回" in browser.see("bids.compare", challenge_id=challenge.id).main
    assert db.session.scalar(select(Notice.title).where(Notice.user_id == cast.seeker.id, Notice.kind == "bid_withdrawn"))


def test_of_a_sealed_call_nobody_hears_of_a_withdrawal(browser: Browser, cast: Cast) -> None:
    challenge = call(cast, visibility="at_deadline")
    bid = sent(challenge, cast.tto)
    actions.withdraw(fresh(bid), actor(cast.tto))
    assert "撤回" not in browser.sign_in(cast.seeker).see("bids.compare", challenge_id=challenge.id).main
    assert db.session.scalar(select(Notice.id).where(Notice.kind == "bid_withdrawn")) is None
