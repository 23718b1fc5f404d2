"""Chinese full-text search: pre-cut words, bigrams and single characters in one indexed column, on both databases."""

from __future__ import annotations

from sqlalchemy import text

from market.db import db
from market.matching import query_terms


def matching_ids(kind: str, query: str) -> list[int]:
    """Return the ids of listings of `kind` that hold every term of `query`, best first; [] for an empty query."""
    terms = query_terms(query)
    if not terms:
        return []
    if db.engine.dialect.name == "sqlite":
        match = " AND ".join('"' + term.replace('"', '""') + '"' for term in terms)
        rows = db.session.execute(
            text("SELECT item_id FROM search_index WHERE search_index MATCH :match AND kind = :kind ORDER BY rank LIMIT 5000"),
            {"match": f"terms : ({match})", "kind": kind},
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
