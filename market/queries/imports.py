"""Import batches and their rows for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from market.db import db
from market.domain.permissions import Actor, Permission, may
from market.models import Contract, ImportBatch, ImportRow

PAGE = 20


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


def states(batch_id: int) -> dict[str, int]:
    """Return how many rows of a batch are in each state now (decisions move them on)."""
    query = select(ImportRow.state, func.count()).where(ImportRow.batch_id == batch_id).group_by(ImportRow.state)
    return {str(state): int(number) for state, number in db.session.execute(query)}


@dataclass(frozen=True)
class Decision:
    """One row of the registry's list that a person looks at: what it says, and the market's contracts it is held against."""

    row: ImportRow
    differences: dict[str, list[Any]]
    contracts: list[tuple[Contract, dict[str, Any]]]  # with why it is suggested: {id, cause, bp}; nothing for a difference


@dataclass(frozen=True)
class DecisionPage:
    """One page of rows in a state."""

    rows: list[Decision]
    total: int
    page: int
    pages: int


def decisions(batch_id: int, state: str, page: int = 1) -> DecisionPage:
    """Return a page of the rows of a batch in a state, in the order of the file, with their contracts (3 statements)."""
    where = (ImportRow.batch_id == batch_id, ImportRow.state == state)
    total = db.session.scalar(select(func.count()).select_from(ImportRow).where(*where)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.scalars(select(ImportRow).where(*where).order_by(ImportRow.number).limit(PAGE).offset((page - 1) * PAGE)).all()
    wanted = {row.item_id for row in rows if row.item_id} | {one["id"] for row in rows for one in row.raw.get("suggestions", [])}
    known = {one.id: one for one in db.session.scalars(select(Contract).where(Contract.id.in_(wanted)))}
    found = []
    for row in rows:
        why = [{"id": row.item_id}] if row.item_id else row.raw.get("suggestions", [])
        found.append(Decision(row, row.raw.get("differences", {}), [(known[one["id"]], one) for one in why if one["id"] in known]))
    return DecisionPage(found, total, page, pages)
