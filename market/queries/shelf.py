"""The facet values of every public listing, kept in this process in step with the change log.

Reading them all takes as long as ten pages. After a change only the listings that changed are read anew, so that
the first visit after it costs about as much as the next. What depends on the hour (a deadline that passes) or was
changed without a line in the log comes in when everything is read anew, after a minute at most.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from operator import itemgetter
from typing import Any

from sqlalchemy import func, or_, select

from market.db import db, only_reading
from market.domain import clock
from market.models import Capability, Challenge, IndexChange
from market.queries import cards, changes
from market.queries.memory import at_forget

MODELS: dict[str, type[Challenge] | type[Capability]] = {"challenge": Challenge, "capability": Capability}
SECONDS = 60
MANY = 400  # changes at once from which everything is read anew
_LAST = 500  # so many of the last changes are counted: on PostgreSQL one may become visible after those with higher numbers


@dataclass(frozen=True)
class Mark:
    """What the market's listings stand at: nothing remembered outlives a change of it."""

    kind: str
    database: str
    revision: int | None
    visible: int
    newest: int | None
    today: date
    months: int


def mark_of(kind: str, months: int) -> Mark:
    """Return what the listings of `kind` stand at now; one statement."""
    model = MODELS[kind]
    highest = select(func.max(IndexChange.revision)).scalar_subquery()
    visible = select(func.count()).select_from(IndexChange).where(IndexChange.revision > highest - _LAST).scalar_subquery()
    revision, count, newest = db.session.execute(select(highest, visible, select(func.max(model.id)).scalar_subquery())).one()
    return Mark(kind, str(db.engine.url), revision, count, newest, clock.today(), months)


@dataclass(frozen=True)
class Cube:
    """How many rows hold each combination of values, column by column; empty when there are none."""

    columns: Mapping[str, Sequence[Any]]

    def passing(self, name: str, allowed: frozenset[str]) -> list[bool]:
        """Return for each combination whether one of its values of a facet is allowed."""
        column = self.columns.get(name, ())
        known = {value: not allowed.isdisjoint(parts(name, value)) for value in set(column)}
        return [known[value] for value in column]

    def tally(self, name: str, where: Sequence[bool] | None) -> dict[str, int]:
        """Return how many rows have each value of a facet, of the combinations chosen (None: of all)."""
        pairs: Any = zip(self.columns.get(name, ()), self.columns.get("number", ()), strict=True)
        sums: dict[Any, int] = {}
        for value, number in pairs if where is None else compress(pairs, where):
            sums[value] = sums.get(value, 0) + number
        found: dict[str, int] = {}
        for value, number in sums.items():
            for part in parts(name, value):
                found[part] = found.get(part, 0) + number
        return found


def parts(name: str, value: Any) -> tuple[str, ...]:
    """Return the values that a column's value stands for: none, one, or several modes."""
    if value is None or value == "":
        return ()
    return tuple(value.split(";")) if name == "mode" else (str(value),)


def cube_of(kind: str, combinations: Collection[tuple[Any, ...]], numbers: Collection[int] | None = None) -> Cube:
    """Return combinations of values as a cube, each with how many rows hold it (None: one each)."""
    if not combinations:
        return Cube({})
    columns = {name: list(map(itemgetter(place), combinations)) for place, name in enumerate(cards.columns(kind, 0))}
    return Cube({**columns, "number": [1] * len(combinations) if numbers is None else list(numbers)})


@dataclass
class Shelf:
    """The public listings of one kind: id → facet values, and how many hold each combination."""

    mark: Mark
    at: float
    values: dict[int, tuple[Any, ...]]
    sums: Counter[tuple[Any, ...]]
    cursor: changes.Cursor

    def take(self, changed: Iterable[int], fresh: Mapping[int, tuple[Any, ...]]) -> None:
        """Put what was read anew in the place of what stood there; a listing that is public no more goes."""
        for number in changed:
            old, new = self.values.pop(number, None), fresh.get(number)
            if old is not None:
                self.sums[old] -= 1
                if not self.sums[old]:
                    del self.sums[old]
            if new is not None:
                self.values[number] = new
                self.sums[new] += 1


_shelves: dict[str, Shelf] = {}
_lock = threading.Lock()


def whole(mark: Mark) -> Cube:
    """Return all public listings of a kind as a cube that is in step with `mark`."""
    if mark.revision is None or not only_reading():
        return cube_of(mark.kind, _read(mark).values())
    with _lock:
        sums = _in_step(mark).sums
        return cube_of(mark.kind, sums.keys(), sums.values())


def values_of(mark: Mark, numbers: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    """Return the facet values of those of these listings that are public, in step with `mark`."""
    if mark.revision is None or not only_reading():
        values = _read(mark)
        return {number: values[number] for number in numbers if number in values}
    with _lock:
        values = _in_step(mark).values
        return {number: values[number] for number in numbers if number in values}


def _in_step(mark: Mark) -> Shelf:
    known = _shelves.get(mark.kind)
    if known is not None and _usable(known, mark):
        if known.mark == mark:
            return known
        lines, cursor = changes.since(known.cursor)
        changed = {line.item_id for line in lines if line.kind == mark.kind}
        if len(changed) <= MANY:
            fresh = _read(mark, changed, known.mark.newest or 0)
            known.take(changed | fresh.keys(), fresh)
            known.mark, known.cursor = mark, cursor
            return known
    cursor, values = changes.here(), _read(mark)
    made = Shelf(mark, time.monotonic(), values, Counter(values.values()), cursor)
    _shelves[mark.kind] = made
    return made


def _usable(known: Shelf, mark: Mark) -> bool:
    """Tell whether the changes alone bring a shelf into step."""
    same = (known.mark.database, known.mark.today, known.mark.months) == (mark.database, mark.today, mark.months)
    return same and (known.mark.revision or 0) <= (mark.revision or 0) and time.monotonic() - known.at < SECONDS


def _read(mark: Mark, changed: set[int] | None = None, after: int = 0) -> dict[int, tuple[Any, ...]]:
    """Read facet values: of every public listing (an index covers it), or of those that changed or came since."""
    model = MODELS[mark.kind]
    query = select(model.id, *cards.columns(mark.kind, mark.months).values()).where(cards.public(mark.kind, mark.months))
    if changed is not None:
        query = query.where(or_(model.id.in_(changed), model.id > after))
    return {row[0]: tuple(row[1:]) for row in db.session.execute(query)}


at_forget(_shelves.clear)
