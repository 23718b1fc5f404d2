"""The public lists of challenges and capabilities: rows of a page, and how many a facet would leave.

Counts are remembered for a minute at most, and only while nothing in the market changed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, or_, select, union_all

from market.db import db
from market.domain import clock
from market.domain.browsing import FACETS, PAGE_SIZE, STATUSES, Facet, Filters
from market.matching import query_terms
from market.models import Capability, Challenge, IndexChange
from market.queries import cards

REMEMBER_SECONDS = 60
_REMEMBER_MOST = 512


@dataclass(frozen=True)
class Option:
    """One value of a facet with how many it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    """One facet as the panel shows it."""

    name: str
    label: str
    options: tuple[Option, ...]
    multiple: bool = True


@dataclass(frozen=True)
class Tab:
    """One tab above the list."""

    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True)
class Chip:
    """One chosen value; `href` is the list without it."""

    label: str
    href: str


@dataclass(frozen=True)
class Counts:
    """How many rows there are by facet and tab, of those asked for and in all."""

    total: int
    fresh: int
    by_facet: Mapping[str, Mapping[str, int]]
    by_status: Mapping[str, int]


@dataclass(frozen=True)
class Results:
    """One page of a list. `loosened`: nothing held all the words, these hold some of them."""

    filters: Filters
    rows: tuple[Any, ...]
    total: int
    page: int
    pages: int
    groups: tuple[Group, ...] = ()
    tabs: tuple[Tab, ...] = ()
    chips: tuple[Chip, ...] = ()
    clear_href: str = ""
    words: tuple[str, ...] = ()
    loosened: bool = False


