"""What is hidden in public cannot be worked out from what is shown: tried by elimination, not by the same reasoning."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from market.domain.crosstabs import with_margins
from market.domain.statistics import Cell, is_small
from market.domain.suppression import Place, hidden, published


def table(inner: Mapping[Place, tuple[int, int]]) -> dict[Place, tuple[Cell, int]]:
    """Return a table with margins in which no party dominates."""
    return {place: (cell, cell.amount_fen // 3) for place, cell in with_margins({p: Cell(*value) for p, value in inner.items()}).items()}


def determined(cells: Mapping[Place, tuple[Cell, int]], out: set[Place]) -> set[Place]:
    """Return the hidden places whose value follows from the shown ones: unknowns with a unique solution (Gauss over fractions)."""
    unknown = sorted(out)
    rows, columns = {row for row, _ in cells} | {""}, {column for _, column in cells} | {""}
    two_way = len(columns) > 1
    sums = [([(row, column) for row in rows], ("", column)) for column in columns]
    sums += [([(row, column) for column in columns], (row, "")) for row in rows] if two_way else []
    matrix = [[Fraction((place in lines) * (-1 if place == total else 1)) for place in unknown] for lines, total in sums]
    basis: list[list[Fraction]] = []
    for line in matrix:
        for known in basis:
            pivot = next(n for n, value in enumerate(known) if value)
            line = [a - b * line[pivot] / known[pivot] for a, b in zip(line, known, strict=True)]
        if any(line):
            pivot = next(n for n, value in enumerate(line) if value)
            basis = [[a - b * known[pivot] / line[pivot] for a, b in zip(known, line, strict=True)] for known in basis]
            basis.append(line)
    return {unknown[next(n for n, value in enumerate(line) if value)] for line in basis if sum(1 for value in line if value) == 1}


def test_a_small_cell_takes_the_next_smallest_with_it_in_a_list() -> None:
    out = hidden(table({("a", ""): (9, 1000), ("b", ""): (4, 900), ("c", ""): (30, 500), ("d", ""): (20, 800)}))
    assert out == {("b", ""), ("c", "")}


def test_a_dominated_cell_is_hidden_too() -> None:
    cells = table({("a", ""): (9, 1000), ("b", ""): (9, 2000), ("c", ""): (9, 10_000)})
    cells[("a", "")] = (Cell(9, 1000), 701)
    assert hidden(cells) == {("a", ""), ("b", "")}


def test_one_small_square_hides_a_rectangle_and_the_totals_stay() -> None:
    inner = {(row, column): (10, 100 * (n + 1)) for n, (row, column) in enumerate((r, c) for r in "abc" for c in "xyz")}
    inner[("a", "x")] = (2, 5)
    cells = table(inner)
    out = hidden(cells)
    assert ("a", "x") in out and len(out) == 4 and all(row and column for row, column in out)
    assert published(cells)[("", "")] == cells[("", "")][0]


places = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.tuples(st.integers(1, 20), st.integers(1, 500)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(places, st.booleans())
def test_nothing_hidden_follows_from_what_is_shown(inner: dict[Place, tuple[int, int]], one_way: bool) -> None:
    if one_way:
        inner = {(row + column, ""): value for (row, column), value in inner.items()}
    cells = table(inner)
    out = hidden(cells)
    assert {place for place, (cell, largest) in cells.items() if is_small(cell.count, cell.amount_fen, largest)} <= out
    assert not determined(cells, out)
    if ("", "") not in {p for p, (cell, largest) in cells.items() if is_small(cell.count, cell.amount_fen, largest)} and len(inner) > 3:
        assert ("", "") not in out or len({row for row, _ in inner}) == 1 or len({column for _, column in inner}) == 1
