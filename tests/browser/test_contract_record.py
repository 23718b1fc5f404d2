"""A contract from a chosen bid in a real browser: everything known stands there; one date and one press record it as signed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from market.db import db, transaction
from market.domain import clock
from market.models import BidAnswer, Challenge
from tests.actions.test_contracts import chosen_bid
from tests.browser.people import Enter
from tests.cast import Cast


@pytest.mark.on_one("sqlite")
def test_from_a_bid_nothing_is_typed_twice(cast: Cast, enter: Enter, check_axe: Callable[[Page], None]) -> None:
    bid = chosen_bid(cast, title="电池包低温自加热")
    with transaction():
        bid.author_id = cast.professor.id
        db.session.get_one(BidAnswer, bid.id).period_months = 12
        db.session.get_one(Challenge, bid.challenge_id).contact_name = "赵工"
    tto = enter(cast.tto)
    tto.opens_own("揭榜申报").follows("电池包低温自加热").follows("录入合同").is_on("录入合同")
    main = tto.main
    known = {
        "title": "电池包低温自加热", "amount": "99.999999", "technical_amount": "60", "costs-1-amount": "39.999999", "instalments-2-name": "第 3 阶段",
        "instalments-2-amount": "33.34", "starts_on": "2026-06-10", "ends_on": "2027-06-10", "seller-contact": "陈教授", "buyer-contact": "赵工",
    }  # fmt: skip
    for name, value in known.items():
        expect(main.locator(f"[name='{name}']")).to_have_value(re.compile(rf"^{re.escape(value)}"))
    tto.sees("来自申报报价", "江南研究院", "申城电池厂")

    main.locator("summary", has_text="费用清单：").click()
    costs, technical = main.locator("[data-costs]"), main.locator("[name='technical_amount']")
    costs.locator("[name='costs-1-amount']").fill("20")
    tto.sees("清单合计 80 万元，比成交额少 19.999999 万元")
    costs.locator("[name='costs-0-amount']").fill("79.999999")
    expect(technical).to_have_value("79.999999")
    tto.presses("加一行费用", costs)
    costs.locator("[name='costs-2-kind']").select_option(label="原材料")
    costs.locator("[name='costs-2-amount']").fill("1")
    costs.locator("[name='costs-0-amount']").fill("78.999999")
    expect(technical).to_have_value("78.999999")
    check_axe(tto.page)
    tto.page.set_viewport_size({"width": 375, "height": 800})
    tto.follows("国民经济行业", main.locator(".form-aside"))
    expect(main.locator("[name='industry']")).to_be_visible()  # the link opened the fold
    check_axe(tto.page)

    tto.writes(签订日期=clock.today().isoformat()).presses("保存合同").sees(
        "并记为已签订", "技术交易额怎么来的", "− 原材料 1 万元 = 79 万元"
    )
    expect(main.get_by_text("已签订", exact=True).first).to_be_visible()
    check_axe(tto.page)
