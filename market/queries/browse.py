"""The public lists of challenges and capabilities: rows of a page, and how many a facet would leave.

Counts are remembered for a minute at most, and only while nothing in the market changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, TypeVar

from sqlalchemy import select

from market.db import db
from market.domain.browsing import FACETS, PAGE_SIZE, STATUSES, Facet, Filters
from market.matching import query_terms
from market.queries import cards, shelf
from market.queries.memory import Memory
from market.queries.shelf import Cube, Mark, mark_of

REMEMBER_SECONDS = 60
Made = TypeVar("Made")


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


_memory = Memory(most=512, seconds=REMEMBER_SECONDS)


def remembered(mark: Mark, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
    """Return what `make` makes for `key`, remembered while the market stands at `mark`, for a minute at most.

    A market without a revision is never remembered.
    """
    return make() if mark.revision is None else _memory.get((mark, key), make)


def results(filters: Filters, months: int, path: str, size: int = PAGE_SIZE) -> Results:
    """Return one page of the list at `path` that `filters` ask for; `months` is how long a capability's confirmation holds."""
    mark = mark_of(filters.kind, months)
    counts = counts_of(filters, mark)
    loosened = False
    if filters.q and not counts.by_status["all"] and len(query_terms(filters.q)) > 1:
        counts, loosened = counts_of(filters, mark, any_term=True), True
    pages = max(-(-counts.total // size), 1)
    page = min(filters.page, pages)
    numbers = remembered(mark, (filters, page, size), lambda: _numbers(filters, mark, counts, loosened, (page - 1) * size, size))
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


def counts_of(filters: Filters, mark: Mark, any_term: bool = False) -> Counts:
    """Return how many rows each facet and tab would leave."""
    asked = (filters.kind, filters.q, any_term)
    wish = (*asked, filters.chosen, filters.status)
    return remembered(mark, wish, lambda: _fold(filters, remembered(mark, asked, lambda: _cube(filters, mark, any_term))))


def _cube(filters: Filters, mark: Mark, any_term: bool) -> Cube:
    """Return the public rows (that hold the words) by all facets at once."""
    return _found(filters, mark, any_term).cube if filters.q else shelf.whole(mark)


@dataclass(frozen=True)
class Found:
    """The public listings that hold the words, and a cube of them with one line for each, in the same order."""

    numbers: Sequence[int]
    relevance: Sequence[float]
    cube: Cube


def _found(filters: Filters, mark: Mark, any_term: bool) -> Found:
    def ask() -> Found:
        words: Any = cards.candidates(filters, any_term)
        pairs = db.session.execute(select(words.c.item_id, words.c.relevance)).all()
        values = shelf.values_of(mark, [number for number, _ in pairs])
        kept = [(number, relevance) for number, relevance in pairs if number in values]
        numbers, relevance = [number for number, _ in kept], [relevance for _, relevance in kept]
        return Found(numbers, relevance, shelf.cube_of(filters.kind, [values[number] for number in numbers]))

    return remembered(mark, ("found", filters.kind, filters.q, any_term), ask)


def _chosen(filters: Filters) -> dict[str, frozenset[str]]:
    """Return which values of which columns the wish allows, the tab among them."""
    chosen = dict(filters.chosen) | ({} if filters.status == "all" else {"status": (filters.status,)})
    return {name: frozenset(values) for name, values in chosen.items()}


def _most_relevant(filters: Filters, found: Found) -> list[int]:
    """Return the ids of what the wish leaves: the fresh first, each part by relevance, the newer first among equals."""
    passed = [found.cube.passing(name, values) for name, values in _chosen(filters).items()]
    fresh = found.cube.columns.get("fresh", ())
    rows = zip(fresh, found.relevance, found.numbers, strict=True)
    left = compress(rows, map(all, zip(*passed, strict=True))) if passed else rows
    return [number for _, _, number in sorted(left, key=lambda row: (-row[0], row[1], -row[2]))]


def _fold(filters: Filters, cube: Cube) -> Counts:
    """Add up the cube: a facet counts what all the others leave, not what it leaves itself."""
    passed = {name: cube.passing(name, values) for name, values in _chosen(filters).items()}
    tables: dict[str, dict[str, int]] = {}
    for name in cards.columns(filters.kind, 0):
        others = [flags for other, flags in passed.items() if other != name]
        tables[name] = cube.tally(name, [all(flags) for flags in zip(*others, strict=True)] if others else None)
    by_status, fresh = tables.pop("status"), cube.tally("fresh", [all(flags) for flags in zip(*passed.values(), strict=True)] or None)
    tables.pop("fresh")
    by_status["all"] = sum(by_status.values())
    return Counts(sum(fresh.values()), fresh.get("1", 0), tables, by_status)


def _numbers(filters: Filters, mark: Mark, counts: Counts, any_term: bool, start: int, size: int) -> list[int]:
    """Return the ids of rows `start` to `start + size`: those that are fresh first, each part by the order asked for."""
    if not counts.total:
        return []
    if filters.q and filters.sort == "relevance":
        asked = ("order", filters.kind, filters.q, any_term, filters.chosen, filters.status)
        order = remembered(mark, asked, lambda: _most_relevant(filters, _found(filters, mark, any_term)))
        return order[start : start + size]
    query = cards.ids(filters, mark.months, any_term)
    if filters.kind == "challenge":
        return list(db.session.scalars(query.limit(size).offset(start)))
    fresh = cards.columns("capability", mark.months)["fresh"]
    numbers: list[int] = []
    if start < counts.fresh:
        numbers += db.session.scalars(query.where(fresh == 1).limit(size).offset(start))
    if start + size > counts.fresh and counts.total > counts.fresh:
        numbers += db.session.scalars(query.where(fresh == 0).limit(size - len(numbers)).offset(max(start - counts.fresh, 0)))
    return numbers
