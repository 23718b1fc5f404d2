"""The figures of contracts: a handful of aggregates, and the rows behind each of them by the same conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, column, exists, extract, func, literal, or_, select, table, true, union_all

from market.db import db
from market.domain import clock
from market.domain import statistics as rules
from market.domain.codes import DISTRICT, city_of
from market.domain.statistics import Cell, Filter
from market.models import Adjustment, Contact, Contract, Goal, Organisation, Payment, Release
from market.queries import settings
from market.queries.contracts import FLOWS, within_city
from market.queries.memory import Memory

SIGNED_STATES = ("signed", "filed", "returned", "refused", "registered", "cancelled")
REGISTERED_STATES = ("registered", "cancelled")  # a cancelled one stays as first reported, its adjustments bring it to nothing
_CHANGES = table("figure_change", column("id"))  # kept by the database itself, see migration 0003
REVISION_COLUMNS = tuple(
    select(count).select_from(_CHANGES).scalar_subquery() for count in (func.min(_CHANGES.c.id), func.max(_CHANGES.c.id), func.count())
)
FIRST_YEAR = 1985  # of the law on technology contracts; nothing is older
_memory = Memory(most=64, seconds=3_600)
OTHER_REGION: Any = case((Contract.seller_region == DISTRICT, Contract.buyer_region), else_=Contract.seller_region)
FLOW: Any = case(*((condition, name) for name, condition in FLOWS.items()), else_="outside")
_FLOW_OF = {(1, 0): "output", (0, 1): "intake", (1, 1): "inner", (0, 0): "outside"}  # by which side is in the district
STAGE_DAY: dict[str, Any] = {"registered": Contract.registered_on, "signed": Contract.signed_on, "paid": Payment.paid_on}


@dataclass(frozen=True)
class GoalFacts:
    """One year's goal; None is 待录入."""

    year: int
    baseline_fen: int | None
    baseline_source: str
    increment_fen: int | None
    increment_source: str
    sample: bool

    @property
    def target_fen(self) -> int | None:
        """Baseline + increment, once both are known."""
        if self.baseline_fen is None or self.increment_fen is None:
            return None
        return self.baseline_fen + self.increment_fen


@dataclass(frozen=True)
class Cockpit:
    """Everything the cockpit shows of one year."""

    year: int
    until: date
    years: list[int]
    stages: dict[str, Cell]
    first_reported: Cell
    same_period: Cell
    last_year: Cell
    flows: dict[str, Cell]
    months: list[tuple[Cell, Cell]]
    by_type: dict[str, Cell]
    by_field: dict[str, Cell]
    by_region: dict[str, Cell]
    by_buyer: dict[str, Cell]
    goal: GoalFacts
    sample: bool


