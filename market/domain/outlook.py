"""The outlook of a year: everything the worker works out at once and keeps, from inputs that have one hash."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from market.domain import backtest, forecast, seasons
from market.domain.forecast import Chance, Deal, Track
from market.domain.ledger import Ledger

KEPT_DEALS = 30  # of the deals that move the year's end most


@dataclass(frozen=True)
class Inputs:
    """All that a forecast is worked out from. Amounts in 分; `target_fen` None is 待录入."""

    year: int
    day: date
    so_far_fen: int
    so_far_count: int
    target_fen: int | None
    average_fen: int | None  # a registered contract of this year, or of the year before
    ledger: Ledger = field(repr=False)
    tracks: tuple[Track, ...] = field(repr=False)
    entered: tuple[tuple[int, ...], str] | None
    filing: tuple[tuple[int, int, int | None, int | None], ...]  # (year, large from 分, ordinary, large: ordinals of the last day to file)

    def hash(self) -> str:
        """Return the SHA-256 of all of it."""
        facts = [self.year, self.day, self.so_far_fen, self.so_far_count, self.target_fen, self.average_fen, self.entered, self.filing]
        return _hash([facts, _ledger(self.ledger), [_flat(track) for track in self.tracks]])

    def past_hash(self) -> str:
        """Return the SHA-256 of what the back-test is worked out from: no day of the running year is in it."""
        whole = Ledger(
            {day: found for day, found in self.ledger.days.items() if day.year < self.year},
            tuple(change for change in self.ledger.changes if change[0].year < self.year and change[1].year < self.year),
        )
        filing = [row for row in self.filing if row[0] < self.year]
        past = [_flat(track, self.year) for track in self.tracks if any(reached.year < self.year for _stage, reached in track.steps)]
        return _hash([self.year, filing, _ledger(whole), past])

    def last_day(self, year: int, amount_fen: int) -> date | None:
        """Return the last day to file a contract of this amount for a year; None where no rule is known."""
        for one, large_from, ordinary, large in self.filing:
            if one == year:
                ordinal = large if amount_fen >= large_from else ordinary
                return date.fromordinal(ordinal) if ordinal else None
        return None


def _flat(track: Track, before: int = 9999) -> list[Any]:
    """Return what a track holds, without what happened in `before` or later: on a day of an earlier year nobody knew of it."""
    ends = [day if day and day.year < before else None for day in (track.registered_on, track.ended_on, track.became_on)]
    steps = [(stage, reached) for stage, reached in track.steps if reached.year < before]
    return [track.kind, track.id, track.title, track.amount_fen, steps, *ends]


def _ledger(ledger: Ledger) -> list[Any]:
    return [sorted((str(day), *found) for day, found in ledger.days.items()), sorted(ledger.changes)]


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()


def work_out(inputs: Inputs, tried: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (figures, internal) as they are kept: plain numbers in 分 and basis points. `tried` is a kept back-test of the same past."""
    curve = seasons.choose(seasons.learn(inputs.ledger.months(), inputs.year), inputs.entered)
    known = forecast.chances(inputs.tracks, inputs.day)
    open_deals = forecast.deals(inputs.tracks, inputs.day, known, lambda amount: inputs.last_day(inputs.year, amount))
    later = backtest.arrivals(inputs.ledger, backtest.by_year(inputs.tracks), inputs.day, inputs.so_far_fen)
    alone = forecast.draw(inputs.so_far_fen, open_deals, [], inputs.target_fen)
    enough = len(later) >= seasons.MIN_YEARS
    whole = forecast.draw(inputs.so_far_fen, open_deals, later, inputs.target_fen) if enough else None
    limits = curve.limits(inputs.so_far_fen, inputs.day)
    figures = {
        "so_far_fen": inputs.so_far_fen,
        "so_far_count": inputs.so_far_count,
        "target_fen": inputs.target_fen,
        "average_fen": inputs.average_fen,
        "curve": {"kind": curve.kind, "source": curve.source, "shares": list(curve.shares), "share_bp": curve.share(inputs.day)},
        "seasonal": {"value_fen": curve.year_end(inputs.so_far_fen, inputs.day), "limits": list(limits) if limits else None, "years": len(curve.each)},
        "pipeline": {"value_fen": forecast.weighted(inputs.so_far_fen, open_deals), "limits": [alone.low_fen, alone.high_fen], "deals": len(open_deals)},
        "committed": {"value_fen": forecast.committed(inputs.so_far_fen, open_deals), "deals": sum(deal.stage == "filed" for deal in open_deals)},
        "stages": stages(open_deals, known),
        "silent": silent(inputs.tracks, inputs.day),
        "deals": moving(open_deals),
        "backtest": tried if tried and tried["hash"] == inputs.past_hash() else back(inputs),
    }  # fmt: skip
    internal = {
        "pipeline_bp": alone.reached_bp,
        "whole_bp": whole.reached_bp if whole else None,
        "whole": [whole.low_fen, whole.middle_fen, whole.high_fen] if whole else None,
        "years": len(later),
    }
    return figures, internal


def stages(open_deals: Sequence[Deal], known: dict[str, Chance]) -> list[dict[str, Any]]:
    """Return each stage with its deals, its chance and where the chance comes from."""
    found = []
    for key in reversed(forecast.ORDER):
        here = [deal for deal in open_deals if deal.stage == key]
        late = [deal for deal in here if deal.bp == 0]
        found.append(
            {
                "stage": key,
                "count": len(here),
                "amount_fen": sum(deal.amount_fen for deal in here),
                "expected_fen": sum(deal.expected_fen for deal in here),
                "late": len(late),
                "bp": known[key].bp,
                "n": known[key].n,
                "learned": known[key].learned,
            }
        )
    return found


def silent(tracks: Sequence[Track], day: date) -> int:
    """Return how many open deals say no amount and therefore count nowhere."""
    return Counter(track.amount_fen in (None, 0) for track in tracks if track.stage_on(day) is not None)[True]


def moving(open_deals: Sequence[Deal]) -> list[dict[str, Any]]:
    """Return the deals that move the year's end most, each with its part of the spread (basis points)."""
    whole = sum(deal.weight for deal in open_deals)
    return [
        {
            "kind": deal.kind,
            "id": deal.id,
            "title": deal.title,
            "stage": deal.stage,
            "amount_fen": deal.amount_fen,
            "bp": deal.bp,
            "expected_fen": deal.expected_fen,
            "part_bp": deal.weight * 10_000 // whole if whole else 0,
            "due": deal.due.isoformat() if deal.due else None,
        }
        for deal in open_deals[:KEPT_DEALS]
        if deal.weight
    ]


def back(inputs: Inputs) -> dict[str, Any]:
    """Return the back-test of the last whole years, fit to keep."""
    tried = backtest.points(inputs.ledger, inputs.tracks, inputs.last_day, inputs.year)
    rows = [
        {
            "day": point.day.isoformat(),
            "actual_fen": point.actual_fen,
            "curve": point.curve,
            "said": {method: [said.value_fen, said.low_fen, said.high_fen] for method, said in point.said.items()},
        }
        for point in tried
    ]
    return {"hash": inputs.past_hash(), "points": rows, "worth": [asdict(one) for one in backtest.worth(tried)]}
