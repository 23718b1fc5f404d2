"""The two stores: exact against brute force, whole after changes, unchanged for those who read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from market.matching import layers, lexical
from market.matching.dense import FaissStore
from market.matching.lexical import Bm25Store

TEXTS = ["动力电池低温续航衰减", "轴承异响与润滑", "高盐废水零排放", "电池热失控预警", "疫苗冷链运输电池温控箱"]


def unit(rng: np.random.Generator, n: int) -> np.ndarray:
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_dense_search_is_brute_force() -> None:
    rng = np.random.default_rng(1)
    vectors, query = unit(rng, 50), unit(rng, 1)[0]
    store = FaissStore()
    store.put(range(100, 150), vectors)
    expected = [100 + int(i) for i in np.argsort(-(vectors @ query))[:10]]
    assert [i for i, _ in store.search(query, 10)] == expected
    assert store.scores(query, [101, 7]) == [pytest.approx(float(vectors[1] @ query), abs=1e-6), 0.0]


def test_dense_search_stays_among_the_allowed() -> None:
    rng = np.random.default_rng(2)
    vectors, query = unit(rng, 20), unit(rng, 1)[0]
    store = FaissStore()
    store.put(range(20), vectors)
    found = store.search(query, 10, frozenset({3, 5, 99}))
    assert {i for i, _ in found} == {3, 5}
    assert store.search(query, 10, frozenset()) == []


def test_equal_vectors_come_in_the_order_of_their_ids() -> None:
    vector = unit(np.random.default_rng(3), 1)
    store = FaissStore()
    store.put([9, 2, 5], np.repeat(vector, 3, axis=0))
    assert [i for i, _ in store.search(vector[0], 3)] == [2, 5, 9]


def test_a_fork_of_the_dense_store_leaves_readers_alone() -> None:
    rng = np.random.default_rng(4)
    vectors = unit(rng, 3)
    store = FaissStore()
    store.put([1, 2], vectors[:2])
    other = store.fork()
    other.put([3], vectors[2:])
    other.drop([1])
    assert {i for i, _ in store.search(vectors[0], 5)} == {1, 2}
    assert {i for i, _ in other.search(vectors[0], 5)} == {2, 3}


@pytest.mark.parametrize("least", [0, 7, 1_000], ids=["merged at once", "now and then", "never merged"])
def test_dense_search_is_brute_force_after_any_changes(monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    monkeypatch.setattr(layers, "LEAST", least)
    rng = np.random.default_rng(9)
    store, held = FaissStore(), {}
    for vector in unit(rng, 300):
        number = int(rng.integers(0, 40))
        if rng.random() < 0.3:
            store.drop([number])
            held.pop(number, None)
        else:
            store.put([number], vector[None])
            held[number] = vector
        query = unit(rng, 1)[0]
        expected = sorted(((i, float(v @ query)) for i, v in held.items()), key=lambda pair: (-pair[1], pair[0]))
        among = frozenset(range(0, 40, 3))
        for allowed in (None, among):
            wanted = [pair for pair in expected if allowed is None or pair[0] in allowed][:8]
            found = store.search(query, 8, allowed)
            assert [i for i, _ in found] == [i for i, _ in wanted]
            assert [s for _, s in found] == pytest.approx([s for _, s in wanted], abs=1e-6)
        assert store.scores(query, range(40)) == pytest.approx([float(held[i] @ query) if i in held else 0.0 for i in range(40)], abs=1e-6)
        assert len(store) == len(held)
        store = store.fork()


def test_a_fork_of_a_large_store_copies_the_changes_only() -> None:
    store = FaissStore()
    store.put(range(2_000), unit(np.random.default_rng(10), 2_000))
    other = store.fork()
    other.put([5_000], unit(np.random.default_rng(11), 1))
    assert other._index is store._index and len(other._delta) == 1 and len(other) == 2_001


def test_replacing_a_vector_keeps_one_row() -> None:
    vectors = unit(np.random.default_rng(6), 2)
    store = FaissStore()
    store.put([1], vectors[:1])
    store.put([1], vectors[1:])
    assert store.search(vectors[1], 5) == [(1, pytest.approx(1.0, abs=1e-6))]


def test_contributions_add_up_to_the_score_of_the_library() -> None:
    store = Bm25Store()
    store.put(range(5), TEXTS)
    query = "电池低温续航掉得厉害，电池"
    for i, score in store.search(query, 5):
        assert sum(store.contributions(query, TEXTS[i]).values()) == pytest.approx(score, rel=1e-5)
        assert store.scores(query, [i]) == [pytest.approx(score, rel=1e-5)]


def test_words_that_do_not_meet_score_nothing() -> None:
    store = Bm25Store()
    store.put(range(5), TEXTS)
    assert store.search("木马", 5) == []
    assert store.contributions("木马", TEXTS[0]) == {}
    assert Bm25Store().search("电池", 5) == []


def test_the_delta_scores_by_the_formula_of_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "SMALL", 0)
    store = Bm25Store()
    store.put(range(80), [f"{text}第{i}号" for i, text in enumerate(TEXTS * 16)])
    assert not store._delta
    store.put([500], ["动力电池低温续航衰减第0号"])
    assert store._delta
    scores = dict(store.search("电池低温续航", 100))
    assert scores[500] == pytest.approx(scores[0], rel=1e-5)


def test_withdrawn_and_replaced_documents_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "SMALL", 0)
    store = Bm25Store()
    store.put(range(80), [f"{text}第{i}号" for i, text in enumerate(TEXTS * 16)])
    store.drop([0])
    store.put([5], ["轴承"])
    found = dict(store.search("电池低温续航", 100))
    assert 0 not in found
    assert 5 not in found
    assert 10 in found
    assert 5 in dict(store.search("轴承", 100))


def test_a_large_delta_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "SMALL", 0)
    monkeypatch.setattr(lexical, "DELTA", 3)
    store = Bm25Store()
    store.put(range(4), TEXTS[:4])
    for i in range(10, 16):
        store.put([i], ["新电池"])
    assert len(store._delta) <= 3
    assert {10, 11, 12, 13, 14, 15} <= set(dict(store.search("电池", 20)))


def test_a_fork_of_the_word_store_leaves_readers_alone() -> None:
    store = Bm25Store()
    store.put(range(5), TEXTS)
    before = store.search("电池", 5)
    other = store.fork()
    other.drop([0])
    other.put([9], ["电池"])
    assert store.search("电池", 5) == before
    assert 0 not in dict(other.search("电池", 5))


def test_word_search_stays_among_the_allowed() -> None:
    store = Bm25Store()
    store.put(range(5), TEXTS)
    assert set(dict(store.search("电池", 5, frozenset({3, 4})))) == {3, 4}


@pytest.mark.parametrize("count", [0, 5])
def test_both_stores_come_back_from_disk_as_they_were(tmp_path: Path, count: int) -> None:
    vectors = unit(np.random.default_rng(8), 5)
    words, dense = Bm25Store(), FaissStore()
    words.put(range(count), TEXTS[:count])
    dense.put(range(count), vectors[:count])
    words.save(tmp_path)
    dense.save(tmp_path)
    other_words, other_dense = Bm25Store(), FaissStore()
    other_words.load(tmp_path)
    other_dense.load(tmp_path)
    assert other_words.search("电池续航", 5) == words.search("电池续航", 5)
    assert other_dense.search(vectors[0], 5) == dense.search(vectors[0], 5)
