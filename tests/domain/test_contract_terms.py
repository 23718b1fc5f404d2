"""The terms of a contract: ways of paying, the price of a 职务成果, the parent, what registration still needs, industries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from market.domain import classifications, codes
from market.domain import contract_terms as terms
from market.domain.contracts import CONTRACT
from market.domain.errors import IllegalStep, Invalid


@pytest.mark.parametrize(
    ("mode", "parts", "entry", "rate", "beside"),
    [
        ("once", [], None, None, None),
        ("once", [1000], None, None, None),
        ("once", [400, 600], None, None, "payment_mode"),
        ("instalments", [400, 600], None, None, None),
        ("instalments", [400, 599], None, None, "instalments"),
        ("instalments", [400, 600], 100, None, "payment_mode"),
        ("instalments", [], None, 300, "payment_mode"),
        ("royalty", [], None, 300, None),
        ("royalty", [1000], None, 300, "instalments"),
        ("royalty", [], 200, 300, "payment_mode"),
        ("royalty", [], None, 10_001, "royalty"),
        ("entry_royalty", [], 200, 300, None),
        ("entry_royalty", [50, 150], 200, 300, None),
        ("entry_royalty", [50, 151], 200, 300, "instalments"),
        ("entry_royalty", [], None, 300, "entry_fee"),
        ("entry_royalty", [], 1001, 300, "entry_fee"),
    ],
)
def test_the_numbers_fit_the_way_of_paying(mode: str, parts: list[int], entry: int | None, rate: int | None, beside: str | None) -> None:
    if beside is None:
        terms.check_payment(mode, 1000, parts, entry, rate, "年销售额" if rate else "")
        return
    with pytest.raises(Invalid) as refused:
        terms.check_payment(mode, 1000, parts, entry, rate, "")
    assert list(refused.value.fields) == [beside]


def test_a_royalty_is_told_apart_from_what_is_fixed() -> None:
    said = terms.payment_sentence("entry_royalty", 120_000_000, 20_000_000, 350, "年销售额")
    assert said == "入门费 20 万元，另按年销售额的 3.5% 提成，预计 100 万元"
    assert terms.payment_sentence("instalments", 120_000_000, None, None, "") is None
    assert [terms.percent(bp) for bp in (1, 10, 100, 350, 10_000, None)] == ["0.01%", "0.1%", "1%", "3.5%", "100%", "待补"]


PRICE: dict[str, Any] = {
    "price_asked": True, "service_result": True, "pricing": "agreed", "announced_from": date(2026, 1, 1), "announced_until": date(2026, 1, 15),
    "announced_where": "https://example.org/gs/1", "announced_proof": False, "publicity_days": 15, "signed_on": date(2026, 1, 16),
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"price_asked": False, "service_result": None}, None),
        ({"service_result": False, "pricing": ""}, None),
        ({"pricing": "listed", "announced_from": None}, None),
        ({"service_result": None}, "是不是职务成果"),
        ({"pricing": ""}, "定价方式"),
        ({"announced_from": None}, "起止日期"),
        ({"announced_where": ""}, "证明"),
        ({"announced_where": "", "announced_proof": True}, None),
        ({"announced_until": date(2026, 1, 14)}, "少于 15 天"),
        ({"announced_until": date(2026, 1, 14), "publicity_days": None}, None),
        ({"signed_on": date(2026, 1, 15)}, "公示期满"),
        ({"signed_on": True}, None),
    ],
)
def test_an_agreed_price_of_a_service_result_is_shown_in_the_house_before_signing(change: dict[str, Any], said: str | None) -> None:
    facts = PRICE | change | {"amount_fen": 100, "technical_amount_fen": 80, "type": "XK"}
    if said is None:
        assert CONTRACT.take("draft", "sign", facts) == "signed"
        return
    with pytest.raises(IllegalStep, match=said):
        CONTRACT.take("draft", "sign", facts)


def test_only_public_research_bodies_that_transfer_or_license_are_asked() -> None:
    assert terms.price_asked("XK", "022", False) and terms.price_asked("ZR", None, True)
    assert not terms.price_asked("KF", "022", True) and not terms.price_asked("XK", "150", False)


def test_a_change_of_what_is_registered_is_no_second_contract() -> None:
    assert "登记变更" in (terms.parent_refusal("change", "registered", False) or "")
    assert terms.parent_refusal("supplement", "registered", False) is None and terms.parent_refusal("change", "signed", False) is None
    assert terms.parent_refusal("supplement", "signed", True)
    facts = {
        "changes_registered": True,
        "registration_number": "1" * 16,
        "registered_on": date(2026, 1, 2),
        "amount_fen": 1,
        "technical_amount_fen": 1,
    }
    for step in ("file", "register"):
        with pytest.raises(IllegalStep, match="原合同"):
            CONTRACT.take("signed", step, facts)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 15), 2, date(2028, 2, 15)),
        (date(2028, 1, 30), 1, date(2028, 2, 29)),
        (date(2026, 6, 10), 0, date(2026, 6, 10)),
    ],
)
def test_months_are_counted_to_a_day_that_is_there(day: date, months: int, later: date) -> None:
    assert terms.months_later(day, months) == later


def test_what_registration_still_needs_shrinks_as_it_is_filled_in() -> None:
    needed = terms.still_needed({"type": "ZR", "payment_mode": "entry_royalty"})
    ids = [one for one, _word in needed]
    assert {"technical_amount", "related", "royalty", "new_output", "seller-credit_code", "buyer-phone", "industry"} <= set(ids)
    block = dict.fromkeys(("credit_code", "nature", "address", "legal_person", "contact", "phone"), "有")
    whole = dict.fromkeys((name for _id, name, _word in terms._SIMPLE), "有") | {"related_stated": True, "seller": block, "buyer": block}
    assert terms.still_needed(whole | {"type": "KF", "payment_mode": "once"}) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("65", "65"),
        ("I6510", "6510"),
        (" 软件和信息技术服务业 ", "65"),
        ("", None),
        ("6", ValueError),
        ("98", ValueError),
        ("６５", ValueError),
    ],
)
def test_an_industry_is_read_from_code_or_name(typed: str, code: Any) -> None:
    if code is ValueError:
        with pytest.raises(ValueError, match="4754"):
            classifications.industry_code(typed)
        return
    assert classifications.industry_code(typed) == code


def test_the_lists_are_whole() -> None:
    assert sorted(classifications.DIVISIONS) == [f"{n:02d}" for n in range(1, 98)]
    assert set(classifications.KIND_TESTS) == set(codes.CONTRACT_TYPES)
    assert classifications.industry_name("6510") == "软件和信息技术服务业（6510）" and classifications.COUNTRIES["中国"] == "142"
    assert list(codes.CONTRACT_SUBTYPES["FW"].values()) == ["一般技术服务", "技术培训", "技术中介"]
