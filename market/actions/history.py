"""Append to the history: one hash chain for each subject, its head row locked in the same transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from market.db import db, transaction
from market.domain import clock
from market.domain.chain import digest
from market.domain.permissions import SYSTEM, Actor
from market.models import HistoryEntry, HistoryHead

__all__ = ["digest", "record", "record_system"]


def record(
    kind: str,
    subject_id: int,
    step: str,
    actor: Actor,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    is_sample: bool = False,
) -> HistoryEntry:
    """Append one entry to the chain of (kind, subject_id); nests in the caller's transaction."""
    with transaction() as session:
        head = _locked_head(kind, subject_id, is_sample)
        entry = HistoryEntry(
            subject_kind=kind,
            subject_id=subject_id,
            seq=head.seq + 1,
            at=clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            actor_roles=";".join(sorted(actor.roles)),
            organisation_id=actor.organisation_id,
            step=step,
            from_state=from_state,
            to_state=to_state,
            reason=reason,
            detail=detail or {},
            previous_hash=head.hash,
            is_sample=head.is_sample,  # a chain is taken out whole or not at all, whatever the caller forgot to say
        )
        entry.hash = digest(entry)
        head.seq, head.hash = entry.seq, entry.hash
        session.add(entry)
        session.flush()
        return entry


def record_system(kind: str, subject_id: int, step: str, **more: Any) -> HistoryEntry:
    """Append an entry that no person made."""
    return record(kind, subject_id, step, SYSTEM, **more)


def _locked_head(kind: str, subject_id: int, is_sample: bool) -> HistoryHead:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(HistoryHead).values(subject_kind=kind, subject_id=subject_id, seq=0, hash="", is_sample=is_sample).on_conflict_do_nothing()
    )
    query = select(HistoryHead).where(HistoryHead.subject_kind == kind, HistoryHead.subject_id == subject_id)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
