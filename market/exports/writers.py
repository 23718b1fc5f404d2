"""One writer for every table that leaves the market: XLSX with real types, CSV that no spreadsheet runs.

Money arrives in 分 and is written in 元 (or 万元 where the column says so); text is always text,
whatever it begins with. Every XLSX carries a sheet 数据字典 (each column's type, unit, meaning, values) and a
sheet 说明: what, which period, by whom, when, sums, and 含示例数据 while any sample row is in it.

Rows are written one by one and never held together, so a file of any length takes the same memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from market.domain import clock, money
from market.exports import dictionary

DANGEROUS = tuple("=+-@\t\r\n\0＝＋－＠")
BOM = "﻿"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
A4 = 9  # the number of the paper in the file format
READABLE_WIDTH = 230  # characters that are still read on one landscape page
_UNITS = {"yuan": Decimal(money.YUAN), "wan": Decimal(money.WAN)}


@dataclass(frozen=True)
class Column:
    """One column: its Chinese header, what a row gives, how it is typed and what it means."""

    header: str
    value: Callable[[Any], Any]
    kind: str = "text"  # text, integer, yuan, wan, percent (basis points), day
    width: int = 14
    meaning: str = ""
    codes: str = ""  # the code table whose words the column holds


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any]


@dataclass(frozen=True)
class Conditions:
    """What the 说明 sheet says."""

    title: str
    period: str
    by: str
    at: datetime
    sample: bool
    lines: Sequence[tuple[str, str]] = field(default_factory=tuple)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the lines of the sheet."""
        moment = f"{clock.local(self.at):%Y-%m-%d %H:%M}（北京时间）"
        sample = "含示例数据，不可对外引用" if self.sample else "不含示例数据"
        return [("名称", self.title), ("范围", self.period), ("导出人", self.by), ("导出时间", moment), ("数据", sample), *self.lines]


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (also full-width signs, also behind blanks)."""
    return "'" + text if text.lstrip(" 　").startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def number(kind: str, value: int) -> Decimal:
    """Return a stored integer in the column's unit."""
    if kind in _UNITS:
        return Decimal(value) / _UNITS[kind]
    return Decimal(value) / 10_000 if kind == "percent" else Decimal(value)


def csv_cell(column: Column, row: Any) -> str:
    """Return one cell as CSV text: numbers plain, days ISO, text neutralised."""
    value = column.value(row)
    if value is None:
        return ""
    if column.kind == "day":
        return value.isoformat() if isinstance(value, date) else harmless(str(value))
    if column.kind == "text":
        return harmless(str(value))
    return f"{number(column.kind, value):f}"


def to_csv(columns: Sequence[Column], rows: Iterable[Any], conditions: Conditions | None = None) -> bytes:
    """Return rows as CSV; see `write_csv`."""
    out = io.BytesIO()
    write_csv(out, columns, rows, conditions)
    return out.getvalue()


