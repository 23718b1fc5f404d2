"""Public listings as cards show them: the conditions of a list, its columns and its order, on challenges and on capabilities.

What a card shows of a poster is what everybody may know, whoever looks: an anonymous one's name is never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, case, func, literal, null, or_, select, union_all

from market.db import db
from market.domain import capabilities as capability_rules
from market.domain import challenges as challenge_rules
from market.domain import clock
from market.domain.browsing import Filters
from market.domain.codes import BUDGET_BANDS
from market.models import Capability, Challenge, Organisation
from market.queries import challenges, search

_SUMMARY_LENGTH = 160


@dataclass(frozen=True)
class ChallengeRow:
    """A challenge as a card shows it. `poster` is its public name."""

    id: int
    title: str
    pain: str
    field: str | None
    track: str | None
    region: str
    budget_fen: int | None
    budget_max_fen: int | None
    budget_stated: bool
    closes_at: datetime | None
    procedure: str
    phase: str
    published_at: datetime | None
    is_sample: bool
    poster: str


@dataclass(frozen=True)
class CapabilityRow:
    """A capability as a card shows it; `stale` when its owner has not confirmed it for long."""

    id: int
    kind: str
    title: str
    summary: str
    field: str | None
    track: str | None
    region: str
    stage: str | None
    price_fen: int | None
    price_stated: bool
    state: str
    confirmed_on: date | None
    published_at: datetime | None
    is_sample: bool
    owner: str
    stale: bool


def _challenge_columns() -> dict[str, Any]:
    now, today = clock.now(), clock.today()
    closed = or_(Challenge.closes_at <= now, Challenge.valid_until < today)
    amount = func.coalesce(Challenge.budget_max_fen, Challenge.budget_fen)
    return {
        "field": Challenge.field,
        "track": Challenge.track,
        "region": Challenge.region,
        "procedure": Challenge.procedure,
        "need_type": Challenge.need_type,
        "mode": Challenge.modes,
        "budget": _band(amount),
        "deadline": case(
            (closed, "past"),
            (Challenge.closes_at <= now + timedelta(days=7), "week"),
            (Challenge.closes_at <= now + timedelta(days=30), "month"),
            (Challenge.closes_at.is_not(None), "later"),
            else_="none",
        ),
        "status": case(
            (challenges.open_now(), "open"),
            (Challenge.state.in_(("published", "selecting", "publicity", "selected")), "choosing"),
            (Challenge.state.in_(("contracted", "completed")), "done"),
            else_="ended",
        ),
        "fresh": literal(1),
    }


def _capability_columns(months: int) -> dict[str, Any]:
    return {
        "field": Capability.field,
        "track": Capability.track,
        "region": Capability.region,
        "stage": Capability.stage,
        "mode": Capability.modes,
        "budget": _band(Capability.price_fen),
        "status": Capability.kind,
        "fresh": case((Capability.confirmed_on >= oldest(months), 1), else_=0),
    }


def _band(amount: Any) -> ColumnElement[Any]:
    bounds = [(amount < high, key) for key, _words, _low, high in BUDGET_BANDS if high is not None]
    return case((amount.is_(None), "open"), *bounds, else_=BUDGET_BANDS[-1][0])


def oldest(months: int) -> date:
    """Return the day since which a capability must be confirmed to count as fresh."""
    return clock.today() - timedelta(days=months * 365 // 12)


def columns(kind: str, months: int) -> dict[str, Any]:
    """Return the columns by which a list is counted: facets, the tab (status) and fresh."""
    return _challenge_columns() if kind == "challenge" else _capability_columns(months)


def public(kind: str, months: int) -> ColumnElement[bool]:
    """Return the condition of what everybody may see; a capability long unconfirmed is left out."""
    if kind == "challenge":
        return challenges.PUBLIC
    return Capability.state.in_(sorted(capability_rules.PUBLIC_STATES)) & _seen(months)


def _seen(months: int) -> ColumnElement[bool]:
    hidden_before = clock.today() - timedelta(days=months * 365 // 12 * 3 // 2)
    return or_(Capability.confirmed_on.is_(None), Capability.confirmed_on >= hidden_before)


def narrow(table: Any, filters: Filters, leave_out: str = "") -> list[ColumnElement[bool]]:
    """Return the conditions of the chosen facets on `table`, without those of the facet `leave_out`."""
    wanted: list[ColumnElement[bool]] = []
    for name, values in filters.chosen:
        if name == leave_out:
            continue
        if name == "mode":
            wanted.append(or_(*((literal(";") + table[name] + ";").like(f"%;{value};%") for value in values)))
        else:
            wanted.append(table[name].in_(values))
    return wanted


def candidates(filters: Filters, any_term: bool) -> CTE | None:
    """Return the listings that hold the words of the wish, or whose public owner is so called, with their relevance.

    None when there are no words. Materialized, so that the full-text table is searched once and drives the rest.
    """
    if not filters.q:
        return None
    model: type[Challenge] | type[Capability] = Challenge if filters.kind == "challenge" else Capability
    called = select(Organisation.id).where(Organisation.name.contains(filters.q, autoescape=True))
    named = select(model.id.label("item_id"), literal(0.0).label("relevance")).where(model.organisation_id.in_(called))
    if model is Challenge:
        named = named.where(Challenge.anonymous.is_(False))
    found = search.found(filters.kind, filters.q, any_term)
    both = named if found is None else union_all(select(found.cte("found").prefix_with("MATERIALIZED")), named)
    rows = both.subquery("rows")
    once = select(rows.c.item_id, func.min(rows.c.relevance).label("relevance")).group_by(rows.c.item_id)
    return once.cte("candidates").prefix_with("MATERIALIZED")


def ids(filters: Filters, months: int, any_term: bool = False) -> Select[Any]:
    """Return the ids of a list in its order; the caller narrows, limits and then asks for the rows of what is left."""
    model: Any = Challenge if filters.kind == "challenge" else Capability
    query = select(model.id).where(*narrow(columns(filters.kind, months), filters))
    if filters.kind == "capability" and filters.sort == "new" and not filters.q:
        # Not the bare column: SQLite would take an index on states and then sort them all, where the index of dates has the order.
        query = query.where(func.coalesce(Capability.state, "").in_(sorted(capability_rules.PUBLIC_STATES)), _seen(months))
    else:
        query = query.where(public(filters.kind, months))
    if filters.kind == "challenge" and filters.status == "open":
        query = query.where(challenges.open_now())
    elif filters.status != "all":
        query = query.where(columns(filters.kind, months)["status"] == filters.status)
    words = candidates(filters, any_term)
    if words is not None:
        query = query.join(words, words.c.item_id == model.id)
        if filters.sort == "relevance":
            return query.order_by(words.c.relevance, model.id.desc())
    return query.order_by(*_orders(filters.sort, model), model.id.desc())


def _orders(sort: str, model: Any) -> list[Any]:
    orders: dict[str, list[Any]] = {
        "closing": [Challenge.closes_at.is_(None), Challenge.closes_at],
        "budget": [func.coalesce(Challenge.budget_max_fen, Challenge.budget_fen).desc().nulls_last()],
        "confirmed": [Capability.confirmed_on.desc().nulls_last()],
        "price": [Capability.price_fen.asc().nulls_last()],
    }
    return orders.get(sort, [model.published_at.desc()])


def challenge_rows(numbers: Sequence[int]) -> tuple[ChallengeRow, ...]:
    """Return the challenges with these ids as their cards show them, in this order; one statement."""
    if not numbers:
        return ()
    query = (
        select(
            Challenge.id,
            Challenge.title,
            func.substr(Challenge.pain, 1, _SUMMARY_LENGTH).label("pain"),
            Challenge.field,
            Challenge.track,
            Challenge.region,
            Challenge.budget_fen,
            Challenge.budget_max_fen,
            Challenge.budget_stated,
            Challenge.closes_at,
            Challenge.valid_until,
            Challenge.procedure,
            Challenge.state,
            Challenge.published_at,
            Challenge.is_sample,
            case((Challenge.anonymous.is_(True), null()), else_=Organisation.name).label("name"),
            Organisation.kind,
            Challenge.anonymous,
        )
        .join(Organisation, Organisation.id == Challenge.organisation_id)
        .where(Challenge.id.in_(numbers), public("challenge", 0))
    )
    found = {row.id: _challenge_row(row) for row in db.session.execute(query)}
    return tuple(found[number] for number in numbers if number in found)


def capability_rows(numbers: Sequence[int], months: int) -> tuple[CapabilityRow, ...]:
    """Return the capabilities with these ids as their cards show them, in this order; one statement."""
    if not numbers:
        return ()
    query = (
        select(
            Capability.id,
            Capability.kind,
            Capability.title,
            func.substr(Capability.summary, 1, _SUMMARY_LENGTH).label("summary"),
            Capability.field,
            Capability.track,
            Capability.region,
            Capability.stage,
            Capability.price_fen,
            Capability.price_stated,
            Capability.state,
            Capability.confirmed_on,
            Capability.published_at,
            Capability.is_sample,
            Organisation.name.label("owner"),
        )
        .join(Organisation, Organisation.id == Capability.organisation_id)
        .where(Capability.id.in_(numbers), public("capability", months))
    )
    since = oldest(months)
    found = {row.id: _capability_row(row, row.confirmed_on is None or row.confirmed_on < since) for row in db.session.execute(query)}
    return tuple(found[number] for number in numbers if number in found)


def _challenge_row(row: Any) -> ChallengeRow:
    phase = challenge_rules.phase(row.state, row.procedure, row.closes_at, clock.now())
    if row.state == "published" and row.valid_until and row.valid_until < clock.today():
        phase = "closed"
    return ChallengeRow(
        row.id, row.title, row.pain, row.field, row.track, row.region, row.budget_fen, row.budget_max_fen, row.budget_stated,
        row.closes_at, row.procedure, phase, row.published_at, row.is_sample, challenges.public_name(row, row),
    )  # fmt: skip


def _capability_row(row: Any, stale: bool) -> CapabilityRow:
    return CapabilityRow(
        row.id, row.kind, row.title, row.summary, row.field, row.track, row.region, row.stage, row.price_fen, row.price_stated,
        row.state, row.confirmed_on, row.published_at, row.is_sample, row.owner, stale,
    )  # fmt: skip
