"""A small real model whose words lie in five subjects, an engine over it, and the model that the project carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from market.matching import Document, EngineSettings, Kind, open_engine
from market.matching.engine import HybridEngine
from market.matching.train import save_model
from market.matching.vocabulary import build_tokenizer

SUBJECTS = (
    "电池 续航 掉电 电解液 析锂 低温 充电",
    "轴承 异响 磨损 润滑 振动 齿轮",
    "废水 氨氮 膜分离 污泥 出水 浓盐水",
    "疫苗 抗体 病毒 免疫 血清",
    "漏洞 入侵 防火墙 加密 木马",
)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a static model: a word's vector points to its subject, with a little noise."""
    rng = np.random.default_rng(5)
    pieces, rows = [("[UNK]", 0.0), ("0", -5.0)], [np.zeros(16), rng.normal(0, 0.05, 16)]
    for place, line in enumerate(SUBJECTS):
        for word in line.split():
            pieces.append((word, -6.0))
            rows.append(np.eye(16)[place] + rng.normal(0, 0.15, 16))
    for character in sorted({ch for line in SUBJECTS for ch in line if ch != " "}):
        pieces.append((character, -12.0))
        rows.append(rng.normal(0, 0.05, 16))
    folder = tmp_path_factory.mktemp("model")
    save_model(np.asarray(rows, dtype=np.float32), build_tokenizer(pieces), folder)
    return folder


@pytest.fixture
def engine(tiny_model: Path) -> HybridEngine:
    """An empty engine over the small model."""
    made = open_engine(EngineSettings(model=str(tiny_model)))
    assert isinstance(made, HybridEngine)
    return made


@pytest.fixture(scope="session")
def carried() -> HybridEngine:
    """An engine over the model in the repository; loaded once."""
    made = open_engine()
    assert isinstance(made, HybridEngine)
    return made


def capability(number: int, title: str, text: str = "", **facts: object) -> Document:
    """A capability."""
    return document("capability", number, title, text, **facts)


def challenge(number: int, title: str, text: str = "", **facts: object) -> Document:
    """A challenge."""
    return document("challenge", number, title, text, **facts)


def document(kind: Kind, number: int, title: str, text: str, **facts: object) -> Document:
    """A listing of a kind."""
    return Document(id=number, kind=kind, title=title, text=text, **facts)  # type: ignore[arg-type]


OFFERS_FOR_READING = [
    capability(1, "低温电解液抑制析锂", "电池续航提高。"),
    capability(2, "轴承与齿轮润滑", "振动与磨损在线监测。"),
    capability(3, "膜分离脱除氨氮", "出水稳定。"),
]
