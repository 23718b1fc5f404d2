"""By keyboard alone, and with JavaScript switched off."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from market.db import db
from market.domain import clock
from market.models import User
from tests.bidding import call
from tests.browser import scenes
from tests.browser.conftest import PASSWORD
from tests.browser.people import Person
from tests.cast import Cast

FOCUSED = """() => { const e = document.activeElement; return [e.tagName, e.name || '', (e.innerText || e.value || '').trim(),
    getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none'] }"""


def _tab_to(page: Page, name: str = "", words: str = "", most: int = 60) -> None:
    """Press Tab until the field of this name, or the control with these words, has the focus; every stop must show that it has."""
    for _ in range(most):
        page.keyboard.press("Tab")
        tag, field, text, visible = page.evaluate(FOCUSED)
        assert visible or tag == "BODY", f"{page.url}: nothing shows that {tag} {field or text!r} has the focus"
        if (name and field == name) or (words and text == words):
            return
    raise AssertionError(f"{page.url}: no way by Tab to {name or words!r}")


@pytest.mark.on_one("sqlite")
def test_by_keyboard_alone(cast: Cast, open_window: Callable[..., Page], sign_in: Callable[[Page, User], None]) -> None:
    """Somebody without a mouse says three sentences, then signs in."""
    email = cast.seeker.email
    sign_in(open_window(), cast.seeker)  # gives the person the password that is typed below
    page = open_window()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[2] == "跳到正文"
    page.keyboard.press("Enter")
    _tab_to(page, words="说三句话")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask")
    for name, text in (
        ("wrong", "电池包一到冬天客户就投诉"), ("wanted", "零下二十度还有八成五"), ("company", "申城电池厂"),
    ):  # fmt: skip
        _tab_to(page, name)
        page.keyboard.insert_text(text)
    _tab_to(page, "region")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "phone")
    page.keyboard.type("13900000001")
    _tab_to(page, words="提交，看看谁能解")
    page.keyboard.press("Enter")  # without the consent: the summary takes the focus and leads to the field
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=consent]")).to_be_focused()
    page.keyboard.press("Space")
    _tab_to(page, words="提交，看看谁能解")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/ask/\d+"))
    page.goto("/")
    _tab_to(page, words="登录")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in**")
    _tab_to(page, "email")
    page.keyboard.type(email)
    _tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.get_by_role("navigation", name="我的工作")).to_be_visible()


@pytest.mark.on_one("sqlite")
def test_without_javascript(cast: Cast, open_window: Callable[..., Page], sign_in: Callable[[Page, User], None]) -> None:
    """A challenge is drafted with two indicators and submitted; a bid with four milestones is saved and sent."""
    open_call = call(cast, visibility="at_deadline", closes_at=clock.now() + timedelta(days=9))
    title = open_call.title
    scenes.publish(open_call)
    db.session.rollback()
    seeker, tto = Person(open_window(javascript=False)), Person(open_window(javascript=False))
    sign_in(seeker.page, cast.seeker)
    sign_in(tto.page, cast.tto)
    _a_challenge_is_drafted(seeker)
    _a_bid_is_sent(tto, title)


def _a_challenge_is_drafted(seeker: Person) -> None:
    seeker.opens("/challenges/new").writes(标题="焊缝气孔靠人眼看不过来", 要解决的难题="每天三千条焊缝，漏检百分之二。")
    seeker.writes(seeker.main.locator("[data-row='0']"), 指标="漏检率", 目标="≤0.2", 单位="%").presses("加一行指标")
    second = seeker.main.locator("[data-row='1']")
    seeker.writes(second, 指标="节拍", 目标="≤8", 单位="秒").presses("保存草稿").sees("草稿已保存")
    expect(seeker.main.get_by_label("标题")).to_have_value("焊缝气孔靠人眼看不过来")
    expect(seeker.main.locator("[name='indicators-1-target']")).to_have_value("≤8")
    seeker.presses("提交审核").sees("请先改正下面几处", "提交前请勾选")
    seeker.ticks("内容不含国家秘密").presses("提交审核").sees("已提交审核", "漏检率", "节拍")


def _a_bid_is_sent(tto: Person, title: str) -> None:
    tto.opens("/challenges").follows(title).follows("揭榜申报").is_on("揭榜申报")
    tto.writes(tto.main.locator("#part-intention"), 依据="做过三百只软包。", 完成周期="12").ticks("面议")
    tto.writes(技术路线="弱溶剂路线").writes(tto.row("放电容量保持率"), 承诺值="88").presses("加一个里程碑")
    for number, month in enumerate((3, 6, 9, 12)):
        row = tto.main.locator("tr", has=tto.page.locator(f"[name='milestones-{number}-name']"))
        tto.writes(row, 里程碑=f"第 {number + 1} 步", 第几个月=month, **{"付款比例（%）": 25})
    tto.presses("保存，先不提交").sees("还没有提交").presses("提交方案").sees("回执", "第 4 步", "88")
