"""The public lists of challenges and capabilities: rows of a page, and how many a facet would leave.

Counts are remembered for a minute at most, and only while nothing in the market changed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast

from sqlalchemy import func, select

from market.db import db
from market.domain import clock
from market.domain.browsing import FACETS, PAGE_SIZE, STATUSES, Facet, Filters
from market.matching import query_terms
from market.models import Capability, Challenge, IndexChange
from market.queries import cards

REMEMBER_SECONDS = 60
Made = TypeVar("Made")
Cube = list[tuple[tuple[Any, ...], int]]
_MODELS: dict[str, type[Challenge] | type[Capability]] = {"challenge": Challenge, "capability": Capability}
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
class Mark:
    """What the market's listings stand at: nothing remembered outlives a change of it."""

    database: str
    revision: int | None
    newest: int | None
    today: date
    months: int


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


class _Memory:
    """What was worked out for a wish while the market stood at one revision, for `REMEMBER_SECONDS`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept: OrderedDict[Any, tuple[float, Any]] = OrderedDict()

    def get(self, mark: Mark, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what was made for `key` at `mark`, or make it; a market without a revision is never remembered."""
        if mark.revision is None:
            return make()
        with self.lock:
            known = self.kept.get((mark, key))
        if known is not None and time.monotonic() - known[0] < REMEMBER_SECONDS:
            return cast(Made, known[1])
        fresh = make()
        with self.lock:
            self.kept[mark, key] = (time.monotonic(), fresh)
            self.kept.move_to_end((mark, key))
            while len(self.kept) > _REMEMBER_MOST:
                self.kept.popitem(last=False)
        return fresh

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.kept.clear()


_memory = _Memory()


def remembered(mark: Mark, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
    """Return what `make` makes for `key`, remembered while the market stands at `mark`, for a minute at most."""
    return _memory.get(mark, key, make)


def forget() -> None:
    """Drop the remembered counts (a test that changes rows behind the market's back)."""
    _memory.clear()


def results(filters: Filters, months: int, path: str, size: int = PAGE_SIZE) -> Results:
    """Return one page of the list at `path` that `filters` ask for; `months` is how long a capability's confirmation holds."""
    mark = mark_of(filters.kind, months)
    counts = counts_of(filters, mark)
    loosened = False
    if filters.q and not counts.by_status["all"] and len(query_terms(filters.q)) > 1:
        counts, loosened = counts_of(filters, mark, any_term=True), True
    pages = max(-(-counts.total // size), 1)
    page = min(filters.page, pages)
    numbers = _memory.get(mark, (filters, page, size), lambda: _numbers(filters, months, counts, loosened, (page - 1) * size, size))
    rows = cards.challenge_rows(numbers) if filters.kind == "challenge" else cards.capability_rows(numbers, months)
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


def mark_of(kind: str, months: int) -> Mark:
    """Return what the listings of `kind` stand at now; one statement."""
    model = _MODELS[kind]
    query = select(select(func.max(IndexChange.revision)).scalar_subquery(), select(func.max(model.id)).scalar_subquery())
    revision, newest = db.session.execute(query).one()
    return Mark(str(db.engine.url), revision, newest, clock.today(), months)


def counts_of(filters: Filters, mark: Mark, any_term: bool = False) -> Counts:
    """Return how many rows each facet and tab would leave."""
    asked = (filters.kind, filters.q, any_term)
    wish = (*asked, filters.chosen, filters.status)
    return _memory.get(mark, wish, lambda: _fold(filters, _memory.get(mark, asked, lambda: _cube(filters, mark.months, any_term))))


def _cube(filters: Filters, months: int, any_term: bool) -> Cube:
    """Count the public rows (that hold the words) by all facets at once: one GROUP BY, which an index covers."""
    model, columns = _MODELS[filters.kind], cards.columns(filters.kind, months)
    labelled = [column.label(name) for name, column in columns.items()]
    query = select(*labelled, func.count().label("number")).where(cards.public(filters.kind, months)).group_by(*labelled)
    words = cards.candidates(filters, any_term)
    if words is not None:
        query = query.join(words, words.c.item_id == model.id)
    return [(tuple(row[:-1]), row[-1]) for row in db.session.execute(query)]


def _fold(filters: Filters, cube: Cube) -> Counts:
    """Add up the cube: a facet counts what all the others leave, not what it leaves itself."""
    names = list(cards.columns(filters.kind, 0))
    chosen = dict(filters.chosen) | ({} if filters.status == "all" else {"status": (filters.status,)})
    wanted = [(name, names.index(name), frozenset(values)) for name, values in chosen.items()]
    tables: dict[str, dict[str, int]] = {name: {} for name in names}
    for values, number in cube:
        missed = [name for name, place, allowed in wanted if allowed.isdisjoint(_parts(name, values[place]))]
        if len(missed) > 1:
            continue
        for name, value in zip(names, values, strict=True):
            if not missed or name == missed[0]:
                for part in _parts(name, value):
                    tables[name][part] = tables[name].get(part, 0) + number
    by_status, fresh = tables.pop("status"), tables.pop("fresh")
    by_status["all"] = sum(by_status.values())
    return Counts(sum(fresh.values()), fresh.get("1", 0), tables, by_status)


def _parts(name: str, value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(value.split(";")) if name == "mode" else (str(value),)


def _numbers(filters: Filters, months: int, counts: Counts, any_term: bool, start: int, size: int) -> list[int]:
    """Return the ids of rows `start` to `start + size`: those that are fresh first, each part by the order asked for."""
    query = cards.ids(filters, months, any_term)
    if not counts.total:
        return []
    if filters.kind == "challenge":
        return list(db.session.scalars(query.limit(size).offset(start)))
    fresh = cards.columns("capability", months)["fresh"]
    numbers: list[int] = []
    if start < counts.fresh:
        numbers += db.session.scalars(query.where(fresh == 1).limit(size).offset(start))
    if start + size > counts.fresh and counts.total > counts.fresh:
        numbers += db.session.scalars(query.where(fresh == 0).limit(size - len(numbers)).offset(max(start - counts.fresh, 0)))
    return numbers
