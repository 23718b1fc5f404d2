"""The form for the registry is copied field by field: the clipboard holds it, the server the place, also without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from market.db import db
from market.models import User
from tests.browser.people import Enter
from tests.cast import Cast
from tests.factories import ContractFactory


@pytest.mark.on_one("sqlite")
def test_what_is_copied_counts_as_filled_and_goes_on_elsewhere(
    cast: Cast, enter: Enter, open_window: Callable[..., Page], sign_in: Callable[[Page, User], None], check_axe: Callable[[Page], None]
) -> None:
    number: Any = ContractFactory(seller=cast.institute, buyer=cast.enterprise, signed=True, title="叉车电池包低温自加热策略开发").id
    db.session.rollback()
    tto = enter(cast.tto).opens(f"/contracts/{number}").follows("抄填登记表").page
    copied = tto.evaluate(
        "() => { const texts = []; document.addEventListener('copy', () => texts.push(document.activeElement.value)); window.copied = texts; "
        "navigator.clipboard && (navigator.clipboard.writeText = async (text) => { texts.push(text); }); return texts.length; }"
    )
    assert copied == 0
    for field in ("项目名称", "合同类型"):
        tto.locator(".copy-row", has_text=field).get_by_role("button", name="复制").click()
    expect(tto.locator("[data-place-done]")).to_have_text("2")
    assert tto.evaluate("window.copied") == ["叉车电池包低温自加热策略开发", "技术开发—委托开发"]
    check_axe(tto)

    phone = open_window(width=375, height=800, javascript=False)  # another device, no script: the place is on the server
    sign_in(phone, cast.tto)
    phone.goto(f"/contracts/{number}/form")
    expect(phone.locator("#place")).to_contain_text("上次填到「合同类型」")
    expect(phone.locator("#value-amount")).to_have_css("user-select", "all")
    expect(phone.get_by_role("button", name="复制")).to_have_count(0)
    phone.get_by_role("link", name="接着填：签订日期").click()
    phone.locator("#field-signed_on").get_by_role("button", name="填好了").click()
    expect(phone.locator("#place")).to_contain_text("3 / ")
