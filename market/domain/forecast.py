"""Where the year will end: three forecasts that are never mixed, the deals that move them, and what past forecasts were worth.

Everything here goes by dated tracks of deals, so the forecast of any past day is worked out by the very same functions
from what was known on that day. Amounts are integer 分, chances integer basis points; nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from market.domain import statistics as rules

MIN_COHORT = 30  # deals that must have had their year before a stage's chance is learned from them
COHORT_DAYS = 365  # how long a deal has to be registered to count as come true
DRAWS = 10_000
SEED = 310_107
LOW_BP, HIGH_BP = 1_000, 9_000  # the interval leaves a tenth at either end
_LIMIT = 2**62  # sums inside a draw are 64-bit integers


@dataclass(frozen=True)
class Stage:
    """How far a deal has come, with the chance that holds until the district's own history says another."""

    key: str
    label: str
    default_bp: int


STAGES: dict[str, Stage] = {
    stage.key: stage
    for stage in (
        Stage("call", "需求公开", 200),
        Stage("bid", "有效揭榜", 800),
        Stage("contact", "对接中", 2_000),
        Stage("award", "中榜或洽谈合同", 4_000),
        Stage("signed", "已签约未登记", 7_500),
        Stage("filed", "登记受理中", 9_500),
    )
}
ORDER = tuple(STAGES)


@dataclass(frozen=True)
class Track:
    """One deal with its dates. `became_on`: it went on as another track (a contact that became a contract)."""

    kind: str  # challenge, contact or contract
    id: int
    title: str
    amount_fen: int | None
    steps: tuple[tuple[str, date], ...]  # (stage, day it was reached), in order
    registered_on: date | None = None
    ended_on: date | None = None
    became_on: date | None = None

    def stage_on(self, day: date) -> str | None:
        """Return the stage on a day; None before its first step and once it was registered, given up or became another."""
        if any(end is not None and end <= day for end in (self.registered_on, self.ended_on, self.became_on)):
            return None
        return next((stage for stage, reached in reversed(self.steps) if reached <= day), None)


@dataclass(frozen=True)
class Chance:
    """The chance that a deal of a stage gets registered: learned from `n` deals, or the default."""

    stage: str
    bp: int
    n: int
    learned: bool


@dataclass(frozen=True)
class Deal:
    """One open deal as the forecast counts it."""

    kind: str
    id: int
    title: str
    stage: str
    amount_fen: int
    bp: int  # chance of being registered this year; 0 past its last day for filing
    due: date | None  # last day to file for this year; None once filed

    @property
    def expected_fen(self) -> int:
        """Amount × chance, rounded down."""
        return self.amount_fen * self.bp // 10_000

    @property
    def weight(self) -> int:
        """Its part in the spread of the year's end: amount² × chance × (1 − chance)."""
        return self.amount_fen**2 * self.bp * (10_000 - self.bp)


@dataclass(frozen=True)
class Spread:
    """What the draws say: the middle, the interval, and how often a target was reached (None without a target)."""

    low_fen: int
    middle_fen: int
    high_fen: int
    reached_bp: int | None


def chances(tracks: Iterable[Track], day: date) -> dict[str, Chance]:
    """Return each stage's chance as `day` knew it: registered within a year of reaching the stage, from `MIN_COHORT` such deals on."""
    seen = dict.fromkeys(STAGES, 0)
    true = dict.fromkeys(STAGES, 0)
    for track in tracks:
        for stage, reached in track.steps:
            if reached + timedelta(days=COHORT_DAYS) <= day:
                seen[stage] += 1
                true[stage] += track.registered_on is not None and track.registered_on <= reached + timedelta(days=COHORT_DAYS)
    return {
        key: Chance(
            key,
            (rules.ratio(true[key] * 10_000, seen[key]) or 0) if seen[key] >= MIN_COHORT else stage.default_bp,
            seen[key],
            seen[key] >= MIN_COHORT,
        )
        for key, stage in STAGES.items()
    }


def deals(tracks: Iterable[Track], day: date, known: Mapping[str, Chance], last_day: Callable[[int], date | None]) -> list[Deal]:
    """Return the open deals of a day with a known amount, those that move the year's end most first.

    `last_day` gives the last day to file for the year by the amount; a deal not filed by then has no chance for this year.
    """
    found = []
    for track in tracks:
        stage = track.stage_on(day)
        if stage is None or not track.amount_fen:
            continue
        due = None if stage == "filed" else last_day(track.amount_fen)
        bp = known[stage].bp if due is None or day <= due else 0
        found.append(Deal(track.kind, track.id, track.title, stage, track.amount_fen, bp, due))
    return sorted(found, key=lambda deal: (-deal.weight, -deal.amount_fen, deal.kind, deal.id))


def weighted(so_far_fen: int, open_deals: Iterable[Deal]) -> int:
    """Return registered so far + Σ amount × chance."""
    return so_far_fen + sum(deal.expected_fen for deal in open_deals)


def committed(so_far_fen: int, open_deals: Iterable[Deal]) -> int:
    """Return registered so far + what the registry has accepted and not yet decided, whole."""
    return so_far_fen + sum(deal.amount_fen for deal in open_deals if deal.stage == "filed")


def draw(so_far_fen: int, open_deals: Sequence[Deal], arrivals_fen: Sequence[int], target_fen: int | None, draws: int = DRAWS) -> Spread:
    """Return the spread of the year's end when each open deal comes true by its chance, and one past year's arrivals come with it.

    `arrivals_fen`: what in each past year was registered later that nobody knew of on the same day, put on this year's size;
    empty: only known deals count. Always the same draws (fixed seed). Raises OverflowError beyond 2^62 分.
    """
    import numpy  # only the worker draws; the pages read what it kept

    if so_far_fen + sum(deal.amount_fen for deal in open_deals) + max(arrivals_fen, default=0) >= _LIMIT:
        raise OverflowError("the sum of all deals does not fit 64 bits")
    dice = numpy.random.default_rng(SEED)
    ends = numpy.full(draws, so_far_fen, dtype=numpy.int64)
    ordered = sorted(open_deals, key=lambda deal: (deal.kind, deal.id))
    for start in range(0, len(ordered), 256):
        part = ordered[start : start + 256]
        amounts = numpy.array([deal.amount_fen for deal in part], dtype=numpy.int64)
        limits = numpy.array([deal.bp for deal in part], dtype=numpy.int16)
        ends += amounts @ (dice.integers(0, 10_000, (len(part), draws), dtype=numpy.int16) < limits[:, None])
    if arrivals_fen:
        ends += dice.choice(numpy.array(arrivals_fen, dtype=numpy.int64), draws)
    ends.sort()
    reached = None if target_fen is None else int((ends >= target_fen).sum()) * 10_000 // draws
    low, middle, high = (int(ends[min(draws - 1, draws * share // 10_000)]) for share in (LOW_BP, 5_000, HIGH_BP))
    return Spread(low, middle, high, reached)


def contracts_needed(gap_fen: int, average_fen: int) -> int | None:
    """Return how many contracts of an average size close a gap; 0 for none, None without an average."""
    if gap_fen <= 0:
        return 0
    return -(-gap_fen // average_fen) if average_fen > 0 else None
