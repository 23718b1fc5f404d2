"""Keep the full-text index and the matching index's change log in step with a listing, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import text

from market.db import db, transaction
from market.domain import clock
from market.matching import index_terms
from market.models import Capability, Challenge, IndexChange
from market.queries.search import ROW, SIDES


def refresh(listing: Challenge | Capability) -> None:
    """Write or remove the listing's search terms and log the change for the matching index.

    Only public listings are indexed; the poster's name never is, so that an anonymous poster
    cannot be found by name.
    """
    kind = "challenge" if isinstance(listing, Challenge) else "capability"
    with transaction() as session:
        session.flush()
        drop_terms(kind, [listing.id])
        if listing.is_public:
            put_terms(kind, {listing.id: index_terms(words_of(listing))})
        session.add(IndexChange(kind=kind, item_id=listing.id, at=clock.now()))


def put_terms(kind: str, terms: Mapping[int, str]) -> None:
    """Add listings that the index does not hold (id → terms), in the caller's transaction.

    On SQLite under the row number of the listing: FTS5 finds by words and by row number alone.
    """
    if not terms:
        return
    rows = [{"terms": words, "kind": kind, "id": number} for number, words in terms.items()]
    if db.engine.dialect.name == "sqlite":
        statement = f"INSERT INTO search_index (rowid, terms, kind, item_id) VALUES ({ROW}, :terms, :kind, :id)"  # noqa: S608
        db.session.execute(text(statement), [{**row, "side": SIDES[kind]} for row in rows])
    else:
        db.session.execute(text("INSERT INTO search_index (terms, kind, item_id) VALUES (:terms, :kind, :id)"), rows)


def drop_terms(kind: str, ids: Iterable[int]) -> None:
    """Take listings out of the index, in the caller's transaction; those it does not hold are ignored."""
    rows = [{"id": number} for number in ids]
    if not rows:
        return
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text(f"DELETE FROM search_index WHERE rowid = {ROW}"), [{**row, "side": SIDES[kind]} for row in rows])  # noqa: S608
    else:
        db.session.execute(text("DELETE FROM search_index WHERE kind = :kind AND item_id = :id"), [{**row, "kind": kind} for row in rows])


def words_of(listing: Challenge | Capability) -> str:
    """Return the public words of a listing that search finds."""
    if isinstance(listing, Challenge):
        parts = (
            listing.title,
            listing.number or "",
            listing.pain,
            listing.background,
            listing.tried,
            listing.requirements,
            listing.track or "",
        )
    else:
        parts = (listing.title, listing.summary, listing.problem, listing.advantages, listing.conditions, listing.team, listing.track or "")
    return "\n".join(part for part in parts if part)


def forget(kind: str, item_id: int) -> None:
    """Take a deleted listing out of the index."""
    with transaction():
        drop_terms(kind, [item_id])
        db.session.add(IndexChange(kind=kind, item_id=item_id, at=clock.now()))
