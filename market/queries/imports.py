"""Import batches and their rows for the pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from market.db import db
from market.domain.permissions import Actor, Permission, may
from market.models import ImportBatch, ImportRow


def batch(batch_id: int) -> ImportBatch | None:
    """Return one batch without the uploaded bytes."""
    return db.session.scalar(select(ImportBatch).where(ImportBatch.id == batch_id).options(defer(ImportBatch.content)))


def batches(actor: Actor, limit: int = 100) -> Sequence[ImportBatch]:
    """Return the newest batches: the commission's, or those of the actor's own organisation."""
    query = select(ImportBatch).options(defer(ImportBatch.content)).order_by(ImportBatch.id.desc()).limit(limit)
    if not may(actor, Permission.IMPORT_LISTS):
        query = query.where(ImportBatch.organisation_id == actor.organisation_id)
    return db.session.scalars(query).all()


def rows(batch_id: int, states: tuple[str, ...], limit: int | None = None) -> Sequence[ImportRow]:
    """Return the rows of a batch in these states, in the order of the file."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state.in_(states)).order_by(ImportRow.number)
    return db.session.scalars(query.limit(limit)).all()
