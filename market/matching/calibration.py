"""From a score to a probability: of a hundred pairs with such a score, how many did the judges find to match?

Fitted on the tuning halves of the judged sets, checked on the held-out halves. Each bin keeps how many pairs it
rests on; a figure comes with a 95 % Wilson interval, and none is given below `FEWEST` pairs. A field with
enough pairs of its own is read by itself, the others are pooled.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from market.matching.version import ENGINE_VERSION

FILE = Path(__file__).parent / "figures" / "calibration.json"
QUALITY = FILE.parent / "quality.json"
FEWEST = 30
"""Pairs that a figure must rest on."""
BINS = 20
SHOWN = 20
"""Places of a list whose pairs are counted: those that people are shown."""
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs with a score from `score_from` (inclusive) to `score_to`: how many, how many of them match, the interval."""

    score_from: float
    score_to: float
    n: int
    relevant: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of the pairs that match."""
        return self.relevant / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability of being judged a match, its 95 % interval and the pairs that it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Bins for all fields together, for fields with enough pairs, and the check on the held-out half."""

    version: str
    measured_on: str
    bins: tuple[Bin, ...] = ()
    held_out: tuple[Bin, ...] = ()
    fields: Mapping[str, tuple[Bin, ...]] | None = None

    def probability(self, score: float, field: str = "") -> Estimate | None:
        """Of pairs with such a score, the share that matches; None where too few were judged or the engine changed."""
        if self.version != ENGINE_VERSION:
            return None
        for bins in ((self.fields or {}).get(field, ()), self.bins):
            found = _bin_of(bins, score)
            if found is not None and found.n >= FEWEST:
                return Estimate(found.share, found.low, found.high, found.n)
        return None


def wilson(relevant: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p, z2 = relevant / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def fit(pairs: Sequence[tuple[float, bool]], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of about equal size whose shares never fall as the score rises (neighbours that would are joined)."""
    ordered = sorted(pairs)
    if not ordered:
        return ()
    size = max(1, math.ceil(len(ordered) / bins))
    groups = [list(ordered[i : i + size]) for i in range(0, len(ordered), size)]
    joined: list[list[tuple[float, bool]]] = []
    for group in groups:
        joined.append(group)
        while len(joined) > 1 and _share(joined[-2]) >= _share(joined[-1]):
            last = joined.pop()
            joined[-1] = joined[-1] + last
    edges = [group[0][0] for group in joined[1:]]
    return tuple(_made(group, low, high) for group, low, high in zip(joined, [0.0, *edges], [*edges, math.inf], strict=True))


def checked(bins: Sequence[Bin], pairs: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """The same bins filled with other pairs: what was foreseen against what came out."""
    return tuple(
        _made([pair for pair in pairs if bin_.score_from <= pair[0] < bin_.score_to], bin_.score_from, bin_.score_to) for bin_ in bins
    )


def to_json(calibration: Calibration) -> dict[str, Any]:
    """A calibration as plain values; the last bin's end is null."""
    row = asdict(calibration)
    fields = row.pop("fields") or {}
    parts = {"bins": row["bins"], "held_out": row["held_out"], **{f"field {name}": bins for name, bins in fields.items()}}
    for bins in parts.values():
        for entry in bins:
            entry["score_to"] = None if math.isinf(entry["score_to"]) else entry["score_to"]
    return {**row, "fields": fields}


def from_json(row: Mapping[str, Any]) -> Calibration:
    """What `to_json` made. Raises KeyError or TypeError for something else."""

    def bins(entries: Sequence[Mapping[str, Any]]) -> tuple[Bin, ...]:
        return tuple(Bin(**{**entry, "score_to": math.inf if entry["score_to"] is None else entry["score_to"]}) for entry in entries)

    fields = {name: bins(entries) for name, entries in row["fields"].items()}
    return Calibration(row["version"], row["measured_on"], bins(row["bins"]), bins(row["held_out"]), fields)


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The carried calibration; one without bins where the file is missing."""
    if not FILE.exists():
        return Calibration("", "")
    return from_json(json.loads(FILE.read_text(encoding="utf8")))


@lru_cache(maxsize=1)
def quality() -> dict[str, Any]:
    """The carried figures of how well the engine ranks; {} where the file is missing."""
    found: dict[str, Any] = json.loads(QUALITY.read_text(encoding="utf8")) if QUALITY.exists() else {}
    return found


def _bin_of(bins: Sequence[Bin], score: float) -> Bin | None:
    place = bisect_right([bin_.score_from for bin_ in bins], score) - 1
    return bins[place] if 0 <= place < len(bins) else None


def _share(group: Sequence[tuple[float, bool]]) -> float:
    return sum(hit for _, hit in group) / len(group)


def _made(group: Sequence[tuple[float, bool]], low: float, high: float) -> Bin:
    relevant = sum(hit for _, hit in group)
    return Bin(low, high, len(group), relevant, *wilson(relevant, len(group)))
