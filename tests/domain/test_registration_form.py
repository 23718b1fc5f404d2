"""The form in the registry's order: units and decimals, what applies, what is missing; the parts of a number only warn."""

from __future__ import annotations

from datetime import date

from market.domain import rules_of_law
from market.domain.registration import number_parts, number_warnings
from market.domain.registration_form import FIELDS, KEYS, Unit, amount_text, entries, missing, next_after
from tests.domain.test_precheck import contract


def whole(**more: object) -> object:
    return contract(
        registration_number=None, new_investment_fen=None, new_output_fen=None, entry_fee_fen=None, seller_kind="institute",
        buyer_kind="enterprise", **more,
    )  # fmt: skip


def test_the_order_is_the_systems() -> None:
    assert KEYS[:8] == ("number", "title", "type", "signed_on", "starts_on", "ends_on", "amount", "technical_amount")
    assert [one.key.split(".")[0] for one in FIELDS].index("seller") < [one.key.split(".")[0] for one in FIELDS].index("buyer")
    assert len(set(KEYS)) == len(KEYS)


def test_amounts_are_plain_digits_in_the_units_of_the_dated_rule() -> None:
    assert amount_text(12_345_678_901, Unit()).text == "123456789.01"
    assert amount_text(12_345_678_900, Unit(10_000, 6)).text == "12345.678900"
    rounded = amount_text(12_345_678_901, Unit(10_000, 2))
    assert (rounded.text, rounded.rounded) == ("12345.68", True)
    assert amount_text(1_000_000, Unit(10_000, 2)).rounded is False
    assert Unit().hint == "系统按元填，2 位小数（待核）" and Unit(10_000, 4, checked=True).hint == "系统按万元填，4 位小数"
    yuan = rules_of_law.in_force("form_amount_yuan", date(2026, 6, 10))
    assert yuan is not None and (yuan.value, yuan.checked) == (1, False)


def test_only_what_applies_is_asked_and_the_open_fields_are_named() -> None:
    filled = {entry.field.key: entry for entry in entries(whole(), Unit())}
    assert "new_investment" not in filled and "seller.listed" not in filled and "buyer.listed" in filled
    assert filled["seller.region"].cell.text == "310107" and filled["seller.country"].cell.text == "142"
    assert filled["type"].cell.text == "技术开发—委托开发" and filled["industry"].cell.also
    open_ones = {entry.field.key for entry in missing(list(filled.values()))}
    assert {"seller.address", "buyer.legal_person"} <= open_ones
    assert not open_ones & {"number", "seller.postcode", "title", "seller.research"}
    assert "new_investment" in {entry.field.key for entry in entries(whole(type="ZR"), Unit())}


def test_the_next_field_follows_the_last_and_an_unknown_one_begins() -> None:
    filled = entries(whole(), Unit())
    following = next_after(filled, "title")
    assert following is not None and following.field.key == "type"
    assert next_after(filled, filled[-1].field.key) is None
    first = next_after(filled, "gone")
    assert first is not None and first.number == 1


def test_odd_parts_of_a_number_warn_and_nothing_more() -> None:
    assert str(number_parts("2026310107000001")) == "2026 3101 07 000001"
    assert number_warnings("2026310107000001", date(2026, 6, 10), "310107") == []
    assert len(number_warnings("2025320107000000", date(2026, 6, 10), "310107")) == 3
