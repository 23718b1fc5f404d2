"""The same promises of the two stores, kept in the process (FAISS, BM25) and in the database (pgvector, text search)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import text

from market.actions import match_stores, search
from market.db import db, transaction, use_read_only
from market.matching import LexicalStore, VectorStore, index_terms, open_engine
from market.matching.dense import FaissStore
from market.matching.lexical import Bm25Store
from market.matching.lexicon import lexicon
from market.queries import pgvector
from tests import conftest

MODEL = "0123456789abcdef"
TEXTS = ["动力电池低温续航衰减", "轴承异响与润滑", "高盐废水零排放", "电池热失控预警", "疫苗冷链运输电池温控箱"]


@dataclass
class Dense:
    """A dense store and how it is filled."""

    store: VectorStore
    put: Callable[[Sequence[int], np.ndarray], None]
    drop: Callable[[Sequence[int]], None]
    precision: float


@dataclass
class Words:
    """A word store and how it is filled."""

    store: LexicalStore
    put: Callable[[Sequence[int], Sequence[str]], None]
    drop: Callable[[Sequence[int]], None]


@pytest.fixture
def database() -> Iterator[Flask]:
    """PostgreSQL with empty stores."""
    if "postgresql" not in conftest.DATABASES:
        pytest.skip("stores of PostgreSQL")
    if "postgresql" not in conftest._places:
        conftest._places["postgresql"] = conftest.Place("postgresql")
    place = conftest._places["postgresql"]
    use_read_only(False)
    with place.app.app_context():
        yield place.app
        db.session.rollback()
        with transaction() as session:
            session.execute(text("TRUNCATE match_vector, match_term"))
            session.execute(text(f"DROP INDEX IF EXISTS {pgvector.index_name('capability', MODEL)}"))
    place.clean()


@pytest.fixture(params=["process", "database"])
def dense(request: pytest.FixtureRequest) -> Dense:
    """Each dense store, empty."""
    if request.param == "process":
        store = FaissStore()
        return Dense(store, store.put, store.drop, 1e-6)
    request.getfixturevalue("database")

    def put(ids: Sequence[int], vectors: np.ndarray) -> None:
        match_stores.put("capability", MODEL, dict(zip(ids, vectors.tolist(), strict=True)))

    return Dense(pgvector.PgVectorStore("capability", MODEL), put, lambda ids: match_stores.drop("capability", MODEL, ids), 2e-3)


@pytest.fixture(params=["process", "database"])
def words(request: pytest.FixtureRequest) -> Words:
    """Each word store, empty."""
    if request.param == "process":
        store = Bm25Store()
        return Words(store, store.put, store.drop)
    request.getfixturevalue("database")

    def drop(ids: Sequence[int]) -> None:
        with transaction():
            search.drop_terms("capability", ids)

    def put(ids: Sequence[int], texts: Sequence[str]) -> None:
        drop(ids)
        with transaction():
            search.put_terms("capability", {i: index_terms(words) for i, words in zip(ids, texts, strict=True)})
        match_stores.count_terms(force=True)

    return Words(pgvector.PgLexicalStore("capability"), put, drop)


def unit(rng: np.random.Generator, count: int, width: int = 8) -> np.ndarray:
    vectors = rng.normal(size=(count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_dense_search_and_scores(dense: Dense) -> None:
    rng = np.random.default_rng(1)
    vectors, query = unit(rng, 50), unit(rng, 1)[0]
    dense.put(range(100, 150), vectors)
    expected = [100 + int(i) for i in np.argsort(-(vectors @ query))[:10]]
    found = dense.store.search(query, 10)
    assert [i for i, _ in found] == expected
    assert dense.store.scores(query, [101, 7]) == [pytest.approx(float(vectors[1] @ query), abs=dense.precision), 0.0]


def test_dense_search_stays_among_the_allowed(dense: Dense) -> None:
    rng = np.random.default_rng(2)
    vectors, query = unit(rng, 20), unit(rng, 1)[0]
    dense.put(range(20), vectors)
    assert {i for i, _ in dense.store.search(query, 10, frozenset({3, 5, 99}))} == {3, 5}
    assert dense.store.search(query, 10, frozenset()) == []
    assert dense.store.search(query, 0) == []


def test_equal_vectors_come_in_the_order_of_their_ids(dense: Dense) -> None:
    vector = unit(np.random.default_rng(3), 1)
    dense.put([9, 2, 5], np.repeat(vector, 3, axis=0))
    assert [i for i, _ in dense.store.search(vector[0], 3)] == [2, 5, 9]


def test_what_is_replaced_or_removed_is_not_found_any_more(dense: Dense) -> None:
    vectors = unit(np.random.default_rng(6), 3)
    dense.put([1, 2], vectors[:2])
    dense.put([1], vectors[2:])
    dense.drop([2, 77])
    assert [i for i, _ in dense.store.search(vectors[1], 5)] == [1]
    assert dense.store.scores(vectors[2], [1]) == [pytest.approx(1.0, abs=dense.precision)]


def real_vectors() -> np.ndarray:
    """6,000 terms of the field, embedded by the carried model."""
    names = sorted({name for entry in lexicon().entries for _role, name in entry.all_names()})
    step = max(len(names) // 6_000, 1)
    return open_engine().embed(names[::step][:6_000])


MAKERS: Mapping[str, Callable[[], np.ndarray]] = {
    "random": lambda: unit(np.random.default_rng(7), 5_000, 256),
    "real": real_vectors,
}


@pytest.mark.parametrize("kind", list(MAKERS))
def test_recall_against_brute_force(dense: Dense, kind: str) -> None:
    """Recall@50 of 0.98 on 5,000 vectors and more, over the index where there is one."""
    vectors = MAKERS[kind]()
    assert len(vectors) >= 5_000
    dense.put(range(len(vectors)), vectors)
    if isinstance(dense.store, pgvector.PgVectorStore):
        assert "ix_match_vector" in explained(dense.store, vectors[0]), "HNSW was not asked: the test would measure nothing"
    for among in (None, frozenset(range(0, len(vectors), 2)), frozenset(range(0, len(vectors), 5))):
        found = 0
        queries = range(0, len(vectors), len(vectors) // 40)
        for n in queries:
            query = vectors[n] + np.float32(0.3) * vectors[(n * 7 + 13) % len(vectors)]
            allowed = np.arange(len(vectors)) if among is None else np.asarray(sorted(among))
            best = allowed[np.argsort(-(vectors[allowed] @ query), kind="stable")[:50]]
            found += len({i for i, _ in dense.store.search(query, 50, among)} & set(best.tolist()))
        assert found / (50 * len(queries)) >= 0.98, f"among {len(among) if among else 'all'}"


def explained(store: pgvector.PgVectorStore, vector: Any) -> str:
    """The plan of the search."""
    plan: list[str] = []
    real = db.session.execute

    def listening(statement: Any, bound: Any = None) -> Any:
        if "ORDER BY" in str(statement):
            plan.extend(row[0] for row in real(text(f"EXPLAIN {statement}"), bound))
        return real(statement, bound)

    db.session.execute = listening  # type: ignore[method-assign]
    try:
        store.search(vector, 50)
    finally:
        db.session.execute = real  # type: ignore[method-assign]
    return "\n".join(plan)


def test_contributions_add_up_to_the_score(words: Words) -> None:
    words.put(range(5), TEXTS)
    query = "电池低温续航掉得厉害，电池"
    found = words.store.search(query, 5)
    assert found and found[0][0] == 0
    for i, score in found:
        assert sum(words.store.contributions(query, TEXTS[i]).values()) == pytest.approx(score, rel=1e-4)
        assert words.store.scores(query, [i]) == [pytest.approx(score, rel=1e-5)]


def test_words_that_do_not_meet_score_nothing(words: Words) -> None:
    assert words.store.search("电池", 5) == []
    words.put(range(5), TEXTS)
    assert words.store.search("木马", 5) == [] and words.store.search("", 5) == []
    assert words.store.contributions("木马", TEXTS[0]) == {}
    assert words.store.scores("电池", [99]) == [0.0]


def test_words_stay_among_the_allowed(words: Words) -> None:
    words.put(range(5), TEXTS)
    allowed: AbstractSet[int] = frozenset({3, 4})
    assert set(dict(words.store.search("电池", 5, allowed))) == allowed
    assert words.store.search("电池", 5, frozenset()) == []


def test_withdrawn_and_replaced_words_leave_at_once(words: Words) -> None:
    words.put(range(5), TEXTS)
    words.drop([0])
    words.put([3], ["轴承"])
    assert set(dict(words.store.search("电池", 9))) == {4}
    assert 3 in dict(words.store.search("轴承", 9))


def test_a_rare_word_weighs_more_than_a_common_one(words: Words) -> None:
    words.put(range(20), [f"{'石墨烯' if i == 7 else ''}电池包第{i}号" for i in range(20)])
    assert words.store.search("石墨烯电池包", 20)[0][0] == 7
    shares = words.store.contributions("石墨烯电池包", "石墨烯电池包第7号")
    assert sum(v for t, v in shares.items() if "墨" in t) > 5 * sum(v for t, v in shares.items() if "电池" in t) > 0
