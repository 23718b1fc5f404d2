"""The model that the repository carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from market.matching import Document, question
from market.matching.encoder import Encoder
from market.matching.engine import HybridEngine
from market.matching.settings import MODEL_FOLDER, EngineSettings
from tests.matching.conftest import capability

MEGABYTE = 1_000_000

PAIRS = [
    ("刹车踩下去咕咕响，客户天天投诉", "制动盘摩擦自激振动抑制"),
    ("电动车一到冬天跑不远", "低温电解液与电芯自加热"),
    ("污水站出来的水氨氮老是超标", "短程硝化脱氮工艺"),
    ("服务器半夜被人植入勒索程序", "恶意代码入侵检测"),
    ("大棚里的番茄老是烂根", "土传病害生物防治菌剂"),
    ("焊缝总有气孔，探伤通不过", "熔池匙孔稳定性调控"),
    ("模具用几千次就开裂", "热作钢表面渗氮强化"),
    ("光伏板发电一年比一年少", "太阳能组件衰减诊断"),
    ("客服机器人答非所问", "检索增强的大语言模型问答"),
    ("桥上拉索锈得厉害", "缆索腐蚀防护涂层"),
    ("老年人在家摔倒没人知道", "毫米波雷达跌倒检测"),
    ("药片存放久了有效成分降解", "固体制剂稳定性研究"),
]
"""A complaint and what answers it, written for this test; the words of most pairs do not meet."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(EngineSettings())


def test_it_is_small_whole_and_says_where_it_comes_from() -> None:
    sizes = {path.name: path.stat().st_size for path in MODEL_FOLDER.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= 24 * MEGABYTE
    assert not [name for name in sizes if name.endswith((".bin", ".pt", ".pkl"))]
    card = (MODEL_FOLDER / "README.md").read_text(encoding="utf8")
    for word in ("CC BY 4.0", "MPL-2.0", "MIT", "Apache-2.0", "seconds", "bad at"):
        assert word in card


@pytest.mark.parametrize("text", ["轴承异响，润滑脂失效", "GaN功放效率≥65%，5G基站", "ＰＭ２．５　滤筒"])
def test_raw_text_gives_the_vector_of_the_words_that_the_engine_compares(encoder: Encoder, text: str) -> None:
    words = encoder.words(text)
    total = (encoder.word_units(words.numbers) * encoder.word_weights(words.numbers)[:, None]).sum(axis=0)
    assert np.allclose(total / np.linalg.norm(total), encoder.query(text), atol=1e-5)
    assert [text[start:end] for start, end in words.spans] == list(words.surfaces)
    assert len(words.surfaces) == len(words.numbers) > 1


def test_raw_text_is_cut_into_words_not_into_unknowns(encoder: Encoder) -> None:
    encoding = encoder.model[0].tokenizer.encode("动力电池低温续航不足，废水氨氮超标", add_special_tokens=False)
    assert "[UNK]" not in encoding.tokens
    assert {"动力电池", "低温", "续航", "废水", "超标"} <= set(encoding.tokens)


def test_vectors_have_length_one_and_the_same_text_the_same_vector(encoder: Encoder) -> None:
    vectors = encoder.documents(["低温电解液", "低温电解液", "轴承"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[1])
    assert vectors.dtype == np.float32


@pytest.mark.parametrize("text", ["", "   ", "\x00", "𠮷", "🙂"])
def test_a_text_without_known_words_has_a_harmless_vector(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.query(text)).all()


def test_complaints_find_what_answers_them(carried: HybridEngine) -> None:
    documents = [capability(n, offer) for n, (_, offer) in enumerate(PAIRS)]
    carried.sync(documents, revision=carried.revision + 1)
    places = []
    for n, (complaint, _) in enumerate(PAIRS):
        ids = [hit.id for hit in carried.rank(question(complaint), among=set(range(len(PAIRS))), k=len(PAIRS))]
        places.append(ids.index(n) + 1 if n in ids else len(PAIRS) + 1)
    assert sum(place <= 3 for place in places) >= FOUND_IN_THREE, places
    assert sum(1 / place for place in places) / len(places) >= MEAN_RECIPROCAL, places


FOUND_IN_THREE = 10
MEAN_RECIPROCAL = 0.75
"""By chance it would be 3 and 0.26."""


def test_the_fingerprint_names_files_and_prompts(tmp_path: Path) -> None:
    plain = Encoder(EngineSettings())
    assert plain.fingerprint == Encoder(EngineSettings()).fingerprint
    assert plain.fingerprint != Encoder(EngineSettings(query_prompt="查询：")).fingerprint
    assert Encoder(EngineSettings(model="some/name")).fingerprint != Encoder(EngineSettings(model="other/name")).fingerprint


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises((OSError, ValueError)):
        Encoder(EngineSettings(model=str(tmp_path / "empty"))).query("电池")


def test_documents_of_the_door_are_values() -> None:
    assert Document(1, "capability", "题") == Document(1, "capability", "题")
