"""The matching engine's two stores in PostgreSQL, for a market that one process's memory should not hold.

They read only. The vectors are written by the worker (actions/match_stores.py) into `match_vector`, which has an HNSW
index of pgvector for each kind and model; the words are those of the full-text index, which is written in the
transaction of the listing itself. Both return themselves from `fork`: the database keeps them in step.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import text

from market.db import db
from market.matching import KINDS, Kind, LexicalStore, VectorStore, index_terms

if TYPE_CHECKING:
    from market.matching.types import Matrix

EXACT = 2_000
"""Among at most so many listings the nearest are found by comparing with each."""
REACH = 400
"""Candidates that HNSW looks at (hnsw.ef_search); recall@50 is measured in tests/queries/test_pgvector.py."""
POSTINGS = 4_000
"""Candidates come from the rarest words of a query, as many as stand in so many listings together."""
READ = 500
"""Of these the best by ts_rank get their BM25."""
K1 = 1.2
B = 0.75


def stores(chosen: str, url: str) -> tuple[Callable[[Kind, str], VectorStore] | None, Callable[[Kind], LexicalStore] | None]:
    """Return what makes the stores that MARKET_STORES chose; (None, None) for those in the process.

    Raises RuntimeError for an unknown choice, and for the database's stores without PostgreSQL.
    """
    if chosen == "process":
        return None, None
    if chosen != "database":
        raise RuntimeError(f"MARKET_STORES is {chosen!r}; it may be process or database")
    if not url.startswith("postgresql"):
        raise RuntimeError("MARKET_STORES=database needs PostgreSQL with pgvector")
    return PgVectorStore, PgLexicalStore


def index_name(kind: Kind, model: str) -> str:
    """Return the name of the HNSW index of a kind and model."""
    return f"ix_match_vector_{kind}_{_checked(model)[:16]}"


def vector_literal(numbers: Sequence[float]) -> str:
    """Return a vector as pgvector reads it."""
    return "[" + ",".join(f"{number:.7g}" for number in numbers) + "]"


class PgVectorStore:
    """Vectors of one kind and model in `match_vector`, halves of 16 bits, found over HNSW."""

    def __init__(self, kind: Kind, model: str) -> None:
        assert kind in KINDS
        # Literals, not parameters: a prepared statement could not know that the partial index applies.
        self._which = f"kind = '{kind}' AND model = '{_checked(model)}'"

    def fork(self) -> Self:
        """Return itself."""
        return self

    def save(self, folder: Path) -> None:
        """Nothing to write."""

    def load(self, folder: Path) -> None:
        """Nothing to read."""

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Done by the worker."""

    def drop(self, ids: Sequence[int]) -> None:
        """Done by the worker."""

    def search(self, vector: Matrix, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k nearest, best first, equal scores by id."""
        if k <= 0 or (among is not None and not among):
            return []
        product = _product(vector)
        order = f"({product}) + 0" if among is not None and len(among) <= EXACT else product  # the sum keeps HNSW out
        some = "" if among is None else "AND item_id = ANY(:ids)"
        db.session.execute(
            text("SELECT set_config('hnsw.ef_search', :reach, true), set_config('hnsw.iterative_scan', 'strict_order', true)"),
            {"reach": str(min(max(REACH, 2 * k), 1_000))},
        )
        rows = db.session.execute(
            text(f"SELECT item_id, -({product}) FROM match_vector WHERE {self._which} {some} ORDER BY {order} LIMIT :k"),  # noqa: S608
            {"asked": vector_literal(vector.tolist()), "k": k, **({} if among is None else {"ids": sorted(among)})},
        )
        return sorted(((int(i), float(score)) for i, score in rows), key=lambda pair: (-pair[1], pair[0]))

    def scores(self, vector: Matrix, ids: Sequence[int]) -> list[float]:
        """Inner product with each of these ids, in their order; 0.0 for an unknown id."""
        rows = db.session.execute(
            text(f"SELECT item_id, -({_product(vector)}) FROM match_vector WHERE {self._which} AND item_id = ANY(:ids)"),  # noqa: S608
            {"asked": vector_literal(vector.tolist()), "ids": list(ids)},
        )
        by_id = {int(i): float(score) for i, score in rows}
        return [by_id.get(i, 0.0) for i in ids]


class PgLexicalStore:
    """BM25 over the full-text index: words, bigrams and how often they occur from its tsvector, rarity from `match_term`."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._last: tuple[str, dict[str, float], float] | None = None

    def fork(self) -> Self:
        """Return itself."""
        return self

    def save(self, folder: Path) -> None:
        """Nothing to write."""

    def load(self, folder: Path) -> None:
        """Nothing to read."""

    def put(self, ids: Sequence[int], texts: Sequence[str]) -> None:
        """Done in the transaction of the listing (actions/search.py)."""

    def drop(self, ids: Sequence[int]) -> None:
        """Done in the transaction of the listing (actions/search.py)."""

    def search(self, asked: str, k: int, among: AbstractSet[int] | None = None) -> list[tuple[int, float]]:
        """The k best with a score above 0, best first, equal scores by id."""
        weights, mean, frequencies = self._weights(asked)
        if not weights or k <= 0 or (among is not None and not among):
            return []
        chosen: list[str] = []
        postings = 0
        for term in sorted(weights, key=lambda term: (frequencies.get(term, 0), term)):
            postings += frequencies.get(term, 0)
            if chosen and postings > POSTINGS:
                break
            chosen.append(term)
        some = "" if among is None else "AND item_id = ANY(:ids)"
        candidates = (
            f"SELECT item_id, tsv FROM search_index, to_tsquery('simple', :match) query WHERE kind = :kind AND tsv @@ query {some} "  # noqa: S608
            "ORDER BY ts_rank(tsv, query) DESC, item_id LIMIT :read"
        )
        bound = {
            "match": " | ".join(f"'{term}'" for term in chosen),
            "read": max(READ, k),
            **({} if among is None else {"ids": sorted(among)}),
        }
        return self._bm25(candidates, bound, weights, mean)[:k]

    def scores(self, asked: str, ids: Sequence[int]) -> list[float]:
        """Score of each of these ids, in their order; 0.0 for an unknown id."""
        weights, mean, _ = self._weights(asked)
        candidates = "SELECT item_id, tsv FROM search_index WHERE kind = :kind AND item_id = ANY(:ids)"
        by_id = dict(self._bm25(candidates, {"ids": list(ids)}, weights, mean)) if weights and len(ids) else {}
        return [by_id.get(i, 0.0) for i in ids]

    def contributions(self, query: str, document: str) -> dict[str, float]:
        """What each term of the query adds to the score that a document of this text has."""
        weights, mean, _ = self._weights(query)
        terms = Counter(index_terms(document).split())
        norm = K1 * (1 - B + B * len(terms) / mean)
        return {term: weight * terms[term] / (terms[term] + norm) for term, weight in weights.items() if term in terms}

    def _bm25(self, candidates: str, bound: dict[str, Any], weights: dict[str, float], mean: float) -> list[tuple[int, float]]:
        rows = db.session.execute(
            text(
                f"WITH candidate AS MATERIALIZED ({candidates}), "  # noqa: S608
                "asked AS (SELECT * FROM unnest(CAST(:terms AS text[]), CAST(:weights AS float8[])) AS a(term, weight)) "
                "SELECT c.item_id, sum(a.weight * cardinality(u.positions) / (cardinality(u.positions) + :k1 * (1 - :b + :b * length(c.tsv) / :mean))) "
                "FROM candidate c CROSS JOIN unnest(c.tsv) u JOIN asked a ON a.term = u.lexeme GROUP BY c.item_id"
            ),
            {**bound, "kind": self._kind, "terms": list(weights), "weights": list(weights.values()), "k1": K1, "b": B, "mean": mean},
        )
        found = [(int(i), float(score)) for i, score in rows]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def _weights(self, asked: str) -> tuple[dict[str, float], float, dict[str, int]]:
        """The query's terms with times × rarity, the mean length of a listing, and in how many listings each stands."""
        counts = Counter(term for term in index_terms(asked).split() if len(term) > 1)
        if not counts:
            return {}, 1.0, {}
        rows = db.session.execute(
            text("SELECT term, documents FROM match_term WHERE kind = :kind AND term = ANY(:terms)"),
            {"kind": self._kind, "terms": ["", " ", *counts]},
        )
        known = {term: int(documents) for term, documents in rows}
        listings, mean = known.pop("", 0), max(known.pop(" ", 1), 1)
        rarity = {term: math.log(1 + (max(listings - known.get(term, 0), 0) + 0.5) / (known.get(term, 0) + 0.5)) for term in counts}
        return {term: times * rarity[term] for term, times in counts.items()}, float(mean), known


def _product(vector: Matrix) -> str:
    """Negative inner product, as the index orders by."""
    return f"(vec::halfvec({len(vector)})) <#> CAST(:asked AS halfvec({len(vector)}))"


def _checked(model: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{8,80}", model):
        raise ValueError(f"{model!r} is no fingerprint of a model")
    return model
