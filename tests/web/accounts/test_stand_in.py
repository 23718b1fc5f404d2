"""AB 角 from end to end: the page, the work of the absent person, the log, the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from market.db import db, transaction
from market.domain import clock
from market.models import Challenge, HistoryEntry, Lead, User
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import ChallengeFactory, UserFactory
from tests.page import Browser

DAY = timedelta(days=1)


@pytest.fixture
def colleague(cast: Cast) -> User:
    """A liaison of the commission who leads no lead yet."""
    user: User = UserFactory(name="李代办", organisation=cast.commission, roles=["liaison"])
    return user


def arrange(browser: Browser, cast: Cast, absent: User, other: User, days: int) -> None:
    """Let `other` stand in for `absent` from tomorrow for some days, on the page of the system administrator."""
    first, last = clock.today() + DAY, clock.today() + days * DAY
    page = browser.sign_in(cast.sysadmin).see("accounts.staff")
    facts = {"absent_id": absent.id, "stand_in_id": other.id, "first_day": first.isoformat(), "last_day": last.isoformat()}
    assert "代办已设置" in page.submit("设置代办", **facts).text
    browser.sign_out()


def test_the_stand_in_works_what_was_assigned_to_the_absent_person_on_these_days_only(
    app: Flask, browser: Browser, cast: Cast, colleague: User
) -> None:
    with transaction() as session:
        lead = Lead(
            company="城西机械厂", phone="13900000007", wrong="轴承异响", source="visit", state="assigned", assignee_id=cast.liaison.id
        )
        session.add(lead)
    lead_id, colleague_id = lead.id, colleague.id
    challenge_id = ChallengeFactory(organisation=cast.enterprise, state="draft", assignee_id=cast.liaison.id).id
    arrange(browser, cast, cast.liaison, colleague, 2)
    browser.sign_in(colleague)
    browser.see("challenges.edit", status=404, challenge_id=challenge_id)
    assert "今天您代办" not in browser.see("home.todo").main
    clock.fix(NOON + DAY)
    page = browser.see("home.todo")
    assert "今天您代办 孙联络 的工作" in page.main and "1 条线索由您跟进" in page.main
    assert "城西机械厂" in browser.see("leads.index").main
    browser.see("leads.detail", lead_id=lead_id)
    browser.see("challenges.edit", challenge_id=challenge_id).submit("保存", title="轴承异响要降到六十分贝以下")
    assert db.session.get_one(Challenge, challenge_id).title.startswith("轴承异响")
    entries = db.session.query(HistoryEntry).filter_by(actor_id=colleague_id).all()
    assert {entry.actor_name for entry in entries} <= {"李代办"}, "each step stands under the name of who took it"
    clock.fix(NOON + 3 * DAY)
    browser.see("challenges.edit", status=404, challenge_id=challenge_id)
    assert "今天您代办" not in browser.see("home.todo").main


def test_the_stand_in_of_a_reviewer_publishes_but_never_the_own_organisations(
    app: Flask, browser: Browser, cast: Cast, colleague: User
) -> None:
    foreign = ChallengeFactory(organisation=cast.enterprise, state="submitted").id
    own = ChallengeFactory(organisation=cast.commission, state="submitted").id
    arrange(browser, cast, cast.reviewer, colleague, 1)
    browser.sign_in(colleague)
    answer = browser.send("moderation.decide", {}, kind="challenge", decision="publish", item_id=foreign)
    assert answer.status == 403
    clock.fix(NOON + DAY)
    page = browser.see("moderation.item", kind="challenge", item_id=foreign)
    page.submit("发布")
    db.session.expire_all()
    assert db.session.get_one(Challenge, foreign).state == "published"
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="challenge", subject_id=foreign, step="publish").one()
    assert (entry.actor_name, "reviewer" in entry.actor_roles) == ("李代办", True)
    browser.send("moderation.decide", {}, kind="challenge", decision="publish", item_id=own)
    db.session.expire_all()
    assert db.session.get_one(Challenge, own).state == "submitted"
    log = browser.sign_out().sign_in(cast.auditor).see("accounts.log").main
    assert "设置代办" in log and "李代办" in log


def test_an_arrangement_that_is_ended_ends_at_the_next_page(browser: Browser, cast: Cast, colleague: User) -> None:
    arrange(browser, cast, cast.leader, colleague, 3)
    clock.fix(NOON + DAY)
    browser.sign_in(colleague).see("statistics.cockpit")
    browser.sign_out().sign_in(cast.sysadmin).see("accounts.staff").submit("结束")
    browser.sign_out().sign_in(colleague).see("statistics.cockpit", status=403)
