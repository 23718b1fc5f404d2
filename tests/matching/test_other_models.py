"""Any sentence-transformers model behind the same door: here a small transformer made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.matching import EngineSettings, open_engine, question
from tests.matching.conftest import capability

LETTERS = "电池低温续航掉电解液轴承异响润滑脂查询：文档"


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights and a vocabulary of single characters."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64
    )
    BertModel(config).save_pretrained(folder / "plain")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder / "plain")
    body = Transformer(str(folder / "plain"))
    SentenceTransformer(modules=[body, Pooling(body.get_embedding_dimension())], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_a_transformer_ranks_and_its_reasons_add_up(transformer: Path) -> None:
    engine = open_engine(EngineSettings(model=str(transformer)))
    engine.sync([capability(1, "低温电解液"), capability(2, "轴承润滑脂")], revision=1)
    hits = engine.rank(question("电池低温续航"))
    assert {hit.id for hit in hits} == {1, 2}
    assert hits[0].id == 1
    for hit in hits:
        assert sum(reason.strength for reason in hit.reasons) == pytest.approx(hit.score, abs=1e-6)
        assert hit.sentence
    assert any(reason.label == "整体含义相近" for reason in hits[0].reasons)


def test_prompts_change_the_vectors_of_their_side_only(transformer: Path) -> None:
    plain = open_engine(EngineSettings(model=str(transformer)))
    prompted = open_engine(EngineSettings(model=str(transformer), query_prompt="查询："))
    assert (plain.embed(["电池"]) == prompted.embed(["电池"])).all()
    assert plain.model_fingerprint != prompted.model_fingerprint
    for engine in (plain, prompted):
        engine.sync([capability(1, "轴承异响"), capability(2, "润滑脂异响")], revision=1)
    before, after = (engine.rank(question("轴承"))[0].score for engine in (plain, prompted))
    assert before != after
