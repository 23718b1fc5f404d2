"""The rules of contracts: amounts, instalments, sides, what counts."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.domain import codes, money
from market.domain import contract_terms as terms
from market.domain import contracts as rules
from market.domain.errors import IllegalStep, Invalid

FACTS = {
    "amount_fen": 100,
    "technical_amount_fen": 80,
    "signed_on": date(2026, 1, 1),
    "type": "KF",
    "registration_number": "1" * 16,
    "registered_on": date(2026, 1, 2),
    "reason": "有理由",
}


@given(st.integers(1, money.MAX_FEN), st.lists(st.integers(1, 5000), min_size=1, max_size=12))
def test_a_price_split_by_shares_passes_the_schedule_check_and_one_fen_more_does_not(total: int, weights: list[int]) -> None:
    shares = [weight * 10_000 // sum(weights) for weight in weights]
    shares[-1] += 10_000 - sum(shares)
    parts = money.split(total, shares)
    assert sum(parts) == total
    if all(part > 0 for part in parts):
        terms.check_schedule(total, parts)
    with pytest.raises(Invalid):
        terms.check_schedule(total + 1, parts)


@pytest.mark.parametrize(
    ("amount", "technical", "bad"),
    [(0, None, "amount"), (None, None, "amount"), (100, 101, "technical_amount"), (100, 0, "technical_amount")],
)
def test_amounts_that_cannot_be_are_refused(amount: int | None, technical: int | None, bad: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_amounts(amount, technical)
    assert bad in refused.value.fields


def test_amounts_that_can_be_pass() -> None:
    rules.check_amounts(100, 100)
    rules.check_amounts(100, None)
    terms.check_schedule(100, [])


@pytest.mark.parametrize("state", rules.CONTRACT.states)
@pytest.mark.parametrize("step", rules.CONTRACT.steps, ids=lambda step: step.name)
def test_every_step_starts_only_where_the_table_says(state: str, step: object) -> None:
    name, sources, target = step.name, step.sources, step.target  # type: ignore[attr-defined]
    if state in sources:
        assert rules.CONTRACT.take(state, name, FACTS) == target
    else:
        with pytest.raises(IllegalStep):
            rules.CONTRACT.take(state, name, FACTS)


def test_only_a_registered_contract_of_a_seller_in_the_district_counts() -> None:
    assert rules.counts_toward_goal("registered", "310107")
    assert not rules.counts_toward_goal("registered", "310115")
    assert not any(rules.counts_toward_goal(state, "310107") for state in rules.CONTRACT.states if state != "registered")


@pytest.mark.parametrize(
    ("seller", "buyer", "flow"),
    [("310107", "320100", "output"), ("320100", "310107", "intake"), ("310107", "310107", "inner"), ("320100", "310115", "outside")],
)
def test_the_flow_is_read_from_the_two_places(seller: str, buyer: str, flow: str) -> None:
    assert rules.flow(seller, buyer) == flow


@pytest.mark.parametrize(
    ("name", "nature", "kind"),
    [
        ("江湾能源研究所", None, "institute"),
        ("江湾能源研究所有限公司", None, "enterprise"),
        ("沪西大学", None, "institute"),
        ("沪西大学附属医院", None, "medical"),
        ("普陀区科学技术委员会", None, "government"),
        ("某某", "022", "institute"),
        ("某某大学", "150", "enterprise"),
        ("某某", None, "other"),
        ("", "", "other"),
    ],
)
def test_a_side_is_known_by_its_nature_code_first_then_by_its_name(name: str, nature: str | None, kind: str) -> None:
    assert rules.party_kind(name, {"nature": nature} if nature is not None else None) == kind


@given(st.lists(st.sampled_from([*codes.MODES, "unknown"]), max_size=4), st.sampled_from([*codes.IP_TYPES, None]))
def test_the_suggested_type_and_subtype_always_belong_together(modes: list[str], ip_type: str | None) -> None:
    kind, subtype = rules.type_of_modes(modes, ip_type)
    rules.check_kind(kind, subtype)


def test_the_grouped_choice_holds_every_subtype_once() -> None:
    values = [value for group in rules.kind_choices().values() for value in group]
    assert len(values) == len(set(values)) == sum(len(subtypes) for subtypes in codes.CONTRACT_SUBTYPES.values())
    with pytest.raises(Invalid):
        rules.check_kind("ZX", "entrusted")


def test_early_contracts_are_remarked_upon_and_others_are_not() -> None:
    assert rules.early_flag(date(2026, 1, 1), date(2026, 1, 2), "选定") == "签订日期 2026-01-01 早于选定日期 2026-01-02"
    assert rules.early_flag(date(2026, 1, 1), None, "选定") == "签订时尚未选定"
    assert rules.early_flag(date(2026, 1, 2), date(2026, 1, 2), "选定") is None
    assert rules.early_flag(None, None, "选定") is None


def test_more_money_than_the_price_is_a_remark() -> None:
    assert rules.paid_remark(100, 100) is None
    assert "超过成交额" in (rules.paid_remark(100_000_000, 110_000_000) or "")


@pytest.mark.parametrize(
    ("region", "area", "said"),
    [
        ("310107", "310107", False),
        ("310107", "310000", False),  # the municipal authority says nothing about the district
        ("310107", "310115", True),
        ("310107", "320100", True),
        ("320100", "320102", False),
        ("310107", "3X0115", False),
    ],
)
def test_a_code_given_elsewhere_is_a_hint_to_look_at_the_registered_place(region: str, area: str, said: bool) -> None:
    assert (rules.place_remark(region, f"91{area}MA1FPX0X0X") is not None) is said
