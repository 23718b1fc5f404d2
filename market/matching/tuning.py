"""Find the weights of the sides on judged matches, and say honestly whether they are better than those in use.

A coordinate search over a coarse grid: four weights are few, and nDCG@10 has no gradient. What it is worth is
measured by cross-validation over queries (fit on four fifths, measure on the fifth): only that figure decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from market.matching.engine import HybridEngine
from market.matching.evaluate import Collection, measure
from market.matching.fusion import Sides, fuse
from market.matching.settings import EngineSettings, Weights

FOLDS = 5
STEPS = (0.0, 0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
NAMES = ("words", "aligned", "meaning", "lexicon")
PASSES = 3
FEWEST_QUERIES = 20

Example = tuple[Mapping[int, Sides], Mapping[int, float]]
"""What the sides say of a query's candidates, and the grades."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came out: the weights, and the mean nDCG@10 on queries that the weights were not fitted on."""

    weights: Weights
    before: float
    after: float
    queries: int

    @property
    def better(self) -> bool:
        """Whether the new weights rank better on what they have not seen."""
        return self.after > self.before


def examples(
    collections: Sequence[Collection], settings: EngineSettings | None = None, show: Callable[..., Any] = lambda x: x
) -> list[Example]:
    """The sides' scores of every judged query."""
    found: list[Example] = []
    for collection in collections:
        engine = HybridEngine(settings or EngineSettings())
        engine.sync(collection.documents, revision=1)
        for query in show(collection.queries):
            grades = collection.judgements.get(query.id, {})
            if any(grade > 0 for grade in grades.values()):
                found.append((engine.sides(query), grades))
    return found


def quality(found: Sequence[Example], weights: Weights) -> float:
    """Mean nDCG@10 with these weights."""
    return float(np.mean([_ndcg(sides, grades, weights) for sides, grades in found])) if found else 0.0


def tune(found: Sequence[Example], start: Weights, seed: int = 1) -> Tuned:
    """Search from the weights in use. Raises ValueError when there are fewer than `FEWEST_QUERIES` judged queries."""
    if len(found) < FEWEST_QUERIES:
        raise ValueError(f"too few judged queries: {len(found)}, at least {FEWEST_QUERIES} are needed")
    order = np.random.default_rng(seed).permutation(len(found))
    before, after = [], []
    for fold in range(FOLDS):
        inside = [found[i] for i in order if i % FOLDS != fold]
        outside = [found[i] for i in order if i % FOLDS == fold]
        weights = search(inside, start)
        before += [_ndcg(sides, grades, start) for sides, grades in outside]
        after += [_ndcg(sides, grades, weights) for sides, grades in outside]
    return Tuned(search(found, start), float(np.mean(before)), float(np.mean(after)), len(found))


def search(found: Sequence[Example], start: Weights) -> Weights:
    """One weight after another over the grid, `PASSES` times; the result adds up to 1."""
    best, value = start, quality(found, start)
    for _ in range(PASSES):
        for name in NAMES:
            for step in STEPS:
                tried = replace(best, **{name: step})
                if (reached := quality(found, tried)) > value + 1e-9:
                    best, value = tried, reached
    return _whole(best)


def _ndcg(sides: Mapping[int, Sides], grades: Mapping[int, float], weights: Weights) -> float:
    ranked = sorted(sides, key=lambda i: (-fuse(sides[i], weights).total, i))
    return measure(ranked, grades)[0]


def _whole(weights: Weights) -> Weights:
    total = sum(getattr(weights, name) for name in NAMES) or 1.0
    return Weights(**{name: round(getattr(weights, name) / total, 4) for name in NAMES})