def adjustments(until: date | None = None) -> Any:
    """Return the sums of each contract's adjustments (up to a day, where one is given) as a subquery."""
    return (
        select(
            Adjustment.contract_id,
            func.sum(Adjustment.delta_fen).label("delta"),
            func.sum(Adjustment.technical_delta_fen).label("technical"),
        )
        .where(Adjustment.on <= until if until else true())
        .group_by(Adjustment.contract_id)
        .subquery()
    )


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter on contracts (stages signed, registered, paid): the one place that says what counts."""
    day = STAGE_DAY[wanted.stage]
    states = REGISTERED_STATES if wanted.stage == "registered" else SIGNED_STATES
    found = [
        Contract.state.in_(states),
        day >= date(wanted.year, 1, 1),
        day <= min(wanted.until or date(wanted.year, 12, 31), date(wanted.year, 12, 31)),
    ]
    if wanted.stage != "registered":  # a registered duplicate stays as first reported, its adjustment brings it to nothing
        found.append(Contract.is_duplicate.is_(False))
    return found + months(wanted, day) + dimensions(wanted)


def months(wanted: Filter, day: Any) -> list[ColumnElement[bool]]:
    """Return the conditions that keep one month or quarter of whatever year."""
    found = [extract("month", day) == wanted.month] if wanted.month else []
    if wanted.quarter:
        found.append(extract("month", day).between(3 * wanted.quarter - 2, 3 * wanted.quarter))
    return found


def dimensions(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions that do not speak of time."""
    found: list[ColumnElement[bool]] = []
    if wanted.flow == "counted":
        found.append(Contract.seller_region == DISTRICT)
    elif wanted.flow != "all":
        found.append(FLOWS[wanted.flow])
    if wanted.type:
        found.append(Contract.type == wanted.type)
    if wanted.field:
        found.append(Contract.field.is_(None) if wanted.field == "none" else Contract.field == wanted.field)
    if wanted.region:
        found.append(wanted.region == OTHER_REGION if wanted.region.startswith("31") else OTHER_REGION.startswith(wanted.region[:4]))
    found += [column == value for column, value in ((Contract.seller_kind, wanted.seller), (Contract.buyer_kind, wanted.buyer)) if value]
    if wanted.ip:
        found.append(Contract.ip_type == ("" if wanted.ip == "unsaid" else wanted.ip))
    if wanted.within:
        found.append(within_city(wanted.within))
    return found


def sums(adjusted: Any) -> list[Any]:
    """Return count of what stands, first amounts and changes of registered contracts."""
    return [
        func.count(case((and_(Contract.state == "registered", Contract.is_duplicate.is_(False)), 1))),
        func.count(),
        func.coalesce(func.sum(Contract.amount_fen), 0),
        func.coalesce(func.sum(Contract.technical_amount_fen), 0),
        func.coalesce(func.sum(adjusted.c.delta), 0),
        func.coalesce(func.sum(adjusted.c.technical), 0),
    ]


def _net(row: Any) -> Cell:
    standing, _first, amount, technical, delta, technical_delta = (int(value) for value in row[-6:])
    return Cell(standing, amount + delta, technical + technical_delta)


def _first(row: Any) -> Cell:
    _standing, first, amount, technical, _delta, _technical_delta = (int(value) for value in row[-6:])
    return Cell(first, amount, technical)


def figure(wanted: Filter) -> Cell:
    """Return the figure of any filter, in one statement."""
    if wanted.stage == "intent":
        return _cell(select(func.count(), func.coalesce(func.sum(Contact.expected_fen), 0), literal(0)), intent_conditions(wanted))
    if wanted.stage == "paid":
        query = select(func.count(), func.coalesce(func.sum(Payment.amount_fen), 0), literal(0)).join(
            Contract, Payment.contract_id == Contract.id
        )
        return _cell(query, conditions(wanted))
    if wanted.stage == "signed":
        totals = (func.coalesce(func.sum(Contract.amount_fen), 0), func.coalesce(func.sum(Contract.technical_amount_fen), 0))
        return _cell(select(func.count(), *totals).select_from(Contract), conditions(wanted))
    adjusted = adjustments()
    query = select(*sums(adjusted)).select_from(Contract).outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
    return cell_of(db.session.execute(query.where(*conditions(wanted))).one(), wanted)


def cell_of(row: Any, wanted: Filter) -> Cell:
    """Return the cell of a row that ends in `sums`, as first reported or as adjusted: the one place that tells the two apart."""
    return _first(row) if wanted.basis == "first" else _net(row)


def _cell(query: Any, wanted: list[ColumnElement[bool]]) -> Cell:
    count, amount, technical = db.session.execute(query.where(*wanted)).one()
    return Cell(int(count), int(amount), int(technical))


