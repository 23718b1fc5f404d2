"""The season of registration: which share of a year is registered by which day, learned from the district's own years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from market.domain import statistics as rules

MIN_YEARS = 3  # whole years before the district's own curve is learned, and before a range is said
MIN_COUNT = 60  # contracts a year must have to teach anything
LAST_YEARS = 5  # older years teach nothing any more
DEFAULT = (4, 7, 14, 21, 28, 37, 44, 51, 60, 67, 78, 100)  # cumulative percentages, January to December
DEFAULT_SOURCE = "默认曲线：全国 2024 年 4 月末约 21%、9 月末约 60%，其余月份内插（待核，本区满三个完整年度后换成自己的历史）"
KINDS = {"own": "本区历史", "entered": "录入的曲线", "default": "默认曲线"}


@dataclass(frozen=True)
class Curve:
    """A cumulative curve of twelve month ends in basis points; `each` holds the years it was learned from, if any."""

    kind: str  # one of KINDS
    shares: tuple[int, ...]
    source: str
    each: tuple[tuple[int, tuple[int, ...]], ...] = ()

    def share(self, day: date) -> int:
        """Return the usual share of the year by `day`, basis points."""
        return rules.share_bp(day, self.shares)

    def year_end(self, so_far_fen: int, day: date) -> int | None:
        """Return the seasonal run-rate: registered so far ÷ usual share; None where the share is still 0."""
        return rules.ratio(so_far_fen * 10_000, self.share(day))

    def limits(self, so_far_fen: int, day: date) -> tuple[int, int] | None:
        """Return the year's end by the fastest and by the slowest year it was learned from; None below `MIN_YEARS` years."""
        shares = [rules.share_bp(day, shares) for _year, shares in self.each]
        if len(shares) < MIN_YEARS or min(shares) <= 0:
            return None
        return so_far_fen * 10_000 // max(shares), -(-so_far_fen * 10_000 // min(shares))


def default() -> Curve:
    """Return the default curve, which says of itself that it is one."""
    return Curve("default", tuple(share * 100 for share in DEFAULT), DEFAULT_SOURCE)


def learn(months: Mapping[tuple[int, int], tuple[int, int]], before: int) -> Curve | None:
    """Return the mean curve of the last whole years before `before`, or None while fewer than `MIN_YEARS` have enough contracts.

    `months` maps (year, month) to (contracts, 成交额 in 分 as first reported): a later cancellation says nothing of the season.
    Each year weighs the same, so that one large year does not set the shape.
    """
    each = []
    for year in sorted({year for year, _month in months if year < before}, reverse=True)[:LAST_YEARS]:
        counts = [months.get((year, month), (0, 0)) for month in range(1, 13)]
        whole = sum(amount for _count, amount in counts)
        if sum(count for count, _amount in counts) >= MIN_COUNT and whole > 0:
            each.append((year, _cumulative([amount for _count, amount in counts], whole)))
    if len(each) < MIN_YEARS:
        return None
    shares = [_mean([shares[month] for _year, shares in each]) for month in range(12)]
    words = "、".join(str(year) for year, _shares in sorted(each))
    return Curve("own", tuple(shares), f"本区 {words} 年按登记月份的累计占比，各年等权平均（{len(each)} 个完整年度）", tuple(sorted(each)))


def choose(learned: Curve | None, entered: tuple[Sequence[int], str] | None) -> Curve:
    """Return the curve to go by: what staff entered, else the district's own, else the default."""
    if entered:
        shares, source = entered
        return Curve("entered", tuple(share * 100 for share in shares), source, learned.each if learned else ())
    return learned or default()


def _cumulative(amounts: Sequence[int], whole: int) -> tuple[int, ...]:
    return tuple(sum(amounts[: n + 1]) * 10_000 // whole for n in range(12))


def _mean(values: Sequence[int]) -> int:
    return rules.ratio(sum(values), len(values)) or 0
