"""The contracts as a ledger: all rows of a filter with what hangs on them, read in batches, for exports of any length."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from market.db import db
from market.domain.statistics import Cell
from market.models import Contract
from market.queries.contracts import ListFilter, narrowed

BATCH = 500  # contracts in memory at a time


def whole(wanted: ListFilter) -> Cell:
    """Return how many contracts of a filter there are, with 成交额 and 技术交易额 as first written (one statement)."""
    sums = (func.coalesce(func.sum(Contract.amount_fen), 0), func.coalesce(func.sum(Contract.technical_amount_fen), 0))
    count, amount, technical = db.session.execute(select(func.count(), *sums).select_from(Contract).where(*narrowed(wanted))).one()
    return Cell(int(count), int(amount or 0), int(technical or 0))


def contracts(wanted: ListFilter) -> Iterator[Contract]:
    """Yield the contracts of a filter with payments and adjustments, oldest first; only one batch is held at a time.

    Only the numbers are sorted by the database: sorting whole rows would keep all of them.
    """
    day = func.coalesce(Contract.registered_on, Contract.signed_on)
    order = list(db.session.scalars(select(Contract.id).where(*narrowed(wanted)).order_by(day.nulls_last(), Contract.id)))
    options = (selectinload(Contract.payments), selectinload(Contract.adjustments))
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        found = {row.id: row for row in db.session.scalars(select(Contract).where(Contract.id.in_(part)).options(*options))}
        yield from (found[number] for number in part)