def intent_conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions on contacts: open ones with an expected amount, their provider in the district."""
    provider_here = exists(select(Organisation.id).where(Organisation.id == Contact.provider_id, Organisation.region == DISTRICT))
    found = [Contact.state.in_(("asked", "accepted")), Contact.expected_fen.is_not(None), provider_here]
    if wanted.within:
        city = wanted.within
        there = Organisation.region == city if city.startswith("31") else Organisation.region.startswith(city[:4])
        found.append(
            exists(select(Organisation.id).where(or_(Organisation.id == Contact.seeker_id, Organisation.id == Contact.provider_id), there))
        )
    return found


def years_with_data(within: str = "") -> list[int]:
    """Return the years in which contracts of the district were registered, latest first (each asked of the index for its first)."""
    asked = []
    for year in range(clock.today().year, FIRST_YEAR - 1, -1):
        found = [
            Contract.state.in_(REGISTERED_STATES),
            Contract.registered_on.between(date(year, 1, 1), date(year, 12, 31)),
            Contract.seller_region == DISTRICT,
            *([within_city(within)] if within else []),
        ]
        asked.append(select(literal(year)).where(exists(select(Contract.id).where(*found))))
    return list(db.session.scalars(union_all(*asked)))


def _cube(wanted: Filter, until: date) -> list[tuple[int, int, int, str, Any]]:
    """Return registered contracts of the year and the one before by (year, month, 1 after the same day last year, flow, row of sums).

    Grouped by day in the database, which is cheaper than taking every row's date apart, and by month here.
    """
    adjusted = adjustments()
    cut = rules.same_day(until, wanted.year - 1)
    here = [case((side == DISTRICT, 1), else_=0) for side in (Contract.seller_region, Contract.buyer_region)]
    keys = [Contract.registered_on, *here]
    query = (
        select(*keys, *sums(adjusted))
        .outerjoin(adjusted, adjusted.c.contract_id == Contract.id)
        .where(
            Contract.state.in_(REGISTERED_STATES),
            Contract.registered_on >= date(wanted.year - 1, 1, 1),
            Contract.registered_on <= until,
            *dimensions(wanted.but(flow="all")),
        )
        .group_by(*keys)
    )
    return [
        (row[0].year, row[0].month, int(row[0].year < wanted.year and row[0] > cut), _FLOW_OF[(row[1], row[2])], row)
        for row in db.session.execute(query)
        if row[0] is not None
    ]


def _by(wanted: Filter, *keys: Any) -> list[Any]:
    """Return the year's counted contracts by some keys; each pair of keys has few values, all four together one a contract."""
    adjusted = adjustments()
    query = (
        select(*keys, *sums(adjusted)).outerjoin(adjusted, adjusted.c.contract_id == Contract.id).where(*conditions(wanted)).group_by(*keys)
    )
    return list(db.session.execute(query))


def _fold(pairs: Iterable[tuple[Any, Cell]]) -> dict[Any, Cell]:
    found: dict[Any, Cell] = defaultdict(Cell)
    for key, cell in pairs:
        found[key] = found[key] + cell
    return dict(found)


def breakdown(wanted: Filter, dimension: str) -> dict[str, Cell]:
    """Return registered contracts of a filter by flow, type or field, in one statement (fields unknown: `none`)."""
    key = {"flow": FLOW, "type": Contract.type, "field": func.coalesce(Contract.field, "none")}[dimension]
    adjusted = adjustments()
    query = select(key, *sums(adjusted)).outerjoin(adjusted, adjusted.c.contract_id == Contract.id).where(*conditions(wanted)).group_by(key)
    return {row[0]: cell_of(row, wanted) for row in db.session.execute(query)}


def month_parts(year: int, month: int, until: date) -> dict[str, tuple[dict[str, Cell], dict[str, Cell], dict[str, Cell]]]:
    """Return what the monthly 汇总表 is made of: flow, type and field × (the month, the year so far, the same period of last year)."""
    so_far = Filter(year=year, until=until)
    filters = (so_far.but(month=month), so_far, Filter(year=year - 1, until=rules.same_day(until, year - 1)))
    return {
        dimension: tuple(breakdown(one.but(flow="all") if dimension == "flow" else one, dimension) for one in filters)  # type: ignore[misc]
        for dimension in ("flow", "type", "field")
    }


