"""What leaves an institute leaves through its authorised person: a professor drafts an answer, the TTO sends and withdraws it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from market.actions import bids as actions
from market.db import db
from market.domain.errors import Forbidden
from market.models import Bid
from tests.bidding import actor, call, fresh, fresh_call, sent, values
from tests.cast import Cast
from tests.page import Browser


def test_a_professor_drafts_and_the_tto_sends(browser: Browser, cast: Cast) -> None:
    number = call(cast).id
    page = browser.sign_in(cast.professor).see("bids.create", challenge_id=number)
    assert "提交意向" not in [button.text_content().strip() for button in page.find("button")]
    page = page.submit("保存，请授权人提交", basis="做过三百只", period_months="10", price_open="y")
    assert "请本单位的成果转化负责人或管理员提交" in page.text
    bid = db.session.scalars(select(Bid)).one()
    bid_id = bid.id
    assert bid.state == "draft" and bid.received_at is None
    browser.sign_out().sign_in(cast.tto).see("bids.edit", bid_id=bid_id).submit("提交意向")
    assert fresh(bid_id).state == "intention"


def test_the_verbs_themselves_refuse_a_member(cast: Cast) -> None:
    challenge = call(cast)
    bid = actions.create(fresh_call(challenge), values(fresh_call(challenge)), actor(cast.professor))
    with pytest.raises(Forbidden):
        actions.send(fresh(bid), values(fresh_call(challenge)), actor(cast.professor))
    assert fresh(bid).state == "draft"


def test_a_member_does_not_take_back_what_was_sent(browser: Browser, cast: Cast) -> None:
    bid_id = sent(call(cast), cast.tto).id
    page = browser.sign_in(cast.professor).see("bids.detail", bid_id=bid_id)
    assert "撤回申报" not in page.main
    assert browser.send("bids.take_step", bid_id=bid_id, step="withdraw").status == 403
    assert fresh(bid_id).state != "withdrawn"
