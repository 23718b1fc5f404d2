"""The year-end cut-off: until when contracts must be filed to count, and which signed ones are not registered yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from market.db import db
from market.domain import clock, cutoff
from market.domain.codes import DISTRICT
from market.domain.cutoff import Cutoff
from market.domain.rules_of_law import Value
from market.domain.statistics import Cell
from market.models import Contract, FilingReminder
from market.queries import settings
from market.queries.pages import Listed, listed

PAGE = 20
STAGES = {"waiting": "已签订，未提交登记", "filed": "登记已受理"}
_STATES = {"waiting": ("signed", "returned"), "filed": ("filed",)}


@dataclass(frozen=True)
class Calendar:
    """The cut-offs of a year with the rules they were reckoned from."""

    year: int
    today: date
    kinds: dict[str, Cutoff]
    limit: Value | None
    margin: Value | None


@dataclass(frozen=True)
class Waiting:
    """One contract that is not registered yet."""

    contract: Contract
    kind: str
    reminder: FilingReminder | None


def calendar(year: int | None = None) -> Calendar:
    """Return the cut-offs of a year (this one) from the rules that hold at its end (two statements)."""
    today = clock.today()
    year = year or today.year
    rules = settings.rules(date(year, 12, 31), cutoff.RULES)
    kinds = cutoff.year_end(year, rules, settings.work_calendar())
    return Calendar(year, today, kinds, rules["large_contract_fen"], rules["cutoff_margin_days"])


def counted(stage: str) -> ColumnElement[bool]:
    """Return the condition on contracts of the district that are signed and at this stage of registration.

    A change of a registered contract is registered with that one, and what is known to be another's double is none.
    """
    return and_(
        Contract.state.in_(_STATES[stage]),
        Contract.seller_region == DISTRICT,
        Contract.is_duplicate.is_(False),
        Contract.parent_kind != "change",
    )


def _kind(limit: Value | None) -> Any:
    reached = func.coalesce(Contract.technical_amount_fen, Contract.amount_fen)
    return case((reached >= limit.value, cutoff.LARGE), else_=cutoff.ORDINARY) if limit else case((Contract.id > 0, cutoff.ORDINARY))


def figures(limit: Value | None) -> dict[tuple[str, str], Cell]:
    """Return count and amounts of unregistered contracts by (stage, kind), in one statement."""
    stage = case((Contract.state == "filed", "filed"), else_="waiting")
    kind = _kind(limit)
    sums = func.coalesce(func.sum(Contract.amount_fen), 0), func.coalesce(func.sum(Contract.technical_amount_fen), 0)
    where = counted("waiting") | counted("filed")
    query = select(stage, kind, func.count(), *sums).where(where).group_by(stage, kind)
    found = {(str(row[0]), str(row[1])): Cell(int(row[2]), int(row[3]), int(row[4])) for row in db.session.execute(query)}
    return {(stage, kind): found.get((stage, kind), Cell()) for stage in STAGES for kind in cutoff.WORDS}


def rows(year: int, limit: Value | None, stage: str, kind: str, page: int) -> Listed:
    """Return a page of the contracts behind one of `figures` (kind "" for both), the largest first, with this year's reminder."""
    of_kind = _kind(limit)
    query = (
        select(Contract, of_kind, FilingReminder)
        .outerjoin(FilingReminder, and_(FilingReminder.contract_id == Contract.id, FilingReminder.year == year))
        .where(counted(stage), of_kind == kind if kind else Contract.id > 0)
        .order_by(Contract.amount_fen.desc(), Contract.id)
    )
    found = listed(query, page, PAGE)
    return Listed([Waiting(row[0], str(row[1]), row[2]) for row in found.rows], found.total, found.page, found.pages)


def unreminded(year: int) -> list[Contract]:
    """Return the contracts whose seller has an account and was not reminded this year, by seller."""
    told = select(FilingReminder.contract_id).where(FilingReminder.year == year)
    query = select(Contract).where(counted("waiting"), Contract.seller_id.is_not(None), Contract.id.not_in(told))
    return list(db.session.scalars(query.order_by(Contract.seller_id, Contract.amount_fen.desc(), Contract.id)))


def to_remind(year: int) -> tuple[int, int, int]:
    """Return (contracts to remind, their sellers, contracts whose seller has no account on the market)."""
    told = select(FilingReminder.contract_id).where(FilingReminder.year == year)
    mine = and_(Contract.seller_id.is_not(None), Contract.id.not_in(told))
    query = select(
        func.count(case((mine, 1))), func.count(func.distinct(case((mine, Contract.seller_id)))), func.count(case((Contract.seller_id.is_(None), 1)))
    ).where(counted("waiting"))  # fmt: skip
    one, two, three = db.session.execute(query).one()
    return int(one), int(two), int(three)
