"""The ledger of registered contracts: each registration and each change as a dated line, and the same day by day for forecasts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from market.db import db
from market.domain.codes import DISTRICT
from market.domain.ledger import Entry, Ledger
from market.domain.statistics import Filter
from market.models import Adjustment, Contract
from market.queries import statistics


def entries(wanted: Filter) -> list[Entry]:
    """Return the lines behind a figure of registered contracts, oldest first; their sums are `queries.statistics.figure(wanted)`.

    By `wanted.basis` "first" only the registrations. Two statements.
    """
    conditions = statistics.conditions(wanted.but(stage="registered"))
    registered = select(Contract.registered_on, Contract.id, Contract.amount_fen, func.coalesce(Contract.technical_amount_fen, 0)).where(
        *conditions
    )
    found = [Entry(day, id_, "registered", amount, technical) for day, id_, amount, technical in db.session.execute(registered) if day]
    if wanted.basis != "first":
        changed = (
            select(Adjustment.on, Adjustment.contract_id, Adjustment.kind, Adjustment.delta_fen, Adjustment.technical_delta_fen)
            .join(Contract, Contract.id == Adjustment.contract_id)
            .where(*conditions)
        )
        found += [Entry(*row) for row in db.session.execute(changed)]
    return sorted(found, key=lambda entry: (entry.day, entry.contract_id, entry.kind != "registered"))


def by_day(since: date) -> Ledger:
    """Return the district's registrations by day from `since` on, with the changes of them (two statements)."""
    counted = (Contract.state.in_(statistics.REGISTERED_STATES), Contract.seller_region == DISTRICT, Contract.registered_on >= since)
    days = select(Contract.registered_on, func.count(), func.sum(Contract.amount_fen)).where(*counted).group_by(Contract.registered_on)
    changes = (
        select(Contract.registered_on, Adjustment.on, func.sum(Adjustment.delta_fen))
        .join(Contract, Contract.id == Adjustment.contract_id)
        .where(*counted)
        .group_by(Contract.registered_on, Adjustment.on)
    )
    return Ledger(
        days={day: (int(count), int(amount)) for day, count, amount in db.session.execute(days) if day is not None},
        changes=tuple((day, on, int(delta)) for day, on, delta in db.session.execute(changes) if day is not None),
    )
