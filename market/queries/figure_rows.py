"""The rows behind a figure: the same conditions as the figure, so that the rows sum to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, literal, null, select
from sqlalchemy.orm import aliased

from market.db import db
from market.domain.statistics import Filter
from market.models import Capability, Challenge, Contact, Contract, Organisation, Payment
from market.queries.statistics import STAGE_DAY, adjustments, conditions, intent_conditions


@dataclass(frozen=True)
class FigureRow:
    """One row behind a figure. `amount_fen` is what it adds to the figure; `first_fen` what was first reported."""

    kind: str  # contract or contact
    id: int
    day: date | None
    title: str
    seller: str
    buyer: str
    seller_region: str
    buyer_region: str
    type: str
    field: str | None
    state: str
    amount_fen: int
    technical_fen: int
    first_fen: int
    number: str
    sample: bool


def rows(wanted: Filter, limit: int | None = None, offset: int = 0, only: ColumnElement[bool] | None = None) -> list[FigureRow]:
    """Return the rows that make up a figure, latest first; their amounts sum to `figure(wanted)`.

    `only` narrows the contracts further (not for the stage intent).
    """
    found = _intent_rows(wanted) if wanted.stage == "intent" else _contract_rows(wanted)
    found = found if only is None else found.where(only)
    return [_row(row) for row in db.session.execute(found.limit(limit).offset(offset) if limit else found)]


def stream(wanted: Filter) -> Iterator[FigureRow]:
    """Yield what `rows` returns, a batch in memory at a time: for exports of any length."""
    found = _intent_rows(wanted) if wanted.stage == "intent" else _contract_rows(wanted)
    yield from map(_row, db.session.execute(found.execution_options(yield_per=1_000)))


def _row(row: Any) -> FigureRow:
    return FigureRow(*row[:11], *(int(amount) for amount in row[11:14]), *row[14:])  # sums are Decimal on PostgreSQL


def _contract_rows(wanted: Filter) -> Select[Any]:
    adjusted = adjustments()
    technical: Any = func.coalesce(Contract.technical_amount_fen, 0)
    amount: Any = Contract.amount_fen
    if wanted.stage == "registered" and wanted.basis != "first":
        amount = amount + func.coalesce(adjusted.c.delta, 0)
        technical = technical + func.coalesce(adjusted.c.technical, 0)
    elif wanted.stage == "paid":
        amount, technical = Payment.amount_fen, literal(0)
    sides = (Contract.seller_name, Contract.buyer_name, Contract.seller_region, Contract.buyer_region)
    facts = (Contract.type, Contract.field, Contract.state)
    day = STAGE_DAY[wanted.stage]
    number = func.coalesce(Contract.registration_number, "")
    sums = (amount, technical, Contract.amount_fen, number, Contract.is_sample)
    query: Select[Any] = select(literal("contract", String), Contract.id, day, Contract.title, *sides, *facts, *sums)
    query = query.select_from(Contract).outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
    if wanted.stage == "paid":
        query = query.join(Payment, Payment.contract_id == Contract.id)
    return query.where(*conditions(wanted)).order_by(day.desc(), Contract.id.desc())


def _intent_rows(wanted: Filter) -> Select[Any]:
    seeker, provider = aliased(Organisation), aliased(Organisation)
    title = func.coalesce(Challenge.title, Capability.title)
    field = func.coalesce(Challenge.field, Capability.field)
    amount: Any = Contact.expected_fen
    sides = (provider.name, seeker.name, provider.region, seeker.region)
    facts = (literal("", String), field, Contact.state, amount, literal(0), amount, literal("", String), Contact.is_sample)
    return (
        select(literal("contact", String), Contact.id, null(), title, *sides, *facts)
        .select_from(Contact)
        .join(seeker, seeker.id == Contact.seeker_id)
        .join(provider, provider.id == Contact.provider_id)
        .outerjoin(Challenge, Challenge.id == Contact.challenge_id)
        .outerjoin(Capability, Capability.id == Contact.capability_id)
        .where(*intent_conditions(wanted))
        .order_by(Contact.id.desc())
    )


def count(wanted: Filter, only: ColumnElement[bool] | None = None) -> int:
    """Return how many rows there are behind a figure; `only` as in `rows`."""
    query = _intent_rows(wanted) if wanted.stage == "intent" else _contract_rows(wanted)
    query = query if only is None else query.where(only)
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
