"""A shown probability rests on judged pairs, rises with the score, and is silent where too few were judged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from market.matching.calibration import FEWEST, Bin, Calibration, calibration, checked, fit, from_json, quality, to_json, wilson
from market.matching.version import ENGINE_VERSION


def pairs(n: int = 2_000, seed: int = 3) -> list[tuple[float, bool]]:
    """Pairs whose chance of matching is their score."""
    rng = np.random.default_rng(seed)
    scores = rng.random(n)
    return [(float(score), bool(rng.random() < score)) for score in scores]


def test_shares_rise_with_the_score_and_are_near_the_truth() -> None:
    bins = fit(pairs())
    shares = [bin_.share for bin_ in bins]
    assert shares == sorted(shares)
    assert len(bins) > 5
    for bin_ in bins:
        middle = (bin_.score_from + min(bin_.score_to, 1.0)) / 2
        assert bin_.low - 0.05 <= middle <= bin_.high + 0.05


def test_held_out_pairs_fall_into_the_same_bins() -> None:
    bins = fit(pairs())
    others = checked(bins, pairs(seed=4))
    assert [(b.score_from, b.score_to) for b in others] == [(b.score_from, b.score_to) for b in bins]
    assert sum(b.n for b in others) == 2_000


def test_neighbours_that_would_fall_are_joined() -> None:
    bins = fit([(0.1, True), (0.2, True), (0.3, False), (0.4, False), (0.5, True), (0.6, True)], bins=3)
    shares = [bin_.share for bin_ in bins]
    assert shares == sorted(shares)
    assert sum(bin_.n for bin_ in bins) == 6


@pytest.mark.parametrize("n", [FEWEST - 1, FEWEST])
def test_below_the_fewest_pairs_nothing_is_said(n: int) -> None:
    made = Calibration(ENGINE_VERSION, "2026-01-01", (Bin(0.0, math.inf, n, n // 2, *wilson(n // 2, n)),))
    found = made.probability(0.4)
    assert (found is None) == (n < FEWEST)
    if found:
        assert found.n == n
        assert found.low < found.value < found.high


def test_a_field_with_pairs_of_its_own_is_read_by_itself() -> None:
    pooled = (Bin(0.0, math.inf, 100, 10, 0.05, 0.18),)
    own = {"06": (Bin(0.0, math.inf, 50, 40, 0.67, 0.89),), "08": (Bin(0.0, math.inf, 5, 5, 0.5, 1.0),)}
    made = Calibration(ENGINE_VERSION, "2026-01-01", pooled, (), own)
    values = {field: made.probability(0.5, field) for field in ("06", "08", "01", "")}
    assert {field: found.value for field, found in values.items() if found} == {"06": 0.8, "08": 0.1, "01": 0.1, "": 0.1}


def test_another_engine_says_nothing() -> None:
    assert Calibration("0.0.1", "2026-01-01", (Bin(0.0, math.inf, 100, 10, 0.05, 0.18),)).probability(0.5) is None


def test_it_survives_the_file() -> None:
    made = Calibration(ENGINE_VERSION, "2026-01-01", fit(pairs()), fit(pairs(seed=5)), {"06": fit(pairs(seed=6), 4)})
    assert from_json(to_json(made)) == made


def test_the_carried_figures_are_of_this_engine_and_honest() -> None:
    made, measured = calibration(), quality()
    assert made.version == measured["version"] == ENGINE_VERSION
    shares = [bin_.share for bin_ in made.bins]
    assert shares == sorted(shares)
    assert sum(bin_.n for bin_ in made.held_out) > 1_000
    for bin_ in made.bins:
        assert (bin_.low, bin_.high) == pytest.approx(wilson(bin_.relevant, bin_.n))


@pytest.mark.parametrize(("relevant", "n"), [(0, 0), (0, 10), (10, 10), (5, 10), (700, 1000)])
def test_an_interval_holds_its_share(relevant: int, n: int) -> None:
    low, high = wilson(relevant, n)
    assert 0 <= low <= high <= 1
    assert low - 1e-9 <= (relevant / n if n else 0.5) <= high + 1e-9