def revision() -> tuple[Any, ...]:
    """Return what goes up with every change of what figures are counted from (the database itself counts; migration 0003)."""
    return tuple(db.session.execute(select(func.min(_CHANGES.c.id), func.max(_CHANGES.c.id), func.count()).select_from(_CHANGES)).one())


def cockpit(year: int | None = None, within: str = "") -> Cockpit:
    """Return the figures of a year (None: the last that has data) in ten statements, however many contracts there are.

    While nothing changes in what they are counted from (the database itself says so), they are counted once; then one statement is left.
    """
    today = clock.today()
    key = (str(db.engine.url), revision(), today, year, within)
    return _memory.get(key, lambda: _cockpit(year, within, today))


def _cockpit(year: int | None, within: str, today: date) -> Cockpit:
    years = years_with_data(within)
    year = year or (years[0] if years else today.year)
    until = rules.as_of(year, today)
    base = Filter(year=year, until=until, within=within)
    cube = _cube(base, until)
    kinds, sides = _by(base, Contract.type, Contract.field), _by(base, OTHER_REGION, Contract.buyer_kind)
    here = [row for row in cube if row[0] == year]
    counted = [row for row in here if row[3] in {"output", "inner"}]
    before = [row for row in cube if row[0] == year - 1 and row[3] in {"output", "inner"}]
    this_months, last_months = (_fold((row[1], _net(row[4])) for row in rows) for rows in (counted, before))
    stages = {"registered": rules.total(_net(row[4]) for row in counted)}
    stages |= {stage: figure(base.but(stage=stage)) for stage in ("intent", "signed", "paid")}
    return Cockpit(
        year=year,
        until=until,
        years=years,
        stages=stages,
        first_reported=rules.total(_first(row[4]) for row in counted),
        same_period=rules.total(_net(row[4]) for row in before if not row[2]),
        last_year=rules.total(_net(row[4]) for row in before),
        flows=_fold((row[3], _net(row[4])) for row in here),
        months=[(this_months.get(month, Cell()), last_months.get(month, Cell())) for month in range(1, 13)],
        by_type=_fold((row[0], _net(row)) for row in kinds),
        by_field=_fold((row[1] or "none", _net(row)) for row in kinds),
        by_region=_fold((city_of(row[0]), _net(row)) for row in sides),
        by_buyer=_fold((row[1], _net(row)) for row in sides),
        goal=goal(year),
        sample=has_sample(),
    )


def has_sample() -> bool:
    """True while any sample contract remains: every figure then says 含示例数据."""
    return bool(db.session.scalar(select(exists(select(Contract.id).where(Contract.is_sample)))))


def goal(year: int) -> GoalFacts:
    """Return a year's goal as entered, with the increments that are known of themselves."""
    row = db.session.get(Goal, year)
    increment, source = rules.DEFAULT_INCREMENTS.get(year, (None, ""))
    if row is None:
        return GoalFacts(year, None, "", increment, source, sample=False)
    if row.increment_fen is not None:
        increment, source = row.increment_fen, row.increment_source
    return GoalFacts(year, row.baseline_fen, row.baseline_source, increment, source, sample=row.is_sample)


def season_curve() -> tuple[list[int], str] | None:
    """Return the cumulative season curve (twelve percentages) and its source, where staff entered one."""
    stored = settings.value("season_curve")
    return ([int(share) for share in stored["shares"]], str(stored["source"])) if stored else None


def latest_release(year: int | None = None) -> Release | None:
    """Return what the leader last released to the public (of one year, or at all)."""
    query = select(Release).order_by(Release.data_until.desc(), Release.id.desc()).limit(1)
    return db.session.scalar(query.where(Release.year == year) if year else query)
