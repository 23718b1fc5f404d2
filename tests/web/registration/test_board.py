"""The status board: what the registry said, what waits how long, counts that lead to their rows."""

from __future__ import annotations

from datetime import date

from market.db import db
from market.models import Contract
from tests.cast import Cast
from tests.factories import ContractFactory
from tests.page import Browser
from tests.statements import counted


def numbers(browser: Browser, **arguments: object) -> list[str]:
    """Return the numbers of the five columns."""
    return [one.text_content() for one in browser.see("registration.board", **arguments).find(".board-number")]


def fill(cast: Cast) -> None:
    sides = {"seller": cast.institute, "buyer": cast.enterprise}
    ContractFactory(**sides, state="signed", signed_on=date(2026, 5, 1), title="等得最久的")
    ContractFactory(**sides, state="signed", signed_on=date(2026, 6, 1), title="刚签的")
    ContractFactory(**sides, state="filed", signed_on=date(2026, 5, 1), filed_on=date(2026, 5, 11), title="已经收下的")
    ContractFactory(
        **sides, state="refused", signed_on=date(2026, 5, 1), filed_on=date(2026, 5, 11), state_reason="技术内容不明", title="没有登上的"
    )
    ContractFactory(**sides, registered=True, title="登好的")
    ContractFactory(seller=cast.enterprise, buyer=cast.institute, state="signed", signed_on=date(2026, 5, 1), title="对方卖的")


def test_counts_lead_to_rows_the_longest_waiting_first(browser: Browser, cast: Cast) -> None:
    fill(cast)
    assert numbers(browser.sign_in(cast.tto)) == ["2份", "1份", "0份", "1份", "1份"]
    page = browser.see("registration.board")
    assert "最久 40 天" in page.main and "对方卖的" not in page.main
    assert [row.text_content().strip() for row in page.find("tbody th a")] == ["等得最久的", "刚签的"]
    page = browser.see("registration.board", state="filed")
    assert "最迟 2026-06-01 (周一) 答复（待核）" in page.main and "已逾期" in page.main  # 15 working days
    assert "技术内容不明" in browser.see("registration.board", state="refused").main
    assert numbers(browser.sign_in(cast.clerk)) == ["3份", "1份", "0份", "1份", "1份"]
    assert numbers(browser, year=2025) == ["3份", "1份", "0份", "0份", "0份"]
    assert numbers(browser.sign_in(cast.stranger)) == ["0份"] * 5


def test_several_are_accepted_on_one_day_or_none(browser: Browser, cast: Cast) -> None:
    fill(cast)
    page = browser.sign_in(cast.tto).see("registration.board")
    ticks = [tick.get("value") for tick in page.find("input[name=contract]")]
    page = page.submit("记为登记机构已受理", contract=ticks, filed_on="2026-05-20")  # before the second was signed
    assert page.status == 422 and "《刚签的》" in page.main and "不能早于 2026-06-01" in page.main
    assert len(page.find("input[name=contract][checked]")) == 2
    assert db.session.query(Contract).filter_by(state="filed").count() == 1
    page = page.submit("记为登记机构已受理", contract=ticks, filed_on="2026-06-02")
    assert "2 份合同登记机构已受理" in page.text and numbers(browser)[:2] == ["0份", "3份"]
    assert browser.send("registration.file_many", {"filed_on": "2026-06-02"}).status == 422


def test_the_board_asks_as_often_for_two_contracts_as_for_twenty(browser: Browser, cast: Cast) -> None:
    browser.sign_in(cast.clerk)
    made = []
    for more in (2, 18):
        for _ in range(more):
            sides = {
                "seller": None,
                "seller_name": "甲",
                "seller_region": "310107",
                "buyer": None,
                "buyer_name": "乙",
                "buyer_region": "320100",
            }
            ContractFactory(**sides, state="filed", signed_on=date(2026, 5, 1), filed_on=date(2026, 5, 2))
        db.session.remove()
        with counted() as statements:
            browser.see("registration.board", state="filed")
        made.append(len(statements))
    assert made[0] == made[1] <= 13
