"""The cross-tables of the bulletins: any one or two dimensions of registered contracts, each cell with its filter and its last year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from market.domain import codes
from market.domain import statistics as rules
from market.domain.contracts import FLOW_WORDS, PARTY_KINDS
from market.domain.statistics import Cell, Filter

WHOLE = ""  # the key of a margin: a row without columns, the foot of a column


@dataclass(frozen=True)
class Dimension:
    """One way to part the contracts. `known` are its keys in the order of the bulletins; keys beyond them follow by amount."""

    key: str  # also the name of the filter's condition
    label: str
    known: tuple[str, ...]
    word: Callable[[str], str]
    definition: str


def _field(key: str) -> str:
    return "未填领域" if key == "none" else codes.label("field", key)


DIMENSIONS: dict[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension("type", "合同类型", tuple(codes.CONTRACT_TYPES), lambda key: codes.label("contract_type", key), "by_type"),
        Dimension("field", "技术领域", (*codes.FIELDS, "none"), _field, "by_field"),
        Dimension("seller", "卖方性质", tuple(PARTY_KINDS), lambda key: PARTY_KINDS.get(key, key), "by_seller"),
        Dimension("buyer", "买方性质", tuple(PARTY_KINDS), lambda key: PARTY_KINDS.get(key, key), "by_buyer"),
        Dimension("flow", "流向", ("output", "inner", "intake"), lambda key: FLOW_WORDS.get(key, key), "flow"),
        Dimension("region", "另一方地区", codes.CORRIDOR, codes.region_name, "by_region"),
        Dimension("ip", "知识产权", tuple(codes.IP_KEYS), lambda key: codes.label("ip_key", key), "by_ip"),
        Dimension("quarter", "季度", tuple("1234"), lambda key: f"第 {key} 季度", "by_quarter"),
        Dimension("month", "月份", tuple(str(n) for n in range(1, 13)), lambda key: f"{key} 月", "by_month"),
    )
}
TIMES = frozenset({"month", "quarter"})
MEASURES = {
    "amount": "成交额",
    "count": "份数",
    "part": "占合计",
    "average": "平均每份",
    "technical": "技术交易额",
    "share": "技术交易额占比",
    "growth": "同比",
}


@dataclass(frozen=True)
class Crosstab:
    """One table. `cells` and `last` hold (row key, column key) → Cell, margins under `WHOLE`; `last` is the same period of the year before.

    Every margin is the sum of its line, and `cells[(WHOLE, WHOLE)]` is `queries.statistics.figure(wanted)`.
    """

    wanted: Filter
    row: str
    column: str  # "" for a table of one dimension
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell] = field(repr=False)
    last: Mapping[tuple[str, str], Cell] = field(repr=False)
    break_year: int | None = None  # from which 许可 is counted apart from 转让 (rule of law `licence_break_year`)

    def at(self, row: str = WHOLE, column: str = WHOLE) -> Cell:
        """Return a cell, a margin or (without keys) the whole."""
        return self.cells.get((row, column), Cell())

    def before(self, row: str = WHOLE, column: str = WHOLE) -> Cell:
        """Return the same cell of the same period a year before."""
        return self.last.get((row, column), Cell())

    def filter_of(self, row: str = WHOLE, column: str = WHOLE) -> Filter:
        """Return the filter of a cell: its rows sum to it."""
        changes = {name: int(key) if name in TIMES else key for name, key in ((self.row, row), (self.column, column)) if name and key}
        return self.wanted.but(**changes)

    def filter_before(self, row: str = WHOLE, column: str = WHOLE) -> Filter:
        """Return the filter of the same cell a year before."""
        year = self.wanted.year - 1
        until = rules.same_day(self.wanted.until, year) if self.wanted.until else None
        return self.filter_of(row, column).but(year=year, until=until)

    def growth_bp(self, row: str = WHOLE, column: str = WHOLE) -> int | None:
        """Return the growth on the same period in basis points; None where nothing compares."""
        if self.broken(row, column):
            return None
        return rules.growth_bp(self.at(row, column).amount_fen, self.before(row, column).amount_fen)

    def part_bp(self, row: str = WHOLE, column: str = WHOLE) -> int | None:
        """Return the share of the table's whole in basis points."""
        return rules.ratio(self.at(row, column).amount_fen * 10_000, self.at().amount_fen)

    def broken(self, row: str = WHOLE, column: str = WHOLE) -> bool:
        """True for 转让 and 许可 of the break's year: the year before counted both as one type, so no growth can be said."""
        types = {key for name, key in ((self.row, row), (self.column, column)) if name == "type"} | {self.wanted.type}
        return self.wanted.year == self.break_year and bool(types & {"ZR", "XK"})


def build(wanted: Filter, row: str, column: str, now: Mapping[tuple[str, str], Cell], before: Mapping[tuple[str, str], Cell]) -> Crosstab:
    """Return the table of inner cells `now` and `before`, its margins summed and its keys put in order."""
    cells, last = with_margins(now), with_margins(before)
    rows = ordered(row, {pair[0]: cell for pair, cell in cells.items() if not pair[1] and pair[0]}, {pair[0] for pair in before})
    columns = ordered(column, {c: cell for (r, c), cell in cells.items() if not r and c}, {pair[1] for pair in before}) if column else ()
    return Crosstab(wanted, row, column, rows, columns, cells, last)


def marked(table: Crosstab, break_year: int | None) -> Crosstab:
    """Return the table with the year from which 许可 is counted apart from 转让."""
    return replace(table, break_year=break_year)


def with_margins(inner: Mapping[tuple[str, str], Cell]) -> dict[tuple[str, str], Cell]:
    """Return inner cells with the sums of their rows, of their columns, and of all."""
    found: dict[tuple[str, str], Cell] = {}
    for (row, column), cell in inner.items():
        for place in {(row, column), (row, WHOLE), (WHOLE, column), (WHOLE, WHOLE)}:
            found[place] = found.get(place, Cell()) + cell
    return found


def ordered(dimension: str, margins: Mapping[str, Cell], also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the keys of a dimension as the bulletins order them; what they do not list follows, the largest first."""
    keys = set(margins) | {key for key in also if key}
    known = DIMENSIONS[dimension].known
    rest = sorted(keys - set(known), key=lambda key: (-margins.get(key, Cell()).amount_fen, key))
    return tuple(key for key in known if key in keys) + tuple(rest)


def pick(args: Mapping[str, str]) -> tuple[str, str, str]:
    """Read (row, column, measure) of a table from a query string; what is not understood is left at its default."""
    row = args.get("rows", "type")
    row = row if row in DIMENSIONS else "type"
    column = args.get("columns", "")
    column = column if column in DIMENSIONS and column != row else ""
    measure = args.get("measure", "amount")
    return row, column, measure if measure in MEASURES else "amount"


def value(table: Crosstab, measure: str, row: str = WHOLE, column: str = WHOLE) -> int | None:
    """Return what a measure says of a cell: 分, a count, or basis points (part, share, growth); None where it says nothing."""
    cell = table.at(row, column)
    if measure in {"part", "growth"}:
        return table.part_bp(row, column) if measure == "part" else table.growth_bp(row, column)
    known = {
        "amount": cell.amount_fen,
        "count": cell.count,
        "average": cell.average_fen,
        "technical": cell.technical_fen,
        "share": cell.technical_share_bp,
    }
    return known[measure]


def same_period(wanted: Filter) -> date:
    """Return the day of the year before up to which a filter's same period reaches."""
    return rules.same_day(wanted.until or date(wanted.year, 12, 31), wanted.year - 1)
