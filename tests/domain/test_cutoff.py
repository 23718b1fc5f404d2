"""The year-end cut-off from the dated rules: reckoned back with the holidays, unknown where a rule is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain import cutoff, rules_of_law
from market.domain.calendar import WorkCalendar
from market.domain.errors import Invalid
from market.domain.rules_of_law import Value

END = date(2026, 12, 31)


def in_force(day: date, **stored: Value) -> dict[str, Value | None]:
    return {name: rules_of_law.in_force(name, day, [stored[name]] if name in stored else ()) for name in cutoff.RULES}


def test_the_days_of_2026_are_those_of_the_design() -> None:
    found = cutoff.year_end(2026, in_force(END), WorkCalendar())
    assert (found["ordinary"].last_day, found["large"].last_day) == (date(2026, 12, 10), date(2026, 11, 19))
    assert found["ordinary"].advised == date(2026, 12, 3) and found["ordinary"].days_left(date(2026, 12, 12)) == -2
    assert found["ordinary"].days is not None and not found["ordinary"].days.checked


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2023, 3, 1), date(2026, 12, 31)), st.integers(1, 40))
def test_no_later_day_would_do_and_this_one_does(until: date, days: int) -> None:
    calendar = WorkCalendar()
    last = cutoff.last_filing_day(calendar, until, days)
    assert calendar.is_working(last) and calendar.add(last, days) <= until
    later = last + timedelta(days=1)
    while not calendar.is_working(later):
        later += timedelta(days=1)
    assert calendar.add(later, days) > until


def test_a_stored_value_goes_before_the_table_from_its_day_on_and_a_rule_not_yet_in_force_is_unknown() -> None:
    newer = Value(10, "正式文本第十条", date(2026, 6, 1), None, checked=True)
    assert rules_of_law.in_force("registration_days", date(2026, 5, 31), [newer]) == rules_of_law.RULES["registration_days"].values[0]
    assert rules_of_law.in_force("registration_days", date(2026, 6, 1), [newer]) == newer
    assert rules_of_law.in_force("registration_days", date(2025, 12, 31)) is None
    found = cutoff.year_end(2026, in_force(END, registration_days=newer), WorkCalendar())
    assert found["ordinary"].last_day == date(2026, 12, 17)
    assert cutoff.year_end(2025, in_force(date(2025, 12, 31)), WorkCalendar())["large"].last_day is None


def test_what_nobody_checked_says_so_and_what_is_not_there_is_not_guessed() -> None:
    rule = rules_of_law.RULES["large_contract_fen"]
    assert rules_of_law.words(rule.name, rule.values[0]) == "500 万元（待核）" and rules_of_law.words(rule.name, None) == "待录入"
    assert rules_of_law.read([rules_of_law.stored(rule.values[0])]) == [rule.values[0]]
    with pytest.raises(Invalid):
        rules_of_law.check("registration_days", Value(0, "来源", date(2026, 1, 1)))
    with pytest.raises(Invalid):
        rules_of_law.check("registration_days", Value(15, " ", date(2026, 1, 1)))


def test_a_contract_is_large_by_its_technical_amount_or_by_its_price_while_that_is_unknown() -> None:
    limit = Value(500_000_000, "")
    kinds = [cutoff.kind_of(*amounts, limit) for amounts in ((499_999_999, 900_000_000), (500_000_000, 900_000_000), (None, 500_000_000))]
    assert kinds == ["ordinary", "large", "large"] and cutoff.kind_of(None, 10**12, None) == "ordinary"
