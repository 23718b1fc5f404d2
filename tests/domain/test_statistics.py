"""Growth, season, small cells, filters: values in, values out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.domain import codes, money
from market.domain import statistics as rules
from market.domain.contracts import PARTY_KINDS
from market.domain.statistics import Cell, Filter

CURVE = [4, 7, 14, 21, 28, 37, 44, 51, 60, 67, 78, 100]


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [(112, 100, "+12.0%"), (100, 112, "-10.7%"), (0, 5, "-100.0%"), (5, 0, "无可比数据"), (0, 0, "无可比数据"), (1, 1, "+0.0%")],
)
def test_growth_is_only_said_where_there_was_something_to_grow_from(now: int, then: int, said: str) -> None:
    assert rules.percent(rules.growth_bp(now, then), signed=True) == said


def test_an_empty_cell_has_no_average_and_no_share() -> None:
    assert (Cell().average_fen, Cell().technical_share_bp, rules.total([])) == (None, None, Cell())
    assert Cell(3, 100, 50).average_fen == 33
    assert Cell(2, 5, 0).average_fen == 3  # half up
    assert Cell(1, 3, 2).technical_share_bp == 6667


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-(10**14), 10**14), st.integers(0, 10**14)), max_size=20))
def test_cells_add_up_in_any_order(values: list[tuple[int, int, int]]) -> None:
    cells = [Cell(*value) for value in values]
    assert (
        rules.total(cells) == rules.total(reversed(cells)) == Cell(*(sum(column) for column in zip(*values, strict=True)))
        if values
        else Cell()
    )


@pytest.mark.parametrize(
    ("day", "year", "there"),
    [
        (date(2024, 2, 29), 2023, date(2023, 2, 28)),
        (date(2023, 2, 28), 2024, date(2024, 2, 29)),
        (date(2025, 12, 31), 2024, date(2024, 12, 31)),
        (date(2026, 11, 24), 2025, date(2025, 11, 24)),
        (date(2024, 2, 28), 2023, date(2023, 2, 28)),
    ],
)
def test_the_same_day_of_another_year(day: date, year: int, there: date) -> None:
    assert rules.same_day(day, year) == there


def test_a_running_year_reaches_to_today_and_a_past_one_to_its_end() -> None:
    assert rules.as_of(2026, date(2026, 6, 10)) == date(2026, 6, 10)
    assert rules.as_of(2024, date(2026, 6, 10)) == date(2024, 12, 31)


def share(day: date, curve: list[int]) -> int:
    return rules.share_bp(day, [100 * value for value in curve])


def test_the_season_runs_straight_between_month_ends() -> None:
    assert share(date(2026, 12, 31), CURVE) == 10_000
    assert share(date(2026, 4, 30), CURVE) == 2_100
    assert share(date(2026, 1, 31), CURVE) == 400
    assert share(date(2026, 12, 16), CURVE) == 7_800 + 2_200 * 16 // 31


@given(st.dates(date(2020, 1, 1), date(2030, 12, 30)))
def test_the_season_never_falls_within_a_year(day: date) -> None:
    following = day + timedelta(days=1)
    if following.year == day.year:
        assert 0 < share(day, CURVE) <= share(following, CURVE) <= 10_000


@pytest.mark.parametrize("curve", [[], CURVE[:11], [*CURVE[:11], 99], [0, *CURVE[1:]], [4, 3, *CURVE[2:]]])
def test_a_curve_that_cannot_be_is_refused(curve: list[int]) -> None:
    with pytest.raises(ValueError):
        rules.check_curve(curve)


filters = st.builds(
    Filter,
    year=st.integers(1985, 2100),
    stage=st.sampled_from(list(rules.STAGES)),
    flow=st.sampled_from(list(rules.FLOWS)),
    until=st.none() | st.dates(date(1985, 1, 1), date(2100, 12, 31)),
    month=st.none() | st.integers(1, 12),
    type=st.sampled_from(["", *codes.CONTRACT_TYPES]),
    field=st.sampled_from(["", "none", *codes.FIELDS]),
    region=st.sampled_from(["", *codes.REGIONS]),
    quarter=st.none() | st.integers(1, 4),
    seller=st.sampled_from(["", *PARTY_KINDS]),
    buyer=st.sampled_from(["", *PARTY_KINDS]),
    ip=st.sampled_from(["", *codes.IP_TYPES]),
    basis=st.sampled_from(list(rules.BASES)),
)


@given(filters)
def test_a_filter_survives_its_own_address_and_can_be_said(wanted: Filter) -> None:
    assert rules.parse(wanted.query(), 1999) == wanted
    assert wanted.words()


@given(
    st.dictionaries(
        st.sampled_from(
            ["year", "stage", "flow", "until", "month", "quarter", "type", "field", "region", "seller", "buyer", "ip", "basis", "within"]
        ),
        st.text(max_size=12),
    )
)
def test_any_address_gives_a_filter_and_none_widens_what_a_bureau_sees(args: dict[str, str]) -> None:
    wanted = rules.parse(args, 2026, within="320100")
    assert wanted.within == "320100"
    assert wanted.words()


@pytest.mark.parametrize(
    ("fen", "unit", "shown"),
    [
        (12_345_678_900, "", ("1.23", "亿元")),
        (money.YI, "", ("1.00", "亿元")),
        (money.YI - money.WAN, "", ("9,999", "万元")),
        (-2 * money.YI, "", ("-2.00", "亿元")),
        (0, "亿元", ("0.00", "亿元")),
        (0, "", ("0", "万元")),
    ],
)
def test_amounts_from_one_yi_on_are_said_in_yi(fen: int, unit: str, shown: tuple[str, str]) -> None:
    assert rules.big(fen, unit) == shown


def test_a_sentence_carries_its_date_and_definition() -> None:
    said = rules.sentence("登记", "1 亿元", Filter(year=2026), date(2026, 6, 10), "已登记", sample=True)
    assert said == "2026 年（截至 2026-06-10）登记 1 亿元。口径：已登记（含示例数据）"
