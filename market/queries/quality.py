"""What the ranking is worth: the probability that a score stands for, and the measured figures, as pages show them.

Both come from files that the engine's own measurements wrote; where one is missing, nothing is shown in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market import matching

SETS = {
    "spoken": "用车间话写的需求（调试时没有看过的一半）",
    "listings": "平台上的示例需求（调试时没有看过的一半）",
}
PARTS = {"all": "全部", "low overlap": "其中用词几乎不重合的三分之一"}
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
    """One step of the reliability diagram, on judged pairs that were not fitted on.

    `said` is the share that pages give for such scores; of `n` pairs `relevant` were relevant: `share`, with its interval.
    """

    score_from: float
    score_to: float
    said: float
    n: int
    relevant: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """A measured figure with its 95 % interval, on one part of one set of judged demands."""

    set_name: str
    part: str
    queries: int
    system: str
    measure: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """The measured figures of one engine version, by which command and when; no figures where nothing was measured."""

    version: str
    date: str
    command: str
    figures: tuple[Figure, ...]


def likelihood(score: float, field: str | None = "") -> matching.Estimate | None:
    """Return how many of such results were judged relevant; None without a calibration or below its smallest n."""
    return matching.calibration().probability(score, field or "")


def reliability() -> tuple[str, list[Bar]]:
    """Return the calibration's version and its steps as they held on the held-out half; none where nothing is fitted."""
    found = matching.calibration()
    pairs = zip(found.bins, found.held_out, strict=False)
    return found.version, [
        Bar(said.score_from, said.score_to, said.share, one.n, one.relevant, one.share, one.low, one.high) for said, one in pairs if one.n
    ]


def measured() -> Quality:
    """Return the measured figures, in the order of `SETS`, `PARTS`, `SYSTEMS` and `MEASURES`."""
    kept: Mapping[str, Any] = matching.quality()
    found = [
        Figure(set_name, part, entry["queries"], system, measure, one["mean"], one["low"], one["high"])
        for set_name, entry in kept.get("sets", {}).items()
        for system, parts in entry["figures"].items()
        for part, measures in parts.items()
        for measure, one in measures.items()
    ]
    found.sort(key=_order)
    return Quality(str(kept.get("version", "")), str(kept.get("measured_on", "")), str(kept.get("command", "")), tuple(found))


def _order(one: Figure) -> tuple[int, ...]:
    places = ((SETS, one.set_name), (PARTS, one.part), (SYSTEMS, one.system), (MEASURES, one.measure))
    return tuple(list(table).index(name) if name in table else len(table) for table, name in places)
