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
    """Yield the contracts of a filter with payments and adjustments, oldest first; only one batch is held at a time."""
    day = func.coalesce(Contract.registered_on, Contract.signed_on)
    query = select(Contract).options(selectinload(Contract.payments), selectinload(Contract.adjustments)).where(*narrowed(wanted))
    yield from db.session.scalars(query.order_by(day.nulls_last(), Contract.id).execution_options(yield_per=BATCH))
