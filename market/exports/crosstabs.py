"""A cross-table as lines: one for each cell, the margins among them, so that a spreadsheet can turn them as it likes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from market.domain.crosstabs import DIMENSIONS, WHOLE, Crosstab
from market.domain.statistics import DEFINITIONS, Cell
from market.exports.writers import Column

ALL = "合计"


@dataclass(frozen=True)
class CrossLine:
    """One cell with its words, its share of the whole and the same period a year before."""

    row: str
    column: str
    cell: Cell
    last: Cell
    part_bp: int | None
    growth_bp: int | None


def lines(table: Crosstab) -> Iterator[CrossLine]:
    """Yield the cells row by row; the margins of a row, of a column and of all are called 合计."""
    for row in (*table.rows, WHOLE):
        for column in (*table.columns, WHOLE) if table.column else (WHOLE,):
            yield CrossLine(
                _word(table.row, row),
                _word(table.column, column),
                table.at(row, column),
                table.before(row, column),
                table.part_bp(row, column),
                table.growth_bp(row, column),
            )


def _word(dimension: str, key: str) -> str:
    return DIMENSIONS[dimension].word(key) if key else ALL


def columns(table: Crosstab) -> list[Column]:
    """Return the columns: the dimensions under their own names, then the figures."""
    named = [Column(DIMENSIONS[table.row].label, lambda row: row.row, width=22, meaning=DEFINITIONS[DIMENSIONS[table.row].definition])]
    if table.column:
        second = DIMENSIONS[table.column]
        named.append(Column(second.label, lambda row: row.column, width=22, meaning=DEFINITIONS[second.definition]))
    return [
        *named,
        Column("份数", lambda row: row.cell.count, "integer", 10, "已登记的技术合同份数，已注销的不计"),
        Column("成交额(元)", lambda row: row.cell.amount_fen, "yuan", 20, DEFINITIONS["registered"]),
        Column("占合计", lambda row: row.part_bp, "percent", 10, "这一格的成交额占全表合计"),
        Column("平均每份(元)", lambda row: row.cell.average_fen, "yuan", 18, DEFINITIONS["average"]),
        Column("技术交易额(元)", lambda row: row.cell.technical_fen, "yuan", 20, DEFINITIONS["technical"]),
        Column("技术交易额占比", lambda row: row.cell.technical_share_bp, "percent", 12, DEFINITIONS["technical"]),
        Column("去年同期(元)", lambda row: row.last.amount_fen, "yuan", 20, DEFINITIONS["growth"]),
        Column("同比", lambda row: row.growth_bp, "percent", 10, "与去年同期相比；没有可比的、许可从转让单列那一年的空着"),
    ]
