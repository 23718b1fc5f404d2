"""What the ranking is worth: the probability that a score stands for, and the measured figures, as pages show them.

Both come from files that the engine's own measurements wrote; where one is missing, nothing is shown in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from market import matching

SETS = {
    "spoken_held_out": "车间话写的需求（调试时没有看过的一半）",
    "spoken_tuning": "车间话写的需求（调试用的一半）",
    "listings_held_out": "平台示例需求（调试时没有看过的一半）",
    "listings_tuning": "平台示例需求（调试用的一半）",
}
SYSTEMS = {
    "whole": "本平台的匹配",
    "dense": "只用语义模型",
    "BM25 both": "只比字词（字对和词）",
    "BM25 bigrams": "只比字对",
    "BM25 words": "只比词",
}
MEASURES = {
    "nDCG@10": "前十条排得好不好（nDCG@10，满分 1）",
    "Recall@10": "对口的有多少排进前十（Recall@10）",
    "Recall@50": "对口的有多少排进前五十（Recall@50）",
    "MRR@10": "第一条对口的排得多靠前（MRR@10）",
}


@dataclass(frozen=True)
class Bar:
    """One step of the reliability diagram: of `n` judged pairs with such a score so many were relevant."""

    score_from: float
    score_to: float
    n: int
    relevant: int
    share: float
    low: float
    high: float
    said: float


@dataclass(frozen=True)
class Figure:
    """A measured figure with its 95 % interval, and where it comes from."""

    system: str
    set_name: str
    measure: str
    mean: float
    low: float
    high: float
    date: str
    command: str


def likelihood(score: float, field: str | None = "") -> matching.Estimate | None:
    """Return how many of such results were judged relevant; None without a calibration or below its smallest n."""
    return matching.calibration().probability(score, field or "")


def reliability() -> tuple[str, list[Bar]]:
    """Return the calibration's version and its steps, lowest scores first; none where nothing is fitted."""
    found = matching.calibration()
    return found.version, [_bar(found, one) for one in found.bins if one.n]


def _bar(found: matching.Calibration, one: matching.Bin) -> Bar:
    middle = (one.score_from + one.score_to) / 2
    said = found.probability(middle)
    share = one.relevant / one.n
    return Bar(one.score_from, one.score_to, one.n, one.relevant, share, one.low, one.high, said.value if said else share)


def measured() -> list[Figure]:
    """Return the measured figures, the whole engine's first, in the order of `SETS`; [] where none are kept."""
    kept: Mapping[str, Any] = matching.quality()
    found = [
        Figure(system, set_name, measure, one["mean"], one["low"], one["high"], str(one.get("date", "")), str(one.get("command", "")))
        for system, sets in kept.items()
        if isinstance(sets, Mapping)
        for set_name, measures in sets.items()
        if isinstance(measures, Mapping)
        for measure, one in measures.items()
        if isinstance(one, Mapping) and "mean" in one
    ]
    return sorted(found, key=lambda one: (_place(SETS, one.set_name), _place(SYSTEMS, one.system), _place(MEASURES, one.measure)))


def _place(table: Mapping[str, str], name: str) -> int:
    names: Sequence[str] = list(table)
    return names.index(name) if name in table else len(names)
