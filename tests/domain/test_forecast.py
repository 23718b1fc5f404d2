"""The year's end: seasons, chances, draws and the back-test, from values alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain import backtest, forecast, outlook, seasons
from market.domain.forecast import Chance, Deal, Track
from market.domain.ledger import Entry, Ledger, total
from market.domain.money import YI

DAY = date(2026, 6, 10)
SHARES = [share - before for before, share in zip((0, *seasons.DEFAULT), seasons.DEFAULT, strict=False)]  # of each month, %


def year_of(year: int, whole: int, count: int = 120) -> dict[tuple[int, int], tuple[int, int]]:
    """Return a year that follows the default curve."""
    return {(year, month): (count // 12, whole * share // 100) for month, share in enumerate(SHARES, 1)}


def days_of(*years: tuple[int, int]) -> dict[date, tuple[int, int]]:
    return {date(year, month, 15): found for year, whole in years for (_, month), found in year_of(year, whole).items()}


def floats(value: object) -> Iterator[float]:
    """Find every float in what is kept."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        yield from floats(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from floats(one)


def contract(id_: int, signed: date, registered: date | None = None, amount: int = YI, **more: object) -> Track:
    return Track("contract", id_, f"合同 {id_}", amount, (("signed", signed),), registered, **more)  # type: ignore[arg-type]


# ── seasons


def test_three_whole_years_teach_a_curve_and_two_do_not() -> None:
    months = year_of(2024, 100 * YI) | year_of(2025, 200 * YI)
    assert seasons.learn(months, 2026) is None
    curve = seasons.learn(months | year_of(2023, 50 * YI), 2026)
    assert curve is not None and curve.kind == "own" and curve.shares == tuple(100 * share for share in seasons.DEFAULT)
    assert seasons.learn(months | year_of(2023, 50 * YI), 2025) is None, "a year that still runs teaches nothing"
    assert seasons.learn(months | year_of(2023, 50 * YI, count=24), 2026) is None, "too few contracts teach nothing"


def test_what_staff_entered_goes_before_history_and_history_before_the_default() -> None:
    own = seasons.learn(year_of(2023, YI) | year_of(2024, YI) | year_of(2025, YI), 2026)
    assert seasons.choose(own, (range(8, 104, 8), "会议纪要")).source == "会议纪要"  # 8 … 96: any twelve numbers
    assert seasons.choose(own, None).kind == "own"
    default = seasons.choose(None, None)
    assert default.kind == "default" and "默认" in default.source and default.limits(YI, DAY) is None


