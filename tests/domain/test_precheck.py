"""The sixteen questions: each finding can be made and mended, and an answer does not outlive what it was given on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from market.domain import precheck
from market.domain.precheck import ASK, ITEMS, MEND, PASS, SKIP, WARN, Facts, basis_of, results

CODE = "91310107MA1G0ABC1Y"


def contract(**more: Any) -> Any:
    facts = {"credit_code": CODE, "country": "中国"}
    values: dict[str, Any] = {
        "title": "叉车电池包低温自加热策略开发", "type": "KF", "subtype": "entrusted", "note": "", "amount_fen": 100_000_000,
        "technical_amount_fen": 100_000_000, "payment_mode": "once", "instalments": [], "costs": [], "royalty_bp": None, "royalty_base": "",
        "ip_type": "secret", "field": "06", "plan_source": "none", "goal_code": "industry", "industry": "38", "related_stated": True,
        "related_parties": False, "signed_on": date(2026, 6, 1), "starts_on": date(2026, 6, 1), "ends_on": date(2027, 5, 31), "state": "signed",
        "seller_name": "江南研究院", "seller_region": "310107", "seller_facts": facts, "buyer_name": "申城电池厂", "buyer_region": "310107",
        "buyer_facts": facts, "is_duplicate": False,
    }  # fmt: skip
    return SimpleNamespace(**(values | more))


def facts_of(one: Any, **more: Any) -> Facts:
    return replace(Facts(one, date(2026, 6, 10), {}), **more)


def state_of(key: str, one: Any, **more: Any) -> str:
    answers = {} if key == "training" else all_yes(one)
    return next(found.state for found in results(facts_of(one, **more), answers) if found.item.key == key)


def all_yes(one: Any) -> dict[str, tuple[str, str]]:
    return {item.key: ("yes", basis_of(item, one)) for item in ITEMS if item.asked}


def test_there_are_sixteen_and_each_says_what_how_and_whence() -> None:
    assert len(ITEMS) == len({item.key for item in ITEMS}) == 16
    assert all(item.question and item.how and item.mend and item.field and item.source and (item.check or item.asked) for item in ITEMS)
    assert all("待核" in item.source or "《民法典》" in item.source for item in ITEMS)


def test_a_whole_contract_passes_once_the_questions_are_answered() -> None:
    one = contract()
    found = results(facts_of(one), all_yes(one))
    assert {result.state for result in found} == {PASS, SKIP}
    assert precheck.counts(found)[SKIP] == 2 and precheck.sentence(found) == "通过 14 项"
    assert precheck.counts(results(facts_of(one), {}))[ASK] == 6


@pytest.mark.parametrize(
    ("key", "change", "state"),
    [
        ("parties", {"buyer_facts": {"credit_code": CODE[:-1] + "X"}}, MEND),
        ("parties", {"buyer_facts": {"nature": "400"}}, PASS),
        ("content", {"title": "技术服务合同"}, WARN),
        ("price", {"payment_mode": "instalments"}, MEND),
        ("price", {"payment_mode": "royalty"}, MEND),
        ("price", {"payment_mode": "royalty", "royalty_bp": 300, "royalty_base": "销售额"}, WARN),
        ("clauses", {"note": "乙方不得改进本技术"}, WARN),
        ("development", {"type": "FW", "subtype": "general"}, SKIP),
        ("right", {"type": "ZR", "subtype": "patent_right", "ip_type": "secret"}, MEND),
        ("right", {"type": "XK", "subtype": "secret_licence", "ip_type": "none"}, WARN),
        ("training", {"type": "FW", "subtype": "training"}, ASK),
        ("amounts", {"technical_amount_fen": None}, MEND),
        ("amounts", {"technical_amount_fen": 80_000_000}, WARN),
        ("amounts", {"technical_amount_fen": 80_000_000, "costs": [SimpleNamespace(kind="equipment", amount_fen=20_000_000)]}, PASS),
        ("amounts", {"technical_amount_fen": 80_000_000, "costs": [SimpleNamespace(kind="equipment", amount_fen=10_000_000)]}, MEND),
        ("days", {"ends_on": date(2026, 6, 9), "starts_on": date(2026, 6, 1)}, MEND),
        ("days", {"starts_on": date(2026, 5, 1)}, WARN),
        ("days", {"ends_on": None}, MEND),
        ("applicant", {"seller_region": "320000"}, MEND),
        ("columns", {"industry": None}, MEND),
        ("related", {"related_stated": False}, MEND),
        ("once", {"is_duplicate": True}, MEND),
    ],
)
def test_each_reason_is_found(key: str, change: dict[str, Any], state: str) -> None:
    assert state_of(key, contract(**change)) == state


def test_names_twins_and_numbers_come_from_outside_the_contract() -> None:
    assert state_of("parties", contract(), names={"seller": "江南新材料研究院"}) == WARN
    assert state_of("once", contract(), twins=("另一份",)) == WARN
    assert state_of("once", contract(), number_taken=True) == MEND


def test_a_no_is_to_be_mended_and_a_change_asks_again() -> None:
    one = contract()
    answers = all_yes(one) | {"seal": ("no", basis_of(precheck.BY_KEY["seal"], one))}
    assert next(found.state for found in results(facts_of(one), answers) if found.item.key == "seal") == MEND
    renamed = contract(buyer_name="申城电池有限公司")
    asked = {found.item.key: found.said for found in results(facts_of(renamed), answers) if found.state == ASK}
    assert asked == {"seal": "合同改过，请再核对一次"}
