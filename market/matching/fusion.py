"""How two scores become one, and what the structured facts add.

Each side is brought to 0…1 by its own best and its own hundredth score for this query, so that the best of
either side can stand at the top even where the other side sees nothing; the stronger side counts whole, the
weaker one half. (A sum of standard scores buries what only the vectors find: words that meet give far larger
outliers.) A side whose best is weak in itself does not reach 1. The weights were chosen on pairs held out of the training data. The facts then move the result by
some percent, each always in the same direction, and never lift what has no evidence in its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from market.matching.types import STAGES, Document, Reason, ReasonKind

DEPTH = 100
"""Candidates that each side brings in."""
WEAKER_SIDE = 0.5
DENSE_WEIGHT = 0.95
WEAK_WORDS = 0.12
"""A best BM25 below this share of what the query would score against itself is weak and counts for less than 1."""
WEAK_COSINE = 0.4
NO_EVIDENCE = 0.03
"""A cosine below this, without a word in common, is no evidence at all."""

SAME_FIELD = 0.08
SAME_TRACK = 0.03
SAME_CITY = 0.03
SAME_PROVINCE = 0.01
STAGE_BELOW = -0.04
MONTHS_FRESH = 12
STALE = -0.08
VERY_STALE = -0.16


@dataclass(frozen=True, slots=True)
class Scale:
    """From a side's raw score to 0…1."""

    low: float
    high: float

    @classmethod
    def of(cls, best_first: Sequence[float], reference: float) -> Scale:
        """The best score = 1, but never less than `reference`; the score at `DEPTH` = 0, for a shorter list 0 itself."""
        if not best_first:
            return cls(0.0, 0.0)
        low = best_first[DEPTH - 1] if len(best_first) >= DEPTH else 0.0
        return cls(max(low, 0.0), max(best_first[0], reference))

    def __call__(self, score: float) -> float:
        if score <= self.low or self.high <= 0:
            return 0.0
        return 1.0 if self.high <= self.low else min((score - self.low) / (self.high - self.low), 1.0)


@dataclass(frozen=True, slots=True)
class Parts:
    """What words and meaning each add to a score; 0 to about 1 together."""

    lexical: float
    dense: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.lexical + self.dense


def fuse(lexical: float, dense: float) -> Parts:
    """Mix two scores on the scale 0…1: the stronger one whole, the weaker one half."""
    weighted = DENSE_WEIGHT * dense
    whole = 1 + WEAKER_SIDE
    if lexical >= weighted:
        return Parts(lexical / whole, WEAKER_SIDE * weighted / whole)
    return Parts(WEAKER_SIDE * lexical / whole, weighted / whole)


def facts(query: Document, document: Document, base: float, on: date | None) -> list[Reason]:
    """What the structured facts add to a score of `base`; unknown facts add nothing."""
    found: list[tuple[ReasonKind, str, float, str, str]] = []
    if query.field and query.field == document.field:
        found.append(("field", "技术领域相同", SAME_FIELD, query.field, document.field))
    if query.track and query.track == document.track:
        found.append(("track", "赛道相同", SAME_TRACK, query.track, document.track))
    found += _region(query, document)
    challenge, capability = (query, document) if query.kind == "challenge" else (document, query)
    if capability.kind == "capability":
        found += _stage(challenge, capability)
        found += _freshness(capability, on)
    return [Reason(kind, label, base * share, left, right) for kind, label, share, left, right in found]


def _region(query: Document, document: Document) -> list[tuple[ReasonKind, str, float, str, str]]:
    if not query.region or not document.region:
        return []
    if query.region[:4] == document.region[:4]:
        return [("region", "同城", SAME_CITY, query.region, document.region)]
    if query.region[:2] == document.region[:2]:
        return [("region", "同省", SAME_PROVINCE, query.region, document.region)]
    return []


def _stage(challenge: Document, capability: Document) -> list[tuple[ReasonKind, str, float, str, str]]:
    if challenge.stage not in STAGES or capability.stage not in STAGES:
        return []
    missing = STAGES.index(challenge.stage) - STAGES.index(capability.stage)
    if missing <= 0:
        return []
    return [("stage", "成熟度低于需要", STAGE_BELOW * missing, challenge.stage, capability.stage)]


def _freshness(capability: Document, on: date | None) -> list[tuple[ReasonKind, str, float, str, str]]:
    if on is None or capability.confirmed_on is None:
        return []
    months = (on - capability.confirmed_on).days / 30.44
    if months <= MONTHS_FRESH:
        return []
    share = STALE if months <= 2 * MONTHS_FRESH else VERY_STALE
    return [("freshness", f"超过 {MONTHS_FRESH} 个月未经本人确认", share, "", capability.confirmed_on.isoformat())]
