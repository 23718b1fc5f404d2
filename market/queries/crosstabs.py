"""The cross-tables of registered contracts: one statement a table, remembered until something it is counted from changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import case, extract, func, or_, select

from market.db import db
from market.domain import crosstabs as tables
from market.domain.codes import city_of
from market.domain.crosstabs import WHOLE, Crosstab
from market.domain.statistics import Cell, Filter
from market.models import Contract
from market.queries import statistics
from market.queries.memory import Memory

_memory = Memory(most=256, seconds=3_600)
_MONTH: Any = extract("month", Contract.registered_on)
KEYS: dict[str, Any] = {
    "type": Contract.type,
    "field": func.coalesce(Contract.field, "none"),
    "seller": Contract.seller_kind,
    "buyer": Contract.buyer_kind,
    "flow": statistics.FLOW,
    "region": statistics.OTHER_REGION,
    "ip": func.coalesce(func.nullif(Contract.ip_type, ""), "unsaid"),  # an empty key would be a margin
    "month": _MONTH,
    "quarter": _MONTH,
}


def crosstab(wanted: Filter, row: str, column: str = "") -> Crosstab:
    """Return registered contracts of a filter by one or two of `domain.crosstabs.DIMENSIONS`, beside the same period a year before.

    Amounts in 分. `wanted.basis` says whether as adjusted or as first reported. One statement, one more where it is remembered
    (the revision of the figures is asked each time). Raises KeyError for an unknown dimension.
    """
    row_key, column_key = KEYS[row], KEYS[column] if column else None
    key = (str(db.engine.url), statistics.revision(), wanted, row, column)
    return _memory.get(key, lambda: _crosstab(wanted, row, column, row_key, column_key))


def _crosstab(wanted: Filter, row: str, column: str, row_key: Any, column_key: Any) -> Crosstab:
    first = date(wanted.year, 1, 1)
    this = case((Contract.registered_on >= first, 1), else_=0)
    keys = [this, row_key, *([column_key] if column else [])]
    adjusted = statistics.adjustments()
    day = Contract.registered_on
    until = min(wanted.until or date(wanted.year, 12, 31), date(wanted.year, 12, 31))
    period = (
        day >= date(wanted.year - 1, 1, 1),
        day <= until,
        or_(day >= first, day <= tables.same_period(wanted)),
    )  # one range: one walk of the index
    query = (
        select(*keys, *statistics.sums(adjusted))
        .outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
        .where(Contract.state.in_(statistics.REGISTERED_STATES), *period, *statistics.months(wanted, day), *statistics.dimensions(wanted))
        .group_by(*keys)
    )
    parts: dict[int, dict[tuple[str, str], Cell]] = {0: defaultdict(Cell), 1: defaultdict(Cell)}
    for line in db.session.execute(query):
        place = (_word(row, line[1]), _word(column, line[2]) if column else WHOLE)
        parts[line[0]][place] = parts[line[0]][place] + statistics.cell_of(line, wanted)
    return tables.build(wanted, row, column, parts[1], parts[0])


def _word(dimension: str, found: Any) -> str:
    """Return the key of a dimension for what the database gave."""
    if dimension == "region":
        return city_of(found)
    if dimension == "quarter":
        return str((int(found) + 2) // 3)
    return str(int(found)) if dimension == "month" else str(found)


def by_year(wanted: Filter, dimension: str, years: int = 6) -> dict[int, dict[str, Cell]]:
    """Return the registered contracts of the last `years` years up to `wanted.year` by a dimension: year → key → Cell (one statement)."""
    day = Contract.registered_on
    year = extract("year", day)
    adjusted = statistics.adjustments()
    key = KEYS[dimension]
    query = (
        select(year, key, *statistics.sums(adjusted))
        .outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
        .where(
            Contract.state.in_(statistics.REGISTERED_STATES),
            day >= date(wanted.year - years + 1, 1, 1),
            day <= min(wanted.until or date(wanted.year, 12, 31), date(wanted.year, 12, 31)),
            *statistics.months(wanted, day),
            *statistics.dimensions(wanted),
        )
        .group_by(year, key)
    )

    def make() -> dict[int, dict[str, Cell]]:
        found: dict[int, dict[str, Cell]] = defaultdict(dict)
        for line in db.session.execute(query):
            place = _word(dimension, line[1])
            found[int(line[0])][place] = found[int(line[0])].get(place, Cell()) + statistics.cell_of(line, wanted)
        return dict(found)

    return _memory.get((str(db.engine.url), statistics.revision(), "by_year", wanted, dimension, years), make)


def with_largest(wanted: Filter, row: str, column: str = "") -> dict[tuple[str, str], tuple[Cell, int]]:
    """Return each cell and margin of a table with the amount of its largest single party, for `domain.suppression` (two statements).

    Only contracts that still stand count: what was cancelled is not published.
    """
    keys = [KEYS[row], *([KEYS[column]] if column else [])]
    cells: dict[tuple[str, str], Cell] = defaultdict(Cell)
    parties: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for side, name in (("seller", Contract.seller_name), ("buyer", Contract.buyer_name)):
        adjusted = statistics.adjustments()
        query = (
            select(name, *keys, *statistics.sums(adjusted))
            .outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
            .where(Contract.state == "registered", *statistics.conditions(wanted))
            .group_by(name, *keys)
        )
        for line in db.session.execute(query):
            place = (_word(row, line[1]), _word(column, line[2]) if column else WHOLE)
            cell = statistics.cell_of(line, wanted)
            for one in {place, (place[0], WHOLE), (WHOLE, place[1]), (WHOLE, WHOLE)}:
                parties[one][(side, line[0])] += cell.amount_fen
                if side == "seller":
                    cells[one] = cells[one] + cell
    return {place: (cell, max(parties[place].values())) for place, cell in cells.items()}
