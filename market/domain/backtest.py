"""What the forecasts of past months were worth, worked out with what was known on each of those days and nothing later."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from market.domain import forecast, seasons
from market.domain import statistics as rules
from market.domain.forecast import Track
from market.domain.ledger import Ledger

YEARS = 3  # how many whole years are tried
DRAWS = 2_000
METHODS = {"seasonal": "季节推算", "pipeline": "在手项目加权", "whole": "综合模拟", "committed": "只算已受理"}


@dataclass(frozen=True)
class Said:
    """What one method said: a value and, where it has one, an interval. 分."""

    value_fen: int
    low_fen: int | None = None
    high_fen: int | None = None


@dataclass(frozen=True)
class Point:
    """One past month's end: what each method said then, and how the year ended (as it stood on 31 December)."""

    day: date
    actual_fen: int
    curve: str  # kind of the curve, see seasons.KINDS
    said: dict[str, Said]

    def covered(self, method: str) -> bool | None:
        """True when the year ended inside the method's interval; None where it gave none."""
        said = self.said.get(method)
        if said is None or said.low_fen is None or said.high_fen is None:
            return None
        return said.low_fen <= self.actual_fen <= said.high_fen

    def error_bp(self, method: str) -> int | None:
        """Return how far the method was off, in basis points of how the year ended."""
        said = self.said.get(method)
        return None if said is None else rules.ratio((said.value_fen - self.actual_fen) * 10_000, self.actual_fen)


@dataclass(frozen=True)
class Worth:
    """What a method was worth over all tried months: coverage `covered` of `intervals`, the middle of its errors in basis points."""

    method: str
    months: int
    intervals: int
    covered: int
    error_bp: int | None


def by_year(tracks: Sequence[Track]) -> dict[int, list[Track]]:
    """Return the tracks that were registered, by the year of it."""
    found: dict[int, list[Track]] = defaultdict(list)
    for track in tracks:
        if track.registered_on is not None:
            found[track.registered_on.year].append(track)
    return found


def arrivals(ledger: Ledger, registered: Mapping[int, Sequence[Track]], day: date, so_far_fen: int) -> list[int]:
    """Return, for each earlier year, what was registered after the same day that no open deal of that day told of, on this year's size.

    `registered` is what `by_year` gives. Each is scaled by this year's total to that year's on the same day. Years that had registered nothing by then teach nothing.
    """
    found = []
    for year in ledger.whole_years(day.year)[-seasons.LAST_YEARS :]:
        then = rules.same_day(day, year)
        had, ended = ledger.known(then), ledger.known(date(year, 12, 31))
        if had <= 0:
            continue
        told = sum(
            track.amount_fen or 0
            for track in registered.get(year, ())
            if track.registered_on is not None and track.registered_on > then and track.stage_on(then) is not None
        )
        found.append(max(ended - had - told, 0) * so_far_fen // had)
    return found


def points(
    ledger: Ledger, tracks: Sequence[Track], last_day: Callable[[int, int], date | None], year: int, draws: int = DRAWS
) -> list[Point]:
    """Return the forecasts of each month's end (January … November) of the last whole years before `year`.

    `last_day(year, amount)` is the last day to file for a year, None where no rule is known for it.
    """
    found, registered = [], by_year(tracks)
    for past in ledger.whole_years(year)[-YEARS:]:
        actual = ledger.known(date(past, 12, 31))
        if actual <= 0:
            continue
        curve = seasons.choose(seasons.learn(ledger.months(), past), None)
        for month in range(1, 12):
            day = date(past, month, monthrange(past, month)[1])
            found.append(Point(day, actual, curve.kind, _said(ledger, tracks, registered, last_day, day, curve, draws)))
    return found


def _said(
    ledger: Ledger,
    tracks: Sequence[Track],
    registered: Mapping[int, Sequence[Track]],
    last_day: Callable[[int, int], date | None],
    day: date,
    curve: seasons.Curve,
    draws: int,
) -> dict[str, Said]:
    so_far = ledger.known(day)
    open_deals = forecast.deals(tracks, day, forecast.chances(tracks, day), lambda amount: last_day(day.year, amount))
    later = arrivals(ledger, registered, day, so_far)
    alone = forecast.draw(so_far, open_deals, [], None, draws)
    found = {
        "pipeline": Said(forecast.weighted(so_far, open_deals), alone.low_fen, alone.high_fen),
        "committed": Said(forecast.committed(so_far, open_deals)),
    }
    value, limits = curve.year_end(so_far, day), curve.limits(so_far, day)
    if value is not None:
        found["seasonal"] = Said(value, *(limits or (None, None)))
    if len(later) >= seasons.MIN_YEARS:
        whole = forecast.draw(so_far, open_deals, later, None, draws)
        found["whole"] = Said(whole.middle_fen, whole.low_fen, whole.high_fen)
    return found


def worth(tried: Sequence[Point]) -> list[Worth]:
    """Return what each method was worth over the tried months; methods that never spoke are left out."""
    found = []
    for method in METHODS:
        spoke = [point for point in tried if method in point.said]
        inside = [hit for point in spoke if (hit := point.covered(method)) is not None]
        errors = sorted(abs(error) for point in spoke if (error := point.error_bp(method)) is not None)
        if spoke:
            found.append(Worth(method, len(spoke), len(inside), sum(inside), errors[len(errors) // 2] if errors else None))
    return found