@dataclass
class _Memory:
    """Counts by wish and revision, for `REMEMBER_SECONDS`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: OrderedDict[Any, tuple[float, Counts]] = field(default_factory=OrderedDict)

    def get(self, key: Any) -> Counts | None:
        with self.lock:
            at, counts = self.kept.get(key, (0.0, None))
            return counts if counts and time.monotonic() - at < REMEMBER_SECONDS else None

    def put(self, key: Any, counts: Counts) -> None:
        with self.lock:
            self.kept[key] = (time.monotonic(), counts)
            self.kept.move_to_end(key)
            while len(self.kept) > _REMEMBER_MOST:
                self.kept.popitem(last=False)


_memory = _Memory()


def forget() -> None:
    """Drop the remembered counts (a test that changes rows behind the market's back)."""
    _memory.kept.clear()


def results(filters: Filters, months: int, path: str, size: int = PAGE_SIZE) -> Results:
    """Return one page of the list at `path` that `filters` ask for; `months` is how long a capability's confirmation holds."""
    counts = counts_of(filters, months)
    loosened = False
    if filters.q and not counts.by_status["all"] and len(query_terms(filters.q)) > 1:
        counts, loosened = counts_of(filters, months, any_term=True), True
    pages = max(-(-counts.total // size), 1)
    page = min(filters.page, pages)
    rows = _page(filters, months, counts, loosened, (page - 1) * size, size) if counts.total else ()
    return Results(
        filters,
        rows,
        counts.total,
        page,
        pages,
        _groups(filters, counts),
        _tabs(filters, counts, path),
        tuple(
            Chip(f"{facet.label}：{facet.word(value)}", filters.without(facet.name, value).address(path))
            for facet in FACETS[filters.kind]
            for value in filters.values(facet.name)
        ),
        filters.cleared().address(path),
        (filters.q, *query_terms(filters.q)) if filters.q else (),
        loosened and counts.total > 0,
    )


def _tabs(filters: Filters, counts: Counts, path: str) -> tuple[Tab, ...]:
    return tuple(
        Tab(word, filters.with_status(status).address(path), counts.by_status.get(status, 0), status == filters.status)
        for status, word in STATUSES[filters.kind].items()
    )


def _groups(filters: Filters, counts: Counts) -> tuple[Group, ...]:
    def options(facet: Facet) -> tuple[Option, ...]:
        found = counts.by_facet.get(facet.name, {})
        chosen = filters.values(facet.name)
        shown = [value for value in {**found, **dict.fromkeys(chosen, 0)} if facet.knows(value)]
        order = list(facet.words)
        shown.sort(key=order.index if facet.ordered else lambda value: (-found.get(value, 0), value))
        return tuple(Option(value, facet.word(value), found.get(value, 0), value in chosen) for value in shown)

    return tuple(Group(facet.name, facet.label, options(facet), facet.multiple) for facet in FACETS[filters.kind])


def counts_of(filters: Filters, months: int, any_term: bool = False) -> Counts:
    """Return the counts that `filters` ask for; remembered while the market does not change."""
    model: type[Challenge] | type[Capability] = Challenge if filters.kind == "challenge" else Capability
    newest = db.session.execute(
        select(select(func.max(IndexChange.revision)).scalar_subquery(), select(func.max(model.id)).scalar_subquery())
    )
    mark = newest.one()
    key = (str(db.engine.url), filters.kind, filters.q, filters.chosen, filters.status, months, any_term, clock.today(), *mark)
    known = _memory.get(key) if mark[0] else None
    if known is None:
        known = _count(filters, months, any_term)
        if mark[0]:
            _memory.put(key, known)
    return known


def _count(filters: Filters, months: int, any_term: bool) -> Counts:
    """One statement: the public rows once, then one GROUP BY a facet over them."""
    columns = cards.columns(filters.kind, months)
    base_query = select(*(column.label(name) for name, column in columns.items())).where(cards.public(filters.kind, months))
    words = cards.matches(filters, any_term)
    if words is not None:
        base_query = base_query.where(words)
    base = base_query.cte("base")
    tab = [base.c.status == filters.status] if filters.status != "all" else []

    def part(name: str, column: ColumnElement[Any], wanted: list[ColumnElement[bool]]) -> Any:
        return (
            select(literal(name).label("facet"), cast(column, String).label("value"), func.count().label("number"))
            .where(*wanted)
            .group_by(column)
        )

    parts = [part(facet.name, base.c[facet.name], tab + cards.narrow(base.c, filters, facet.name)) for facet in FACETS[filters.kind]]
    parts += [
        part("status", base.c.status, cards.narrow(base.c, filters)),
        part("fresh", base.c.fresh, tab + cards.narrow(base.c, filters)),
    ]
    return _tally(db.session.execute(union_all(*parts)).all())


def _tally(rows: Iterable[Any]) -> Counts:
    tables: dict[str, dict[str, int]] = {"status": {}, "fresh": {}}
    for facet, value, number in rows:
        table = tables.setdefault(facet, {})
        for one in (value or "").split(";") if facet == "mode" else [value]:
            if one:
                table[one] = table.get(one, 0) + number
    by_status, fresh = tables.pop("status"), tables.pop("fresh")
    by_status["all"] = sum(by_status.values())
    return Counts(sum(fresh.values()), fresh.get("1", 0), tables, by_status)


def _page(filters: Filters, months: int, counts: Counts, any_term: bool, start: int, size: int) -> tuple[Any, ...]:
    """Rows `start` to `start + size`: those that are fresh first, each part by the order asked for."""
    if filters.kind == "challenge":
        return tuple(
            cards.challenge_row(row) for row in db.session.execute(cards.challenge_query(filters, any_term).limit(size).offset(start))
        )
    rows: list[cards.CapabilityRow] = []
    query = cards.capability_query(filters, months, any_term)
    oldest = cards.oldest(months)
    if start < counts.fresh:
        fresh = query.where(Capability.confirmed_on >= oldest).limit(size).offset(start)
        rows += [cards.capability_row(row, stale=False) for row in db.session.execute(fresh)]
    if start + size > counts.fresh and counts.total > counts.fresh:
        stale = query.where(or_(Capability.confirmed_on.is_(None), Capability.confirmed_on < oldest))
        stale = stale.limit(size - len(rows)).offset(max(start - counts.fresh, 0))
        rows += [cards.capability_row(row, stale=True) for row in db.session.execute(stale)]
    return tuple(rows)
