"""The leader's day in a real browser: the cockpit before a registration and after, the forecasts, the slider, a table, a map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from market.actions import forecasts, goals
from market.domain import money
from market.models import User
from tests.bidding import actor
from tests.cast import Cast
from tests.web.statistics.test_cockpit import registered

Check = Callable[[Page], None]


@pytest.mark.on_one("sqlite")
def test_the_cockpit_before_and_after_a_registration(
    app: Flask, cast: Cast, open_window: Callable[..., Page], check_axe: Check, sign_in: Callable[[Page, User], None]
) -> None:
    goal = {"baseline_fen": 5 * money.YI, "baseline_source": "公报", "increment_fen": 5 * money.YI, "increment_source": "计划"}
    goals.set_goal(2026, goal, actor(cast.leader))
    registered(2, date(2026, 5, 5), amount_fen=money.YI)
    forecasts.refresh()
    page = open_window(width=375)
    sign_in(page, cast.leader)
    page.goto("/cockpit?year=2026")
    expect(page.locator("main")).to_contain_text("登记 2.00 亿元，距目标差 8.00 亿元")
    registered(1, date(2026, 6, 1), amount_fen=3 * money.YI, buyer_region="320500", title="刚刚登记的合同")
    page.reload()
    expect(page.locator("main")).to_contain_text("登记 5.00 亿元，距目标差 5.00 亿元")
    page.get_by_role("link", name="年底推算", exact=True).click()
    expect(page.locator("main")).to_contain_text("之后数据有变化")
    check_axe(page)
    slider = page.get_by_label("再登记几份")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    row = page.locator("[data-gap-base]").first
    expect(row).to_contain_text("6.00 亿元")  # 2 registered when the forecast was made, and four of one 亿
    expect(row).to_contain_text("还差 4.00 亿元")
    page.get_by_role("button", name="算一算").click()
    expect(page.locator("[data-gap-base]").first).to_contain_text("还差 4.00 亿元")
    page.goto("/cockpit/crosstab?year=2026&rows=region&columns=flow")
    check_axe(page)
    page.get_by_role("row", name="苏州市").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("刚刚登记的合同")
    page.goto("/cockpit/maps?year=2026")
    check_axe(page)
    expect(page.locator("svg.chart:visible a", has_text="3.00 亿元")).to_be_visible()
