"""The shortest walk through the market in a real browser: read, ask without an account, sign in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from market.actions import search
from market.db import transaction
from market.models import User
from tests.cast import Cast
from tests.factories import ChallengeFactory

Check = Callable[[Page], None]


@pytest.mark.on_one("sqlite")
@pytest.mark.parametrize("width", [1280, 375])
def test_a_stranger_reads_asks_and_a_member_signs_in(
    cast: Cast, open_window: Callable[..., Page], check_axe: Check, sign_in: Callable[[Page, User], None], width: int
) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True, title="电池包冬天续航掉得厉害")
    with transaction():
        search.refresh(challenge)
    page = open_window(width=width)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_axe(page)
    page.goto("/challenges")
    check_axe(page)
    page.get_by_role("link", name=re.compile("电池包冬天续航掉得厉害")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("电池包冬天续航")
    check_axe(page)
    _ask(page, check_axe)
    page.goto("/sign-in")
    check_axe(page)
    sign_in(page, cast.seeker)
    check_axe(page)


def _ask(page: Page, check_axe: Check) -> None:
    page.goto("/ask")
    check_axe(page)
    page.locator("[name=wrong]").fill("电池包一到冬天客户就投诉，零下二十度只剩五成六的电")
    page.locator("[name=wanted]").fill("零下二十度还有八成五，成本每套多不过九百块")
    page.locator("[name=company]").fill("申城某电池公司")
    page.locator("[name=contact_name]").fill("王工")
    page.locator("[name=phone]").fill("13800000000")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="提交，看看谁能解").click()
    page.wait_for_url(re.compile(r"/ask/\d+"))
    check_axe(page)
