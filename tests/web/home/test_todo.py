"""待办: each person sees what waits for them, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

from market.db import db, transaction
from market.domain import clock
from market.models import Lead, Notice, Objection
from tests.bidding import sent
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


def test_the_number_in_the_header_is_the_sum_of_the_page_and_no_unread_notice(cast: Cast, browser: Browser) -> None:
    ChallengeFactory(state="submitted", answer_due=clock.today())
    ChallengeFactory(state="submitted", answer_due=clock.today())
    with transaction() as session:
        session.add(Lead(wrong="掉电", company="某厂", phone="13900000000"))
        session.add(Notice(user_id=cast.clerk.id, kind="account", title="欢迎"))
    ContactFactory(seeker=cast.enterprise, provider=cast.institute, answer_due=clock.today())
    for person in cast.people().values():
        lines = tasks(browser.sign_out().sign_in(person))
        page = browser.see("home.todo")
        badges = page.find(".site-user a[href='/todo'] .counter")
        shown = int("".join(c for c in badges[0].text_content() if c.isdecimal())) if badges else 0
        assert shown == sum(int(line.split()[0]) for line in lines), person.name
        assert not lines or f"共 {shown} 件" in page.main
    page = browser.sign_out().sign_in(cast.clerk).see("home.index")
    assert page.find(".site-user a[href='/todo'] .counter")[0].text_content().split() == ["有", "3", "件"]
    assert page.find(".site-user a[href='/notices'] .counter")[0].text_content().split() == ["有", "1", "条未读"]


def test_who_chooses_sees_a_window_that_is_over_and_the_clerk_an_objection(cast: Cast, browser: Browser) -> None:
    today = clock.today()
    window = {"publicity_days": 5, "publicity_from": today - timedelta(days=9), "publicity_until": today - timedelta(days=2)}
    challenge = ChallengeFactory(organisation=cast.enterprise, open_call=True, **window)
    bid = sent(challenge, cast.tto)
    challenge = bid.challenge
    challenge.state = "publicity"
    row = {"channel": "phone", "raised_by": "吴工", "text": "旧数据", "answer_due": today, "received_on": today}
    db.session.add(Objection(challenge_id=challenge.id, bid_id=bid.id, **row))
    db.session.commit()
    assert tasks(browser.sign_in(cast.seeker)) == ["1 个榜单公示期满，待确认选定"]
    assert tasks(browser.sign_out().sign_in(cast.clerk)) == ["1 件公示异议待答复"]
