"""The measures, checked against figures worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from market.matching import EngineSettings, evaluate_files
from market.matching import evaluate as ev


def test_a_perfect_list_measures_one() -> None:
    assert ev.measure([1, 2, 3], {1: 2.0, 2: 1.0, 3: 0.0}) == (1.0, 1.0, 1.0, 1.0)


def test_measures_follow_their_definitions() -> None:
    gain, recall10, recall50, first = ev.measure([9, 1, 8], {1: 2.0, 2: 1.0})
    assert gain == pytest.approx((3 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert (recall10, recall50, first) == (0.5, 0.5, 0.5)


def test_what_comes_after_ten_counts_for_the_longer_recall_only() -> None:
    assert ev.measure([*range(100, 111), 1], {1: 1.0}) == (0.0, 0.0, 1.0, 0.0)


def test_nothing_found_measures_zero() -> None:
    assert ev.measure([], {1: 1.0}) == (0.0, 0.0, 0.0, 0.0)


def test_the_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    rng = np.random.default_rng(1)
    few, many = ev.interval(rng.random(20)), ev.interval(rng.random(2_000))
    assert few.low < few.mean < few.high
    assert many.high - many.low < few.high - few.low
    assert ev.interval(np.ones(5)) == ev.Figure(1.0, 1.0, 1.0)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    queries = [("q1", "电池掉电"), ("q2", "轴承异响"), ("q3", "污泥太多")]
    documents = [("d1", "低温电解液"), ("d2", "齿轮振动润滑"), ("d3", "膜分离脱氨氮"), ("d4", "疫苗")]
    names = []
    for name, rows in (("queries", queries), ("documents", documents)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(json.dumps({"id": i, "title": t, "description": ""}) for i, t in rows), encoding="utf8")
        names.append(path)
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text("q1\td1\t2\nq1\td4\t0\nq2\td2\t1\nq3\td3\t2\n", encoding="utf8")
    return names[0], names[1], qrels


def test_files_are_measured_for_each_part_and_the_whole(files: tuple[Path, Path, Path], tiny_model: Path) -> None:
    results = ev.evaluate(ev.read_collection(*files), EngineSettings(model=str(tiny_model)))
    assert set(results) == {"BM25 words", "BM25 bigrams", "BM25 both", "dense", "whole"}
    assert results["whole"]["all"]["nDCG@10"].mean == 1.0
    assert results["dense"]["all"]["MRR@10"].mean == 1.0
    assert results["BM25 bigrams"]["low overlap"]["Recall@50"].mean == 0.0
    assert "| whole | all | 1.000 [1.000–1.000]" in ev.table(results)


def test_a_judgement_of_an_unknown_id_is_refused(files: tuple[Path, Path, Path]) -> None:
    files[2].write_text("q1\tnowhere\t1\n", encoding="utf8")
    with pytest.raises(ValueError, match="nowhere"):
        ev.read_collection(*files)


def test_a_run_is_written_one_pair_a_line(tmp_path: Path) -> None:
    ev.write_run(tmp_path / "run.tsv", [("q1", [("d1", 0.5), ("d2", 0.25)])])
    assert (tmp_path / "run.tsv").read_text(encoding="utf8") == "q1\td1\t0.500000\nq1\td2\t0.250000\n"


def test_the_door_measures_files_and_writes_the_lists_of_the_whole(
    files: tuple[Path, Path, Path], tiny_model: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run.tsv"
    found = evaluate_files(*files, run=run, settings=EngineSettings(model=str(tiny_model)))
    assert found["figures"]["whole"]["all"]["nDCG@10"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert found["table"].startswith("| system |")
    first = run.read_text(encoding="utf8").splitlines()[0].split("\t")
    assert first[:2] == ["q1", "d1"]
    assert float(first[2]) > 0
