"""Small cells in public: which cells of a table with its totals must stay hidden so that none can be worked out by subtracting.

A table with its margins is a graph: rows and columns (the totals among them) are points, each cell is the line between its
row and its column. Every row and every column sums to its margin, so a hidden cell can be worked out exactly where it is
the only hidden line across some cut, that is, where it is a bridge of the hidden lines. So hiding goes on until no hidden
line is a bridge, each time along the cheapest way round. (Bounds from amounts being positive are not considered.)
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from heapq import heappop, heappush

from market.domain.statistics import Cell, is_small

Place = tuple[str, str]  # (row, column); "" is the margin
_EMPTY_COST = 10**18  # an empty cell hides badly: everybody sees that it may be nothing
_TOTAL_COST = 10**21  # the whole is what is published: hidden only where nothing else is left


def hidden(cells: Mapping[Place, tuple[Cell, int]]) -> set[Place]:
    """Return the places of a table that must not be published: small or dominated ones, and those that would give them away.

    `cells` maps each place, margins included, to (cell, amount of its largest party); a table of one dimension has only
    the column "". Empty cells need no entry.
    """
    two_way = any(column for _row, column in cells)
    places = _places(cells)
    out = {place for place, (cell, largest) in cells.items() if cell.count and is_small(cell.count, cell.amount_fen, largest)}
    while True:
        bare = next((place for place in sorted(out) if _determined(place, out, two_way)), None)
        if bare is None:
            return out
        way = _cheapest(bare, places - {bare}, out, cells, two_way)
        if not way - out:
            return out
        out |= way


def published(cells: Mapping[Place, tuple[Cell, int]]) -> dict[Place, Cell | None]:
    """Return the cells fit to publish; None where one is hidden."""
    out = hidden(cells)
    return {place: None if place in out else cell for place, (cell, _largest) in cells.items()} | dict.fromkeys(out)


def _places(cells: Mapping[Place, tuple[Cell, int]]) -> set[Place]:
    rows, columns = {row for row, _column in cells} | {""}, {column for _row, column in cells} | {""}
    return {(row, column) for row in rows for column in columns}


def _ends(place: Place, two_way: bool) -> tuple[Hashable, Hashable]:
    """Return the points of a place's line; in a table of one dimension no row has a sum of its own, so all rows are one point."""
    return ("row", place[0] if two_way else None), ("column", place[1])


def _determined(place: Place, out: Iterable[Place], two_way: bool) -> bool:
    """True when the other hidden lines do not join the ends of this one: then its value follows from what is shown."""
    start, goal = _ends(place, two_way)
    reached, grown = {start}, True
    lines = [_ends(other, two_way) for other in out if other != place]
    while grown:
        grown = False
        for one, two in lines:
            if (one in reached) != (two in reached):
                reached |= {one, two}
                grown = True
    return goal not in reached


def _cheapest(place: Place, others: set[Place], out: set[Place], cells: Mapping[Place, tuple[Cell, int]], two_way: bool) -> set[Place]:
    """Return the cheapest way round a hidden line: hidden cells cost nothing, shown ones their amount."""
    start, goal = _ends(place, two_way)
    queue: list[tuple[int, int, Hashable, frozenset[Place]]] = [(0, 0, start, frozenset())]
    seen: set[Hashable] = set()
    order = 0
    while queue:
        cost, _order, point, way = heappop(queue)
        if point == goal:
            return set(way)
        if point in seen:
            continue
        seen.add(point)
        for other in sorted(others - way):
            ends = _ends(other, two_way)
            if point in ends:
                order += 1
                heappush(queue, (cost + _cost(other, out, cells), order, ends[1] if ends[0] == point else ends[0], way | {other}))
    return set()


def _cost(place: Place, out: set[Place], cells: Mapping[Place, tuple[Cell, int]]) -> int:
    if place in out:
        return 0
    if place == ("", ""):
        return _TOTAL_COST
    cell = cells.get(place, (Cell(), 0))[0]
    return cell.amount_fen + 1 if cell.count else _EMPTY_COST
