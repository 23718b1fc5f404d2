"""Settings and holidays: what staff may change, and what a crafted form may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from market.actions import site_settings
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, Invalid
from market.domain.permissions import Actor
from market.models import Challenge, HistoryEntry, Holiday, Setting
from market.queries import accounts, settings
from tests.cast import Cast
from tests.factories import ChallengeFactory
from tests.page import Browser
from tests.web.accounts.test_members import person


def admin(cast: Cast) -> Actor:
    return accounts.actor_of(person(cast.sysadmin.id))


def test_what_is_set_appears_in_the_footer_and_in_the_history(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.sysadmin).see("accounts.settings")
    page.submit("保存设置", organiser="普陀区科学技术委员会", phone="021-52564588", icp="沪ICP备00000000号", contact_days="5")
    footer = browser.sign_out().see("accounts.sign_in").find("footer")[0].text_content()
    assert "普陀区科学技术委员会" in footer and "021-52564588" in footer and "沪ICP备00000000号" in footer
    assert settings.current().contact_days == 5
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="settings").one()
    assert entry.detail["changed"]["contact_days"] == [3, 5]


def test_saving_without_a_change_writes_nothing(browser: Browser, cast: Cast) -> None:
    assert "没有改动" in browser.sign_in(cast.sysadmin).see("accounts.settings").submit("保存设置").text
    assert db.session.query(Setting).count() == 0 and db.session.query(HistoryEntry).count() == 0


@pytest.mark.parametrize("name", ["sample_market", "clock_offset_days"])
def test_neither_the_clock_nor_the_sample_mark_can_be_slipped_in(browser: Browser, cast: Cast, name: str) -> None:
    browser.sign_in(cast.sysadmin).see("accounts.settings").submit("保存设置", **{name: "1", "organiser": "某单位"})
    assert [row.name for row in db.session.query(Setting)] == ["organiser"]
    with pytest.raises(Invalid):
        site_settings.change({name: 1}, admin(cast))


WRONG = [
    ("contact_days", "0"),
    ("contact_days", "31"),
    ("publicity_days", "4"),
    ("confirmation_months", "x"),
    ("organiser", ""),
    ("phone", "12"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_beside_its_field(browser: Browser, cast: Cast, name: str, value: str) -> None:
    page = browser.sign_in(cast.sysadmin).see("accounts.settings").submit("保存设置", **{name: value})
    assert page.find(f"#{name}-error") and db.session.query(Setting).count() == 0


def test_only_the_system_administrator_sets(app: Flask, cast: Cast) -> None:
    for part in ("clerk", "leader", "auditor", "seeker"):
        actor = accounts.actor_of(person(getattr(cast, part).id))
        with pytest.raises(Forbidden):
            site_settings.change({"organiser": "某单位"}, actor)
        with pytest.raises(Forbidden):
            site_settings.set_holidays(2027, "2027-01-01 元旦", "通知", actor)


def test_a_pasted_year_becomes_the_calendar(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.sysadmin).see("accounts.holidays", year=2030)
    pasted = "1月1日 元旦\n2030-02-02 至 2030-02-09 春节\n2030年2月10日：上班"
    page = page.submit("保存这一年的安排", year="2030", days=pasted, source="示例通知")
    assert "2030 年的安排已保存" in page.text and "2030-02-10 (周日)" in page.main
    calendar = settings.work_calendar()
    assert not calendar.is_working(date(2030, 2, 5)) and calendar.is_working(date(2030, 2, 10))
    assert not calendar.is_working(date(2030, 2, 17)) and calendar.known(2030)
    site_settings.set_holidays(2030, "2030-01-02 元旦", "更正", admin(cast))
    assert [row.day for row in db.session.query(Holiday)] == [date(2030, 1, 2)]


@pytest.mark.parametrize(
    "text", ["什么时候放假", "2030-02-30 春节", "2029-01-01 元旦", "2030-03-02 至 2030-03-01 倒", "", "1月1日\n1月1日"]
)
def test_a_line_that_cannot_be_read_changes_nothing(browser: Browser, cast: Cast, text: str) -> None:
    site_settings.set_holidays(2030, "2030-01-01 元旦", "通知", admin(cast))
    page = browser.sign_in(cast.sysadmin).see("accounts.holidays", year=2030)
    page = page.submit("保存这一年的安排", year="2030", days=text, source="通知")
    assert page.find("#days-error")
    assert [row.day for row in db.session.query(Holiday)] == [date(2030, 1, 1)]


def test_a_running_publicity_window_grows_and_never_shrinks(app: Flask, cast: Cast) -> None:
    today = clock.today()
    before = settings.work_calendar().window(today, 5)[0]
    running = ChallengeFactory(organisation=cast.enterprise, published=True)
    with transaction():
        running = db.session.get_one(Challenge, running.id)
        running.state, running.publicity_days = "publicity", 5
        running.publicity_from, running.publicity_until = today, before
    holiday = today + timedelta(days=1)
    assert site_settings.set_holidays(today.year, f"{holiday.isoformat()} 临时放假", "通知", admin(cast)) == 1
    db.session.expire_all()
    longer = db.session.get_one(Challenge, running.id).publicity_until
    assert longer is not None and longer > before
    weekend = before + timedelta(days=5 - before.weekday()) if before.weekday() < 5 else before
    assert site_settings.set_holidays(today.year, f"{weekend.isoformat()} 上班", "更正", admin(cast)) == 0
    db.session.expire_all()
    assert db.session.get_one(Challenge, running.id).publicity_until == longer
