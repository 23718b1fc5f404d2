"""Keep the full-text index and the matching index's change log in step with a listing, in the same transaction."""

from __future__ import annotations

from sqlalchemy import text

from market.db import db, transaction
from market.domain import clock
from market.matching import index_terms
from market.models import Capability, Challenge, IndexChange


def refresh(listing: Challenge | Capability) -> None:
    """Write or remove the listing's search terms and log the change for the matching index.

    Only public listings are indexed; the poster's name never is, so that an anonymous poster
    cannot be found by name.
    """
    kind = "challenge" if isinstance(listing, Challenge) else "capability"
    with transaction() as session:
        session.flush()
        session.execute(text("DELETE FROM search_index WHERE kind = :kind AND item_id = :id"), {"kind": kind, "id": listing.id})
        if listing.is_public:
            session.execute(
                text("INSERT INTO search_index (terms, kind, item_id) VALUES (:terms, :kind, :id)"),
                {"terms": index_terms(words_of(listing)), "kind": kind, "id": listing.id},
            )
        session.add(IndexChange(kind=kind, item_id=listing.id, at=clock.now()))


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
        db.session.execute(text("DELETE FROM search_index WHERE kind = :kind AND item_id = :id"), {"kind": kind, "id": item_id})
        db.session.add(IndexChange(kind=kind, item_id=item_id, at=clock.now()))