def test_the_range_is_the_fastest_and_the_slowest_year() -> None:
    each = tuple((year, tuple(min(10_000, (n + 1) * step) for n in range(12))) for year, step in ((2023, 800), (2024, 900), (2025, 1_000)))
    curve = seasons.Curve("own", each[1][1], "", each)
    low, high = curve.limits(10 * YI, date(2026, 6, 30)) or (0, 0)
    assert (low, high) == (10 * YI * 10_000 // 6_000, -(-10 * YI * 10_000 // 4_800))
    assert low <= (curve.year_end(10 * YI, date(2026, 6, 30)) or 0) <= high


# ── tracks


def test_a_track_stands_at_its_last_step_until_it_is_over() -> None:
    track = Track(
        "contract", 1, "", YI, (("award", date(2026, 1, 1)), ("signed", date(2026, 2, 1)), ("filed", date(2026, 3, 1))), date(2026, 4, 1)
    )
    days = {
        date(2025, 12, 31): None,
        date(2026, 1, 1): "award",
        date(2026, 2, 1): "signed",
        date(2026, 3, 31): "filed",
        date(2026, 4, 1): None,
    }
    assert {day: track.stage_on(day) for day in days} == days


def test_a_chance_is_learned_from_thirty_deals_that_have_had_their_year_and_else_is_the_default() -> None:
    old = [contract(n, date(2024, 1, 1), date(2024, 6, 1) if n < 12 else None) for n in range(30)]
    fresh = [contract(99, DAY - timedelta(days=10))]
    known = forecast.chances(old + fresh, DAY)
    assert known["signed"] == Chance("signed", 4_000, 30, True)
    assert known["filed"] == Chance("filed", 9_500, 0, False)
    assert forecast.chances(old[1:], DAY)["signed"] == Chance("signed", 7_500, 29, False)
    late = [contract(n, date(2024, 1, 1), date(2025, 3, 1)) for n in range(30)]
    assert forecast.chances(late, DAY)["signed"].bp == 0, "registered after its year is not come true"


def test_a_deal_not_filed_by_the_last_day_has_no_chance_this_year() -> None:
    tracks = [
        contract(1, date(2026, 1, 5)),
        Track("contract", 2, "", YI, (("filed", date(2026, 1, 5)),)),
        contract(3, date(2026, 1, 5), amount=0),
    ]
    known = forecast.chances([], DAY)
    open_deals = forecast.deals(tracks, date(2026, 12, 20), known, lambda _amount: date(2026, 12, 10))
    assert {deal.id: (deal.bp, deal.due) for deal in open_deals} == {1: (0, date(2026, 12, 10)), 2: (9_500, None)}
    assert forecast.weighted(5, open_deals) == 5 + YI * 95 // 100
    assert forecast.committed(5, open_deals) == 5 + YI
    assert forecast.deals(tracks[:1], date(2026, 12, 20), known, lambda _amount: None)[0].bp == 7_500, "no rule, no last day"


# ── draws

deals = st.lists(st.builds(Deal, st.just("contract"), st.integers(1, 99), st.just(""), st.just("signed"), st.integers(1, 10**13), st.integers(0, 10_000), st.none()), max_size=12)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(deals, st.integers(0, 10**14))
def test_draws_are_whole_numbers_within_what_can_happen_and_always_the_same(open_deals: list[Deal], so_far: int) -> None:
    most = so_far + sum(deal.amount_fen for deal in open_deals)
    spread = forecast.draw(so_far, open_deals, [], most + 1, draws=200)
    assert so_far <= spread.low_fen <= spread.middle_fen <= spread.high_fen <= most
    assert all(type(value) is int for value in (spread.low_fen, spread.middle_fen, spread.high_fen, spread.reached_bp))
    assert spread.reached_bp == 0 and forecast.draw(so_far, open_deals, [], so_far, draws=200).reached_bp == 10_000
    assert forecast.draw(so_far, list(reversed(open_deals)), [], most + 1, draws=200) == spread or len({d.id for d in open_deals}) < len(
        open_deals
    )


def test_the_draws_agree_with_the_weights() -> None:
    open_deals = [Deal("contract", n, "", "signed", YI, 3_000, None) for n in range(400)]
    spread = forecast.draw(0, open_deals, [], 120 * YI)
    assert abs(spread.middle_fen - forecast.weighted(0, open_deals)) <= 2 * YI  # 400 × 0.3 = 120, a standard error of 9 ÷ √10000
    assert spread.high_fen - spread.low_fen in range(20 * YI, 27 * YI)  # 2 × 1.2816 × √84 = 23.5
    assert 4_500 <= (spread.reached_bp or 0) <= 5_700
    assert forecast.draw(0, open_deals, [10 * YI], None).middle_fen == spread.middle_fen + 10 * YI


def test_sums_beyond_64_bits_are_refused() -> None:
    with pytest.raises(OverflowError):
        forecast.draw(0, [Deal("contract", n, "", "signed", 10**14, 1, None) for n in range(50_000)], [], None)


@pytest.mark.parametrize(("gap", "average", "needed"), [(0, 5, 0), (-3, 5, 0), (10, 5, 2), (11, 5, 3), (11, 0, None)])
def test_what_closes_the_gap(gap: int, average: int, needed: int | None) -> None:
    assert forecast.contracts_needed(gap, average) == needed


# ── the ledger and the back-test


def test_a_later_change_is_not_known_before_its_day() -> None:
    ledger = Ledger({date(2025, 3, 1): (1, 100), date(2025, 12, 31): (1, 7)}, ((date(2025, 3, 1), date(2025, 9, 1), -30),))
    assert [
        ledger.known(day) for day in (date(2025, 2, 28), date(2025, 8, 31), date(2025, 9, 1), date(2025, 12, 31), date(2026, 1, 1))
    ] == [0, 100, 70, 77, 0]
    assert total([Entry(DAY, 1, "registered", 5, 3), Entry(DAY, 1, "cancel", -5, -3)]) == (0, 0)


def test_a_past_month_is_told_with_what_was_known_then_and_the_coverage_is_counted() -> None:
    ledger = Ledger(days_of(*((year, (60 + year - 2018) * YI) for year in range(2018, 2026))))
    tracks = [contract(n, date(2025, 2, 1), date(2025, 11, 1), amount=1_000) for n in range(3)]
    tried = backtest.points(ledger, tracks, lambda _year, _amount: None, 2026, draws=50)
    assert len(tried) == 33 and {point.day.year for point in tried} == {2023, 2024, 2025}
    march = next(point for point in tried if point.day == date(2025, 3, 31))
    assert march.said["committed"].value_fen == ledger.known(march.day)
    assert march.said["pipeline"].value_fen == ledger.known(march.day) + 3 * 750, "open then, though registered today"
    assert march.said["seasonal"].low_fen is not None and march.covered("seasonal") is not None
    worth = {one.method: one for one in backtest.worth(tried)}
    assert (worth["committed"].months, worth["committed"].intervals) == (33, 0)
    assert worth["seasonal"].intervals == 33 and worth["seasonal"].covered == 33, "every year has the same season"
    assert worth["pipeline"].covered == 0, "known deals alone never tell the whole year"


def test_nothing_of_a_later_day_changes_what_is_told_of_an_earlier_one() -> None:
    before = Ledger(days_of(*((year, 50 * YI) for year in range(2019, 2025))))
    after = Ledger(dict(before.days) | {date(2026, 1, 5): (1, YI)})
    ended = [contract(1, date(2024, 2, 1), ended_on=date(2026, 1, 3)), contract(2, date(2024, 2, 1), registered=date(2026, 1, 4))]
    open_ = [contract(1, date(2024, 2, 1)), contract(2, date(2024, 2, 1))]
    told = [backtest.points(ledger, tracks, lambda _y, _a: None, 2025, draws=20) for ledger, tracks in ((before, open_), (after, ended))]
    assert told[0] == told[1]


def test_the_hash_of_the_inputs_changes_with_each_of_them_and_the_past_stands_still() -> None:
    base = outlook.Inputs(2026, DAY, 5, 1, None, None, Ledger(days_of((2024, YI), (2025, YI))), (contract(1, date(2025, 2, 1)),), None, ())
    changes = [{"so_far_fen": 6}, {"target_fen": 9}, {"day": date(2026, 6, 11)}, {"tracks": ()}, {"entered": ((1,) * 12, "x")}]
    assert len({base.hash(), *(dataclasses.replace(base, **change).hash() for change in changes)}) == 6  # type: ignore[arg-type]
    later = dataclasses.replace(base, day=date(2026, 7, 1), so_far_fen=9, tracks=(contract(1, date(2025, 2, 1), date(2026, 6, 20)),))
    assert later.past_hash() == base.past_hash() and later.hash() != base.hash()
    figures, internal = outlook.work_out(base)
    assert not list(floats([figures, internal])), "no float touches money"
    again, _ = outlook.work_out(later, figures["backtest"])
    assert again["backtest"] is figures["backtest"] and internal["pipeline_bp"] is None
