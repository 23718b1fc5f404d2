"""Read a CSV or XLSX file from outside into headers and rows of text; whatever the bytes, only Invalid is raised."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from market.domain import identifiers
from market.domain.errors import Invalid

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024  # a small archive may unpack to gigabytes
MAX_ROWS = 50_000
MAX_COLUMNS = 120
MAX_CELL = 5_000
EXACT = 1e15  # a spreadsheet keeps 15 digits of a number: the 16th of a 登记编号 is gone
LOST = "（数字格式，末位已丢失）"
HEADER_WITHIN = 15  # written lines among which the header is looked for


@dataclass(frozen=True)
class Table:
    """The first sheet of a file: its header line and, by row number in the file (the header is 1), the rows."""

    headers: list[str]
    rows: list[tuple[int, list[str]]]


def read(content: bytes, knows: Callable[[str], bool] | None = None) -> Table:
    """Return the table in `content` (XLSX, or CSV in UTF-8 or GB18030); raises Invalid beside `file`.

    `knows` tells whether a cell is a header of this kind of list: of the first lines, the one with the most
    such cells is the header, whatever titles and notes stand above it. What a merged block of an XLSX says is
    said by each of its rows.
    """
    if not content:
        raise _refuse("文件是空的")
    if len(content) > MAX_BYTES:
        raise _refuse("文件超过 20 MB，请分成几份")
    lines = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    return _table(lines, knows)


def _refuse(message: str) -> Invalid:
    return Invalid({"file": message})


def _xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:
        raise _refuse("文件已损坏，请重新另存为 XLSX") from error
    if unpacked > MAX_UNPACKED:
        raise _refuse("文件展开后过大，请分成几份")
    try:
        from python_calamine import CalamineWorkbook

        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        if sheet.total_height > MAX_ROWS + 1_000 or sheet.total_width > MAX_COLUMNS:
            raise _refuse(f"最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列")
        lines = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        _fill_down(lines, sheet.merged_cell_ranges or [])
        return lines
    except Invalid:
        raise
    except Exception as error:
        raise _refuse("文件无法读取，请另存为 XLSX 或 CSV") from error
    except BaseException as error:  # a panic of the reader's native code is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _refuse("文件无法读取，请另存为 XLSX 或 CSV") from error


def _fill_down(lines: list[list[str]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Give every row of a block merged downwards within one column the words of its first row."""
    for (top, left), (bottom, right) in merged:
        if left == right and top < bottom < len(lines) and left < len(lines[top]):
            for row in range(top + 1, bottom + 1):
                if left < len(lines[row]) and not lines[row][left]:
                    lines[row][left] = lines[top][left]


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refuse("文件不是 XLSX，也不是 UTF-8 或 GB18030 编码的 CSV")
    if "\0" in text:
        raise _refuse("文件不是 XLSX 或 CSV（旧的 XLS 请另存为 XLSX）")
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        lines: list[list[str]] = []
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            lines.append([_text(cell) for cell in line])
            if len(lines) > MAX_ROWS + 1_000:
                raise _refuse(f"最多 {MAX_ROWS} 行")
    except csv.Error as error:
        raise _refuse("CSV 格式有误，请另存为 XLSX 再传") from error
    return lines


def _text(cell: Any) -> str:
    """Return a cell as text: whole numbers without a fraction, days as ISO."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and abs(cell) >= EXACT:
        return f"{cell:.0f}{LOST}"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return identifiers.clean_text(str(cell), MAX_CELL) if cell is not None else ""


def _header_position(numbered: list[tuple[int, list[str]]], knows: Callable[[str], bool] | None) -> int:
    scores = [sum(1 for cell in line if cell and knows(cell)) for _, line in numbered[:HEADER_WITHIN]] if knows else []
    if scores and max(scores) >= 2:
        return scores.index(max(scores))
    return 1 if sum(map(bool, numbered[0][1])) == 1 and sum(map(bool, numbered[1][1])) > 1 else 0  # a title over the table


def _table(lines: Iterable[list[str]], knows: Callable[[str], bool] | None = None) -> Table:
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(line)]
    if len(numbered) < 2:
        raise _refuse("文件里没有数据：第一行应是表头，下面是数据")
    numbered = numbered[_header_position(numbered, knows) :]
    if len(numbered) < 2:
        raise _refuse(f"表头（第 {numbered[0][0]} 行）下面没有数据")
    headers = numbered[0][1]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS or len(numbered) - 1 > MAX_ROWS:
        raise _refuse(f"最多 {MAX_ROWS} 行、{MAX_COLUMNS} 列")
    width = len(headers)
    return Table(headers, [(number, (line + [""] * width)[:width]) for number, line in numbered[1:]])
