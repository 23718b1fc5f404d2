"""The auditor reads every step and every access, filtered and by pages, and changes nothing."""

from __future__ import annotations

from datetime import timedelta

from market.actions import history
from market.domain import clock
from market.domain.permissions import Actor
from tests.cast import Cast
from tests.conftest import NOON
from tests.page import Browser
from tests.web.accounts.conftest import OTHER, give_password
from tests.web.accounts.test_sign_in import come_in

CLERK, REVIEWER = Actor(name="钱经办"), Actor(name="吴审核")


def test_steps_are_filtered_by_person_kind_and_day(browser: Browser, cast: Cast) -> None:
    history.record("challenge", 7, "publish", CLERK, from_state="submitted", to_state="published", reason="内容完整")
    clock.fix(NOON + timedelta(days=1))
    history.record("organisation", 8, "verify", REVIEWER, from_state="pending", to_state="verified", reason="执照一致")
    browser.sign_in(cast.auditor)
    whole = browser.see("accounts.log").main
    assert "内容完整" in whole and "执照一致" in whole and "待核验" in whole and "核验通过" in whole
    for query in ({"person": "钱"}, {"kind": "challenge"}, {"last": "2026-06-10"}):
        words = browser.see("accounts.log", **query).main
        assert "内容完整" in words and "执照一致" not in words
    assert "执照一致" in browser.see("accounts.log", first="2026-06-11").main


def test_accesses_say_who_tried_to_come_in(browser: Browser, cast: Cast) -> None:
    come_in(browser, give_password(cast.seeker).email, OTHER)
    page = browser.sign_in(cast.auditor).see("accounts.log", view="access")
    assert "登录未成功" in page.main and "王厂长" in page.main and "127.0.0.1" in page.main


def test_pages_hold_fifty_lines(browser: Browser, cast: Cast) -> None:
    for n in range(60):
        history.record("challenge", n + 1, "publish", CLERK, reason=f"第{n}条")
    browser.sign_in(cast.auditor)
    assert "共 60 条" in browser.see("accounts.log").main
    assert len(browser.see("accounts.log", page=2).find("tbody tr")) == 10
    assert len(browser.see("accounts.log", page=99).find("tbody tr")) == 10


def test_a_wrong_date_or_percent_sign_does_no_harm(browser: Browser, cast: Cast) -> None:
    history.record("challenge", 7, "publish", CLERK, reason="内容完整")
    browser.sign_in(cast.auditor)
    assert browser.see("accounts.log", first="2026-99-99").status == 200
    assert "没有符合的记录" in browser.see("accounts.log", person="%").main
    assert browser.see("accounts.log", kind="nonsense").status == 200
