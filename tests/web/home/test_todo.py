"""待办: each person sees what waits for them, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

from market.db import db, transaction
from market.domain import clock
from market.models import Lead
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory, ContractFactory
from tests.page import Browser
from tests.statements import counted


def tasks(browser: Browser) -> list[str]:
    """Return the lines of the page."""
    return [title.text_content() for title in browser.see("home.todo").find(".listing-title")]


def test_without_work_the_page_says_so(cast: Cast, browser: Browser) -> None:
    assert tasks(browser.sign_in(cast.stranger)) == []
    assert "没有等您办的事" in browser.see("home.todo").main


def test_strangers_are_sent_to_sign_in(browser: Browser) -> None:
    assert browser.client.get("/todo").status_code == 302


def test_the_clerk_sees_leads_and_the_queue_with_what_is_late(cast: Cast, browser: Browser) -> None:
    with transaction() as session:
        session.add(Lead(wrong="掉电", company="某厂", phone="13900000000"))
    ChallengeFactory(state="submitted", answer_due=clock.today() - timedelta(days=1))
    ChallengeFactory(state="submitted", answer_due=clock.today())
    ChallengeFactory(state="submitted", organisation=cast.commission)
    browser.sign_in(cast.clerk)
    assert tasks(browser) == ["1 条线索待分派", "2 条需求待审核"]
    assert "1 件已逾期" in browser.see("home.todo").main


def test_the_asked_side_is_to_answer_and_the_asking_side_is_not(cast: Cast, browser: Browser) -> None:
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, answer_due=clock.today())
    assert tasks(browser.sign_in(cast.tto)) == ["1 个对接请求待答复"]
    assert tasks(browser.sign_out().sign_in(cast.seeker)) == []


def test_owners_see_what_was_returned_what_closed_and_what_ages(cast: Cast, browser: Browser) -> None:
    ChallengeFactory(organisation=cast.enterprise, state="returned")
    ChallengeFactory(organisation=cast.enterprise, open_call=True, closes_at=clock.now() - timedelta(days=1))
    CapabilityFactory(organisation=cast.institute, published=True, confirmed_on=clock.today() - timedelta(days=400))
    ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True)
    assert tasks(browser.sign_in(cast.seeker)) == ["1 条需求被退回，待修改", "1 个榜单已截止，待开启和选定"]
    assert tasks(browser.sign_out().sign_in(cast.tto)) == ["1 项成果与能力待确认仍然有效", "1 份合同已签订，待登记"]


def test_one_statement_counts_everything(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.clerk)
    db.session.expire_all()
    with counted() as statements:
        browser.see("home.todo")
    assert len([s for s in statements if "UNION ALL" in s]) == 1