def write_csv(out: BinaryIO, columns: Sequence[Column], rows: Iterable[Any], conditions: Conditions | None = None) -> None:
    """Write rows as CSV: UTF-8 with BOM, everything quoted, text neutralised; the conditions follow below the table."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    text.write(BOM)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([column.header for column in columns])
    writer.writerows([csv_cell(column, row) for column in columns] for row in rows)
    if conditions:
        writer.writerow([])
        writer.writerows([harmless(label), harmless(said)] for label, said in conditions.pairs())
    text.detach()


def to_xlsx(sheets: Sequence[Sheet], conditions: Conditions) -> bytes:
    """Return a workbook; see `write_xlsx`."""
    out = io.BytesIO()
    write_xlsx(out, sheets, conditions)
    return out.getvalue()


def write_xlsx(out: BinaryIO, sheets: Sequence[Sheet], conditions: Conditions) -> None:
    """Write a workbook: the tables with frozen headers and real types, the sheet 数据字典 and the sheet 说明."""
    options = {
        "constant_memory": True,  # each row goes to a temporary file as soon as the next begins
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        formats = _formats(book)
        for sheet in sheets:
            _write_sheet(book, sheet, conditions, formats)
        entries = dictionary.entries([column for sheet in sheets for column in sheet.columns])
        _write_table(book, "数据字典", [list(dictionary.HEADERS), *map(list, entries)], (22, 12, 8, 60, 60), formats, header_row=True)
        _write_table(book, "说明", [list(pair) for pair in conditions.pairs()], (18, 90), formats)


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
    return {
        "header": book.add_format({**base, "bold": True, "bg_color": "#EBF1F9", "bottom": 1, "text_wrap": True, "indent": 1}),
        "number_header": book.add_format({**base, "bold": True, "bg_color": "#EBF1F9", "bottom": 1, "text_wrap": True, "align": "right"}),
        "text": book.add_format({**base, "indent": 1}),
        "wrapped": book.add_format({**base, "text_wrap": True, "valign": "top", "indent": 1}),
        "integer": book.add_format({**base, "num_format": "#,##0"}),
        "yuan": book.add_format({**base, "num_format": "#,##0.00"}),
        "wan": book.add_format({**base, "num_format": "#,##0.00"}),
        "percent": book.add_format({**base, "num_format": "0.0%"}),
        "day": book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left", "indent": 1}),
    }


def _lay_out(page: Any, conditions: Conditions, width: int) -> None:
    """Make a sheet fit to print: A4 across, title above, period, person and page number below.

    What is too wide to be read on one page (`width` in characters) runs over several, its first column on each.
    """
    page.set_paper(A4)
    page.set_landscape()
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
    page.repeat_rows(0)
    if width <= READABLE_WIDTH:
        page.fit_to_pages(1, 0)
    else:
        page.repeat_columns(0)
        page.set_print_scale(70)
    sample = "（含示例数据，不可对外引用）" if conditions.sample else ""
    said = [
        _printed(text)
        for text in (conditions.title + sample, conditions.period, f"{conditions.by} {clock.local(conditions.at):%Y-%m-%d %H:%M}")
    ]
    page.set_header(f"&C&14{said[0]}"[:255])
    page.set_footer(f"&L{said[1][:150]}&C第 &P 页，共 &N 页&R{said[2][:80]}")


def _printed(text: str) -> str:
    """Return text for a printed header: its ampersands are not commands, and a figure in front is not a size."""
    text = text.replace("&", "&&")
    return f" {text}" if text[:1].isdecimal() else text


def _write_sheet(book: Any, sheet: Sheet, conditions: Conditions, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 1)
    _lay_out(page, conditions, sum(column.width for column in sheet.columns))
    page.set_row(0, 30)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(0, position, column.header, formats["header" if column.kind in {"text", "day"} else "number_header"])
    last = 0
    for last, row in enumerate(sheet.rows, 1):
        for position, column in enumerate(sheet.columns):
            _write_cell(page, last, position, column, column.value(row), formats)
    page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _write_cell(page: Any, line: int, position: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    look = formats[column.kind]
    if value is None or value == "":
        return  # an empty cell takes no room in the file
    if column.kind == "day" and isinstance(value, date):
        page.write_datetime(line, position, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
    elif column.kind in {"text", "day"}:
        page.write_string(line, position, str(value)[:32_000], look)
    else:
        page.write_number(line, position, number(column.kind, value), look)


def _write_table(
    book: Any, name: str, rows: Sequence[Sequence[str]], widths: Sequence[int], formats: dict[str, Any], *, header_row: bool = False
) -> None:
    """Write a sheet of texts: names in the first column (or the first row), explanations wrapped."""
    page = book.add_worksheet(name)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    if header_row:
        page.freeze_panes(1, 1)
        page.repeat_rows(0)
    for position, width in enumerate(widths):
        page.set_column(position, position, width)
    for line, row in enumerate(rows):
        for position, text in enumerate(row):
            look = "header" if position == 0 or (header_row and line == 0) else "wrapped"
            if text:
                page.write_string(line, position, text, formats[look])
