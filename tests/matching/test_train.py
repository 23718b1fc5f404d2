"""Training from a folder of a few made-up sentences: the steps, their order, and the same model each time."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from market.matching import training_data
from market.matching.contrast import Recipe, without_shared
from market.matching.encoder import Encoder
from market.matching.settings import EngineSettings
from market.matching.train import Plan, train

SUBJECTS = {
    "电池": ("冬天电池掉电很快", "低温电解液改善放电"),
    "轴承": ("轴承夜里异响不断", "润滑脂配方降低磨损"),
    "污水": ("污水氨氮天天超标", "膜分离脱氮稳定运行"),
}
PLAN = Plan(pieces=200, dimensions=8, window=3, threads=1, recipe=Recipe(epochs=2, batch=32))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = [
        {"title": f"{name}研究{n}", "problem": f"{problem}，第{n}次", "solution": f"{solution}，方案{n}号"}
        for n in range(60)
        for name, (problem, solution) in SUBJECTS.items()
    ]
    sections = [
        {"doc": f"d{n}", "title": f"{name}综述", "heading": "1 引言", "text": f"{problem}。{solution}{part}。"}
        for n, (name, (problem, solution)) in enumerate(SUBJECTS.items())
        for part in ("甲", "乙", "丙")
    ]
    filler = [{"text": chr(ch) * 2 + "，" + chr(ch)} for ch in range(ord("一"), ord("一") + 150) for _ in range(6)]
    write(folder, "problem_solution", rows)
    write(folder, "chinaxiv_sections", sections)
    write(folder, "general_text", filler)
    write(folder, "synonyms", [{"terms": ["电池", "电解液"], "code": "A="}, {"terms": ["轴承", "污水"], "code": "B#"}])
    write(folder, "terms", [{"term": "异响", "domain": "car"}, {"term": "天津", "domain": "diming"}])
    write(folder, "eval_problem_solution", [{"problem": "不许读", "solution": "不许读"}])
    return folder


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_the_same_data_give_the_same_model_and_it_knows_its_subjects(data: Path, tmp_path: Path) -> None:
    reports = [train(data, tmp_path / name, lambda items, desc: Bar(items), PLAN) for name in ("one", "two")]
    encoders = [Encoder(EngineSettings(model=str(tmp_path / name))) for name in ("one", "two")]
    texts = [text for pair in SUBJECTS.values() for text in pair]
    first, second = (encoder.documents(texts) for encoder in encoders)
    assert np.array_equal(first, second)
    cosines = first[0::2] @ first[1::2].T
    assert (np.argmax(cosines, axis=1) == np.arange(3)).all()
    assert reports[0].dimensions == 8
    assert reports[0].pairs["synonyms"] == 1
    assert json.loads((tmp_path / "one" / "training.json").read_text(encoding="utf8"))["plan"]["seed"] == 1


def test_a_folder_with_something_in_it_is_left_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("x", encoding="utf8")
    with pytest.raises(FileExistsError):
        train(data, tmp_path, None, PLAN)


def test_too_little_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(ValueError, match="too little"):
        train(tmp_path / "data", tmp_path / "out", lambda items, desc: items, PLAN)


def test_evaluation_files_are_never_read(data: Path) -> None:
    with pytest.raises(ValueError, match="evaluation only"):
        list(training_data.rows(data, "eval_problem_solution"))
    assert not any("不许读" in text for text in training_data.reading_texts(data))


def test_a_document_is_on_one_side_only(data: Path) -> None:
    pairs = training_data.read_pairs(data)
    held = {left for left, _ in pairs.held_out.get("problem_solution", [])}
    trained = {left for left, _ in pairs.train["problem_solution"]}
    assert held
    assert not held & trained


def test_places_and_loose_groups_are_left_out(data: Path) -> None:
    assert list(training_data.technical_terms(data)) == ["异响"]
    assert list(training_data.synonym_groups(data)) == [["电池", "电解液"]]


def test_shared_words_are_dropped_from_the_left_text_but_some_always_stay() -> None:
    rng = np.random.default_rng(1)
    always = Recipe(drop_shared=1.0, fewest_words=2)
    left = np.array([1, 2, 3, 4, 5], dtype=np.int32)
    assert without_shared(left, np.array([1, 2, 9], dtype=np.int32), always, rng).tolist() == [3, 4, 5]
    assert without_shared(left, left, always, rng).tolist() == left.tolist()


class Bar(list):  # type: ignore[type-arg]
    """A progress bar that shows nothing."""

    def set_postfix(self, **_: object) -> None:
        """Nothing to show."""
