"""Write what the matching engine's stores in PostgreSQL read (queries/pgvector.py): vectors, their indexes, how rare words are.

Only where MARKET_STORES chose them; the worker alone writes, so that no reader of a page waits for an index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from market.db import db, reading, transaction
from market.domain import clock
from market.matching import KINDS, Engine, Kind
from market.models import Setting
from market.queries import documents, pgvector, settings
from market.queries import engine as engines

BATCH = 500
_COUNTED = "match_terms_counted"


def keep(listings: Iterable[tuple[str, int]] | None, engine: Engine) -> int:
    """Bring the vectors of these listings (None: all) of this engine's model into step; return how many were written.

    They must be embedded already (`matches.store_embeddings`); a listing that is public no more loses its vector.
    """
    if not engines.stores_are_in_the_database():
        return 0
    model, chosen, written = engine.model_fingerprint, None if listings is None else set(listings), 0
    for kind in KINDS:
        ids = None if chosen is None else sorted(item for word, item in chosen if word == kind)
        if ids == []:
            continue
        with reading():
            found = documents.of_kind(kind, ids)
            vectors = engines.stored_vectors(found, model)
        _drop(kind, model, ids, {document.id for document in found})
        put(kind, model, {key[1]: vector.tolist() for key, vector in vectors.items()})
        written += len(vectors)
    return written


def put(kind: Kind, model: str, vectors: dict[int, list[float]]) -> None:
    """Add or replace vectors of a kind and model (in transactions of `BATCH`), and see that they are indexed."""
    rows = [{"kind": kind, "item_id": i, "model": model, "vec": pgvector.vector_literal(vector)} for i, vector in sorted(vectors.items())]
    statement = text(
        "INSERT INTO match_vector (kind, item_id, model, vec) VALUES (:kind, :item_id, :model, CAST(:vec AS halfvec)) "
        "ON CONFLICT (kind, model, item_id) DO UPDATE SET vec = excluded.vec"
    )
    for start in range(0, len(rows), BATCH):
        with transaction() as session:
            session.execute(statement, rows[start : start + BATCH])
    if rows:
        _index(kind, model, len(next(iter(vectors.values()))))


def drop(kind: Kind, model: str, ids: Iterable[int]) -> None:
    """Remove vectors; unknown ids are ignored."""
    with transaction() as session:
        session.execute(
            text("DELETE FROM match_vector WHERE kind = :kind AND model = :model AND item_id = ANY(:ids)"),
            {"kind": kind, "model": model, "ids": list(ids)},
        )


def count_terms(force: bool = False) -> int:
    """Count in how many listings each term stands, once in an hour at most; return how many terms, 0 when not due."""
    if not engines.stores_are_in_the_database() and not force:
        return 0
    with reading():
        before = settings.value(_COUNTED, 0)
    now = int(clock.now().timestamp())
    if not force and now - before < 3_600:
        return 0
    with transaction() as session:
        session.execute(text("DELETE FROM match_term"))
        for kind in KINDS:
            _count(session, kind)
        session.merge(Setting(name=_COUNTED, value=now, changed_at=clock.now()))
        return int(session.scalar(text("SELECT count(*) FROM match_term")) or 0)


def _count(session: Any, kind: Kind) -> None:
    """Write the counts of a kind; under "" how many listings there are, under " " their mean number of different terms."""
    session.execute(
        text(
            "INSERT INTO match_term (kind, term, documents) SELECT :kind, word, ndoc "
            "FROM ts_stat(format('SELECT tsv FROM search_index WHERE kind = %L', CAST(:kind AS text)))"
        ),
        {"kind": kind},
    )
    session.execute(
        text(
            "INSERT INTO match_term (kind, term, documents) SELECT :kind, '', count(*) FROM search_index WHERE kind = :kind "
            "UNION ALL SELECT :kind, ' ', coalesce(round(avg(length(tsv))), 1) FROM search_index WHERE kind = :kind"
        ),
        {"kind": kind},
    )


def _drop(kind: Kind, model: str, ids: list[int] | None, public: set[int]) -> None:
    with reading():
        rows = db.session.execute(
            text("SELECT item_id FROM match_vector WHERE kind = :kind AND model = :model"), {"kind": kind, "model": model}
        )
        held = {int(row[0]) for row in rows} if ids is None else set(ids)
    if gone := sorted(held - public):
        drop(kind, model, gone)


def _index(kind: Kind, model: str, dimension: int) -> None:
    """One HNSW index for each kind and model: another model has another dimension, and each search is among one kind."""
    name = pgvector.index_name(kind, model)
    with reading():
        there = db.session.scalar(
            text("SELECT 1 FROM pg_indexes WHERE indexname = :name AND schemaname = current_schema()"), {"name": name}
        )
    if there is None:
        with transaction() as session:
            session.execute(
                text(
                    f"CREATE INDEX {name} ON match_vector USING hnsw ((vec::halfvec({int(dimension)})) halfvec_ip_ops) "
                    f"WITH (m = 24, ef_construction = 128) WHERE kind = '{kind}' AND model = '{model}'"
                )
            )
