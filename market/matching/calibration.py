"""What a score means: how many judged pairs of such a score were relevant, with an interval, or nothing below a smallest n.

Read from `calibration.json`, which the fitting on judged pairs writes; without the file there is no calibration, and
pages show no figure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("calibration.json")
QUALITY = Path(__file__).with_name("quality.json")
FEWEST = 30
"""Judged pairs of a score's step below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One step of scores: of `n` judged pairs `relevant` were relevant; `low` and `high` bound that share (95 %)."""

    score_from: float
    score_to: float
    n: int
    relevant: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A probability of being judged relevant, its 95 % interval, and on how many judgements it rests."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Steps of scores with what was judged in them; `version` names the engine that it was fitted for."""

    version: str
    bins: tuple[Bin, ...] = ()

    def probability(self, score: float, field: str = "") -> Estimate | None:
        """How likely a pair of this score is judged relevant; None where too few were judged.

        `field` (code 01–11) chooses the field's own steps where enough were judged there; for now all fields are pooled.
        """
        found = next((one for one in reversed(self.bins) if score >= one.score_from), None)
        if found is None or found.n < FEWEST:
            return None
        return Estimate(found.relevant / found.n, found.low, found.high, found.n)


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The calibration that belongs to the engine; one without steps if none was fitted."""
    kept = _read(FILE)
    return Calibration(str(kept.get("version", "")), tuple(Bin(**one) for one in kept.get("bins", [])))


@lru_cache(maxsize=1)
def quality() -> Mapping[str, Any]:
    """The measured figures: system → set → measure → {mean, low, high, date, command}; {} if none are kept."""
    return _read(QUALITY)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
    return found
