"""The contracts as a ledger: all rows of a year with what hangs on them, for exports."""

from __future__ import annotations

from sqlalchemy import extract, func, select
from sqlalchemy.orm import selectinload

from market.db import db
from market.models import Contract


def contracts(year: int | None = None) -> list[Contract]:
    """Return the contracts of a year (by registration, the others by signing; None: all) with payments and adjustments, oldest first."""
    day = func.coalesce(Contract.registered_on, Contract.signed_on)
    query = select(Contract).options(selectinload(Contract.payments), selectinload(Contract.adjustments))
    if year is not None:
        query = query.where(extract("year", day) == year)
    return list(db.session.scalars(query.order_by(day.nulls_last(), Contract.id)))
