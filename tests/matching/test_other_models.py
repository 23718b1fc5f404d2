"""Any sentence-transformers model behind the same door: here a small transformer made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.matching import EngineSettings, open_engine, question
from market.matching.rerank import LABEL, WEIGHT
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


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one layer with random weights, one output, and single characters as its words."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("cross")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf8")
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=1,
        max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder / "plain")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder / "plain")
    CrossEncoder(str(folder / "plain"), device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_a_second_reading_is_a_reason_and_the_reasons_still_add_up(tiny_model: Path, cross_encoder: Path) -> None:
    offers = [capability(1, "低温电解液"), capability(2, "电池轴承润滑脂"), capability(3, "电池续航"), capability(4, "续航低温电解液")]
    plain = open_engine(EngineSettings(model=str(tiny_model)))
    read = open_engine(EngineSettings(model=str(tiny_model), reranker=str(cross_encoder), rerank=2))
    for engine in (plain, read):
        engine.sync(offers, revision=1)
    asked = question("电池低温续航")
    before, after = plain.rank(asked), read.rank(asked)
    assert len(before) == len(after) >= 3
    assert plain.fingerprint != read.fingerprint and plain.model_fingerprint == read.model_fingerprint
    shares = {hit.id: [r.strength for r in hit.reasons if r.label == LABEL] for hit in after}
    assert {i for i, share in shares.items() if share} == {hit.id for hit in before[:2]} == {hit.id for hit in after[:2]}
    scores = {hit.id: hit.score for hit in before}
    for hit in after:
        assert sum(reason.strength for reason in hit.reasons) == pytest.approx(hit.score, abs=1e-6)
        assert hit.score == pytest.approx(scores[hit.id] + sum(shares[hit.id]), abs=1e-6)
        assert all(0 < share < WEIGHT for share in shares[hit.id])
    assert len({round(share[0], 6) for share in shares.values() if share}) == 2, "the model says the same of both"
    best = next(offer for offer in offers if offer.id == after[0].id)
    assert sum(reason.strength for reason in read.explain(asked, best)) == pytest.approx(after[0].score, abs=1e-5)
    assert [i for i, _ in read.scored(asked, 9)] == [hit.id for hit in after]


def test_a_second_reading_may_change_the_order(tiny_model: Path, cross_encoder: Path) -> None:
    """Over queries enough that random weights turn at least one pair around."""
    offers = [capability(1, "低温电解液"), capability(2, "电池轴承润滑脂"), capability(3, "电池续航"), capability(4, "续航低温电解液")]
    plain = open_engine(EngineSettings(model=str(tiny_model)))
    read = open_engine(EngineSettings(model=str(tiny_model), reranker=str(cross_encoder), rerank=4))
    for engine in (plain, read):
        engine.sync(offers, revision=1)
    queries = ["电池低温续航", "电解液", "轴承润滑", "续航掉电", "电池轴承", "低温"]
    orders = [([h.id for h in plain.rank(question(q))], [h.id for h in read.rank(question(q))]) for q in queries]
    assert any(one != other for one, other in orders)
    assert all(set(one) == set(other) for one, other in orders)
