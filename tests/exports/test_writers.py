"""What leaves the market: real types, no formulas, conditions on the sheet."""

from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.exports import columns
from market.exports.writers import Column, Conditions, Sheet, harmless, to_csv, to_xlsx, write_csv, write_xlsx

COLUMNS = [
    Column("名称", lambda row: row[0], width=20),
    Column("金额(元)", lambda row: row[1], "yuan", meaning="成交额"),
    Column("日期", lambda row: row[2], "day"),
    Column("份数", lambda row: row[3], "integer"),
    Column("增长", lambda row: row[4], "percent"),
    Column("万元", lambda row: row[1], "wan"),
]
ROWS = [("正常", 12_345_678_901, date(2026, 2, 28), 3, 1250), ("=1+1", None, None, None, None), ("＝cmd", -5, date(2026, 1, 1), 0, -1)]
WHEN = datetime(2026, 6, 10, 4, 5, tzinfo=UTC)


def conditions(sample: bool = True) -> Conditions:
    return Conditions("统计", "2026 年", "=郑主任", WHEN, sample, (("口径", "已登记"),))


def book(sample: bool = True) -> Any:
    return openpyxl.load_workbook(io.BytesIO(to_xlsx([Sheet("明细", COLUMNS, ROWS)], conditions(sample))))


def test_the_workbook_has_real_types_a_frozen_header_and_no_formula() -> None:
    page = book()["明细"]
    assert [cell.value for cell in page[1]] == ["名称", "金额(元)", "日期", "份数", "增长", "万元"]
    assert page.freeze_panes == "B2"
    assert [cell.data_type for cell in page[2]] == ["s", "n", "d", "n", "n", "n"]
    assert page["B2"].value == 123456789.01 and page["F2"].value == 12345.678901 and page["E2"].value == 0.125
    assert page["C2"].value == datetime(2026, 2, 28)
    assert page["A3"].value == "=1+1" and page["A3"].data_type == "s"  # text, not a formula
    assert page["B3"].value is None


def test_the_workbook_says_what_by_whom_when_and_whether_sample_rows_are_in_it() -> None:
    words = {row[0].value: row[1].value for row in book()["说明"].iter_rows() if row[0].value}
    assert words["范围"] == "2026 年" and words["导出人"] == "=郑主任" and words["导出时间"] == "2026-06-10 12:05（北京时间）"
    assert words["数据"].startswith("含示例数据") and words["口径"] == "已登记"
    assert "不含示例数据" in {row[1].value for row in book(sample=False)["说明"].iter_rows()}


def test_the_workbook_explains_each_of_its_columns() -> None:
    told = {row[0]: row[1:] for row in book()["数据字典"].iter_rows(values_only=True)}
    assert list(told) == ["列", *(column.header for column in COLUMNS)]
    assert told["金额(元)"] == ("数值", "元", "成交额", None) and told["日期"][0] == "日期" and told["万元"][1] == "万元"
    coded = Column("类型", lambda row: row, codes="contract_type")
    page = openpyxl.load_workbook(io.BytesIO(to_xlsx([Sheet("明细", [coded], [])], conditions())))["数据字典"]
    assert "技术开发" in page["E2"].value and page.freeze_panes == "B2"


def test_every_column_of_the_ledger_says_what_it_means() -> None:
    for table in (columns.CONTRACTS, columns.FIGURE_ROWS, columns.LINES, columns.MONTHLY):
        assert not [column.header for column in table if not column.meaning]
        assert len({column.header for column in table}) == len(table)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_long_table_is_never_held_as_a_whole(form: str) -> None:
    table = [Column(f"列{n}", lambda row, n=n: f"第 {row} 行第 {n} 列" + "长" * 60) for n in range(6)]  # type: ignore[misc]

    def peak(rows: int) -> int:
        with tempfile.TemporaryFile() as out:
            tracemalloc.start()
            if form == "xlsx":
                write_xlsx(out, [Sheet("明细", table, iter(range(rows)))], conditions())
            else:
                write_csv(out, table, iter(range(rows)))
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return most

    peak(10)  # what is imported and cached on the first run
    assert peak(3_000) < peak(300) + 300_000


def test_the_csv_has_a_bom_quotes_everything_and_keeps_money_exact() -> None:
    data = to_csv(COLUMNS, ROWS, conditions())
    assert data.startswith(b"\xef\xbb\xbf") and data.decode("utf-8-sig").startswith('"名称","金额(元)"')
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1] == ["正常", "123456789.01", "2026-02-28", "3", "0.125", "12345.678901"]
    assert rows[2] == ["'=1+1", "", "", "", "", ""]
    assert rows[3][0] == "'＝cmd" and rows[3][1] == "-0.05"
    assert ["导出人", "'=郑主任"] in rows and any(row[:1] == ["数据"] and row[1].startswith("含示例数据") for row in rows)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@SUM", "\t=1", "\r=1", "\n=1", "\0", "＝1", "＋1", "－1", "＠x", "  =1", "　=1"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert harmless(text) == "'" + text


@given(st.text(max_size=30))
def test_no_csv_cell_begins_with_a_dangerous_sign(text: str) -> None:
    cell = harmless(text)
    assert not cell.lstrip(" 　").startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
    assert cell in {text, "'" + text}


@given(st.integers(-(10**14), 10**14))
def test_money_in_a_csv_is_exact_to_the_fen(fen: int) -> None:
    rows = list(csv.reader(io.StringIO(to_csv([Column("x", lambda row: row, "yuan")], [fen]).decode("utf-8-sig"))))
    assert Decimal(rows[1][0]) * 100 == fen and "E" not in rows[1][0]
