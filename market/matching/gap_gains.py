"""What it costs a demand not to say something: nDCG@10 with and without the sentences that say it, on judged demands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from market.matching.completeness import SAYS, without
from market.matching.engine import HybridEngine
from market.matching.evaluate import interval, measure, read_collection
from market.matching.settings import EngineSettings
from market.matching.types import Document

FEWEST = 20
"""Demands below which nothing is said."""
SHORTEST = 20
"""Characters that must be left of a demand: what remains has to be a demand still."""


def measure_gains(sets: Sequence[Path], documents: Path, progress: Callable[..., Any] | None = None) -> dict[str, Any]:
    """For each gap: on how many demands it was measured, nDCG@10 without and with, and the mean gain's 95 % interval.

    Only demands that say it are counted. The title is left as it is.
    """
    show = progress or (lambda items, desc: items)
    pairs: dict[str, list[tuple[float, float]]] = {gap: [] for gap in SAYS}
    for folder in sets:
        collection = read_collection(folder / "queries.jsonl", documents, folder / "qrels.tsv")
        engine = HybridEngine(EngineSettings())
        engine.sync(collection.documents, revision=1)
        for query in show(collection.queries, desc=folder.name):
            grades = collection.judgements.get(query.id, {})
            if any(grade > 0 for grade in grades.values()):
                _compare(engine, query, grades, pairs)
    return {gap: _summary(rows) for gap, rows in pairs.items() if len(rows) >= FEWEST}


def _compare(engine: HybridEngine, query: Document, grades: Mapping[int, float], pairs: dict[str, list[tuple[float, float]]]) -> None:
    whole = measure([i for i, _ in engine.scored(query, 10)], grades)[0]
    for gap, rows in pairs.items():
        left = without(query.text, gap)
        if SHORTEST <= len(left) < len(query.text):
            rows.append((measure([i for i, _ in engine.scored(replace(query, text=left), 10)], grades)[0], whole))


def _summary(rows: Sequence[tuple[float, float]]) -> dict[str, Any]:
    values = np.asarray(rows)
    gain = interval(values[:, 1] - values[:, 0])
    return {
        "n": len(rows),
        "without": round(float(values[:, 0].mean()), 4),
        "with": round(float(values[:, 1].mean()), 4),
        "gain": round(gain.mean, 4),
        "low": round(gain.low, 4),
        "high": round(gain.high, 4),
    }
