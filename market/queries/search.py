"""Chinese full-text search: pre-cut words, bigrams and single characters in one indexed column, on both databases."""

from __future__ import annotations

from sqlalchemy import Float, Integer, TextualSelect, text

from market.db import db
from market.matching import query_terms

SIDES = {"challenge": 0, "capability": 1}
ROW = ":id * 2 + :side"  # a listing's row in SQLite's index: other columns are read only by reading the whole text


def matching_ids(kind: str, query: str) -> list[int]:
    """Return the ids of listings of `kind` that hold every term of `query`, best first; [] for an empty query."""
    terms = query_terms(query)
    if not terms:
        return []
    if db.engine.dialect.name == "sqlite":
        match = " AND ".join('"' + term.replace('"', '""') + '"' for term in terms)
        rows = db.session.execute(
            text("SELECT rowid / 2 FROM search_index WHERE search_index MATCH :match AND rowid % 2 = :side ORDER BY rank LIMIT 5000"),
            {"match": f"terms : ({match})", "side": SIDES[kind]},
        )
    else:
        parts = " & ".join("'" + term.replace("'", "''").replace("\\", "\\\\") + "'" for term in terms)
        rows = db.session.execute(
            text(
                "SELECT item_id FROM search_index, to_tsquery('simple', :match) query WHERE kind = :kind AND tsv @@ query "
                "ORDER BY ts_rank(tsv, query) DESC, item_id LIMIT 5000"
            ),
            {"match": parts, "kind": kind},
        )
    return [int(row[0]) for row in rows]


def found(kind: str, query: str, any_term: bool = False) -> TextualSelect | None:
    """Return the listings of `kind` that hold every term of `query` (or any) as rows (item_id, relevance).

    Put them into a materialized CTE before joining: the full-text table is then searched once.

    The smaller `relevance`, the better. None for a query without a term.
    """
    terms = query_terms(query)
    if not terms:
        return None
    if db.engine.dialect.name == "sqlite":
        match = (" OR " if any_term else " AND ").join('"' + term.replace('"', '""') + '"' for term in terms)
        statement = text(
            "SELECT rowid / 2 AS item_id, rank AS relevance FROM search_index WHERE search_index MATCH :match AND rowid % 2 = :side"
        )
        bound = {"match": f"terms : ({match})", "side": SIDES[kind]}
    else:
        match = (" | " if any_term else " & ").join("'" + term.replace("'", "''").replace("\\", "\\\\") + "'" for term in terms)
        statement = text(
            "SELECT item_id, -ts_rank(tsv, to_tsquery('simple', :match)) AS relevance FROM search_index "
            "WHERE kind = :kind AND tsv @@ to_tsquery('simple', :match)"
        )
        bound = {"match": match, "kind": kind}
    return statement.bindparams(**bound).columns(item_id=Integer, relevance=Float)
