"""The judged sets of the project: where they are, and the figures that are made from them.

Weights and calibration come from the tuning halves; the figures that are shown come from the held-out halves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from market.matching.calibration import FILE, QUALITY, SHOWN, Calibration, checked, fit, to_json
from market.matching.engine import HybridEngine
from market.matching.evaluate import Collection, evaluate, read_collection
from market.matching.settings import EngineSettings
from market.matching.version import ENGINE_VERSION

SETS = ("spoken", "listings")
HALVES = ("tuning", "held_out")
FEWEST_OF_A_FIELD = 200
"""Shown pairs that a field needs to be calibrated by itself."""
Progress = Callable[..., Any]


def collection(folder: Path, name: str, half: str) -> Collection:
    """One half of one judged set. Raises FileNotFoundError, and ValueError for a judgement of an unknown id."""
    part = folder / f"{name}_{half}"
    return read_collection(part / "queries.jsonl", folder / "documents.jsonl", part / "qrels.tsv")


def shown_pairs(collections: Sequence[Collection], settings: EngineSettings, show: Progress) -> list[tuple[str, float, bool]]:
    """(field, score, whether it matches) of every pair in the first places of every judged query's list.

    A pair that nobody judged counts as no match, so the shares are rather too low than too high.
    """
    found: list[tuple[str, float, bool]] = []
    for judged in collections:
        engine = HybridEngine(settings)
        engine.sync(judged.documents, revision=1)
        for query in show(judged.queries, desc="calibrating"):
            grades = judged.judgements.get(query.id, {})
            found += [(query.field, score, grades.get(i, 0) > 0) for i, score in engine.scored(query, SHOWN)]
    return found


def calibrate(folder: Path, settings: EngineSettings, day: date, show: Progress) -> Calibration:
    """Fit on the tuning halves of both sets and check on the held-out halves."""
    fitted, others = (shown_pairs([collection(folder, name, half) for name in SETS], settings, show) for half in HALVES)
    bins = fit([(score, hit) for _, score, hit in fitted])
    names = sorted({field for field, _, _ in fitted if field})
    own = {name: [(score, hit) for field, score, hit in fitted if field == name] for name in names}
    fields = {name: fit(pairs, bins=4) for name, pairs in own.items() if len(pairs) >= FEWEST_OF_A_FIELD}
    held_out = checked(bins, [(score, hit) for _, score, hit in others])
    return Calibration(ENGINE_VERSION, day.isoformat(), bins, held_out, fields)


def measure_quality(folder: Path, settings: EngineSettings, day: date, show: Progress) -> dict[str, Any]:
    """nDCG@10, Recall and MRR of each side and the whole on the held-out halves, as plain values with the day."""
    sets: dict[str, Any] = {}
    for name in SETS:
        judged = collection(folder, name, "held_out")
        results = evaluate(judged, settings, show)
        figures = {
            system: {part: {measure: asdict(figure) for measure, figure in row.items()} for part, row in parts.items()}
            for system, parts in results.items()
        }
        sets[name] = {"queries": len(judged.queries), "documents": len(judged.documents), "figures": figures}
    return {"version": ENGINE_VERSION, "measured_on": day.isoformat(), "command": "flask matching figures", "sets": sets}


def write_figures(folder: Path, settings: EngineSettings, day: date, show: Progress) -> None:
    """Write both files that the public page reads."""
    FILE.parent.mkdir(exist_ok=True)
    made = to_json(calibrate(folder, settings, day, show))
    FILE.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    quality = measure_quality(folder, settings, day, show)
    QUALITY.write_text(json.dumps(quality, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
