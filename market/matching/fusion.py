"""How four scores become one, and what the structured facts add.

A score is a weighted sum of what the sides say, each on a fixed scale of its own, so that scores of
different queries mean the same: the words that meet (BM25 as a share of what the query would score against
itself), the words that lie near each other (0 to about 1), the cosine of the whole texts, and the same word by word
for what the lexicon lends the query. A sum of standard
scores, or of ranks, buries what only one side sees; a sum on fixed scales lets either side bring a document up.
The weights were chosen on the tuning halves of `seed_data/judgements`. The facts then move the result by some
percent, each always in the same direction, and never lift what has no evidence in its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from market.matching.quantities import Quantity, compared
from market.matching.settings import Weights
from market.matching.types import STAGES, Document, Reason, ReasonKind

DEPTH = 150
"""Candidates that the word side and the vector side each bring in."""
NO_EVIDENCE = 0.01
"""A score of its text below this is no evidence at all."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What each side says of a pair, unweighed: words 0 to 1, aligned and lexicon 0 to about 1, meaning a cosine."""

    words: float
    aligned: float
    meaning: float
    lexicon: float = 0.0


Figures = tuple[Sequence[Quantity], Sequence[Quantity]]

FIGURE_MET = 0.06
FIGURE_MISSED = -0.06
WITHIN_BUDGET = 0.02
OVER_BUDGET = -0.04
SAME_FIELD = 0.08
SAME_TRACK = 0.03
SAME_CITY = 0.03
SAME_PROVINCE = 0.01
STAGE_BELOW = -0.04
MONTHS_FRESH = 12
STALE = -0.08
VERY_STALE = -0.16


@dataclass(frozen=True, slots=True)
class Parts:
    """What words that meet, words that lie near, the whole meaning, and the lexicon's words add to a score."""

    words: float
    aligned: float
    meaning: float
    lexicon: float = 0.0

    @property
    def total(self) -> float:
        """All together; 0 where there is no evidence."""
        return self.words + self.aligned + self.meaning + self.lexicon


NOTHING = Parts(0.0, 0.0, 0.0)


def fuse(sides: Sides, weights: Weights) -> Parts:
    """Weigh the scores of the sides; a cosine below 0 counts as 0."""
    parts = Parts(
        weights.words * sides.words,
        weights.aligned * sides.aligned,
        weights.meaning * max(sides.meaning, 0.0),
        weights.lexicon * sides.lexicon,
    )
    return parts if parts.total >= NO_EVIDENCE else NOTHING


def facts(query: Document, document: Document, base: float, on: date | None, figures: Figures = ((), ())) -> list[Reason]:
    """What the structured facts add to a score of `base`; unknown facts add nothing.

    `figures`: the quantities of the query's and of the document's text.
    """
    found: list[tuple[ReasonKind, str, float, str, str]] = []
    if query.field and query.field == document.field:
        found.append(("field", "技术领域相同", SAME_FIELD, query.field, document.field))
    if query.track and query.track == document.track:
        found.append(("track", "赛道相同", SAME_TRACK, query.track, document.track))
    found += _region(query, document)
    challenge, capability = (query, document) if query.kind == "challenge" else (document, query)
    if capability.kind == "capability":
        found += _stage(challenge, capability)
        found += _budget(challenge, capability)
        found += _figures(*(figures if challenge is query else reversed(figures)))
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


def _budget(challenge: Document, capability: Document) -> list[tuple[ReasonKind, str, float, str, str]]:
    if not challenge.amount_fen or not capability.amount_fen:
        return []
    if capability.amount_fen <= challenge.amount_fen:
        return [("budget", "报价在预算之内", WITHIN_BUDGET, "", "")]
    return [("budget", "报价高于预算", OVER_BUDGET, "", "")]


def _figures(wanted: Sequence[Quantity], offered: Sequence[Quantity]) -> list[tuple[ReasonKind, str, float, str, str]]:
    """One reason for each comparable figure, its share so that all of them together reach the full weight."""
    verdicts = compared(wanted, offered)
    return [
        (
            "figure",
            f"指标「{want.label}」{'够' if met else '还不够'}：对方写「{offer.label}」",
            (FIGURE_MET if met else FIGURE_MISSED) / len(verdicts),
            want.label,
            offer.label,
        )
        for want, offer, met in verdicts
    ]


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
