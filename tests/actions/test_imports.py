"""The reader of files from outside never fails in an unplanned way."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from market.actions import import_columns, import_templates, spreadsheets
from market.domain.errors import Invalid


@given(st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b), st.text(max_size=200).map(str.encode)))
def test_no_bytes_make_the_reader_raise_anything_but_invalid(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        table = spreadsheets.read(content)
        assert all(len(cells) == len(table.headers) for _, cells in table.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_is_read_in_both_usual_encodings(encoding: str) -> None:
    assert spreadsheets.read("标题,地区\n电池,南京\n".encode(encoding)) == spreadsheets.Table(["标题", "地区"], [(2, ["电池", "南京"])])


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("成交额（万元）", ("成交额", "万元")),
        ("成交额(元)", ("成交额", "元")),
        ("预算", ("预算", None)),
        ("金额 (单位:元)", ("金额", "元")),
    ],
)
def test_the_unit_is_read_from_the_header(header: str, read: tuple[str, str | None]) -> None:
    assert import_columns.bare(header) == read


def column(kind: str, name: str) -> import_columns.Column:
    return next(c for c in import_columns.COLUMNS[kind] if c.name == name)


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("１２．５", "万元", 12_500_000),
        ("￥1,200,000", "元", 120_000_000),
        ("80万元", None, 80_000_000),
        ("80 万", "万元", 80_000_000),
        ("面议", None, None),
        ("", None, None),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, unit: str | None, fen: int | None) -> None:
    assert import_columns.read_cell(column("challenges", "budget_fen"), text, unit, {}) == fen


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("约80", "万元", "“约80”不是一个数"),
        ("50-80", "万元", "区间都不行"),
        ("80万元", "元", "表头的单位是元，这一格写的是万元"),
        ("80", None, "单位不明"),
        ("1.5.2", "元", "请填写数字"),
    ],
)
def test_an_amount_that_may_mean_two_things_is_refused_with_what_to_do(text: str, unit: str | None, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_columns.read_cell(column("challenges", "budget_fen"), text, unit, {})
    assert said in refused.value.fields.get("budget_fen", "")


def test_a_price_that_must_be_there_cannot_be_left_open() -> None:
    with pytest.raises(Invalid):
        import_columns.read_cell(column("contracts", "amount_fen"), "面议", "元", {})


@pytest.mark.parametrize(
    "text", ["2026-6-1", "2026/06/01", "2026.6.1", "2026年6月1日", "２０２６－６－１", "20260601", "46174", "2026-06-01 00:00:00"]
)
def test_days_are_read_as_people_and_spreadsheets_write_them(text: str) -> None:
    assert import_columns.day(text, column("contracts", "signed_on")) == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "said"), [("2026-06", "缺少日"), ("2026-2-30", "没有这一天"), ("去年六月", "看不懂"), ("26.6.1", "看不懂"), ("7", "看不懂")]
)
def test_a_day_that_is_none_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_columns.day(text, column("contracts", "signed_on"))
    assert said in refused.value.fields["signed_on"]


def test_codes_may_be_typed_wide_and_a_number_that_lost_its_last_digit_is_refused() -> None:
    assert import_columns.read_cell(column("contracts", "number"), "２０２６ ３１０１０７００００１２", None, {}) == "2026310107000012"
    with pytest.raises(Invalid) as refused:
        import_columns.check_number("2026310107000010" + spreadsheets.LOST)
    assert "设为文本" in refused.value.fields["number"]


def workbook(fill: Callable[[Any], None]) -> bytes:
    """Return an XLSX whose first sheet `fill` has written."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book.add_worksheet())
    return out.getvalue()


def test_a_list_as_it_comes_from_an_office_is_read() -> None:
    def fill(page: Any) -> None:
        page.merge_range("A1:E1", "2026 年企业技术需求征集表")
        page.write_row("A2", ["填报单位：", "某某镇", "", "填报日期：", "2026.6.1"])
        page.write_row("A4", ["序号", " 需求\n名称", "单位", "预算（万元）", "描述"])
        page.merge_range("C5:C6", "申城电池厂")
        page.write_row("A5", [1, "膜污染"])
        page.write_row("D5", ["８０", "膜总是堵"])
        page.write_row("A6", [2, "轴承"])
        page.write_row("D6", [12.5, "过热"])
        page.write_row("A8", ["合计", "", "", 92.5])

    table = spreadsheets.read(workbook(fill), import_columns.knows("challenges", {}))
    assert [import_columns.bare(header)[0] for header in table.headers] == ["序号", "需求名称", "单位", "预算", "描述"]
    assert table.rows == [
        (5, ["1", "膜污染", "申城电池厂", "８０", "膜总是堵"]),
        (6, ["2", "轴承", "申城电池厂", "12.5", "过热"]),
        (8, ["合计", "", "", "92.5", ""]),
    ]


def test_a_long_number_kept_as_a_number_is_marked() -> None:
    table = spreadsheets.read(workbook(lambda page: [page.write_row("A1", ["编号", "名"]), page.write_row("A2", [2026310107000012, "甲"])]))
    assert table.rows[0][1][0].endswith(spreadsheets.LOST)


def test_a_header_without_rows_is_said() -> None:
    with pytest.raises(Invalid) as refused:
        spreadsheets.read("某某清单\n填报,单位\n标题,描述,地区\n".encode(), import_columns.knows("challenges", {}))
    assert "第 3 行" in refused.value.fields["file"]


@pytest.mark.parametrize("kind", list(import_columns.KINDS))
def test_the_example_of_a_template_is_a_good_row(kind: str) -> None:
    table = spreadsheets.read(import_templates.template(kind, "测试"))
    learned: dict[tuple[str, str], str] = {}
    found, unknown = import_columns.assign(kind, table.headers, {})
    assert not unknown and {c.name for c in found.values()} == {c.name for c in import_columns.COLUMNS[kind]}
    (_, cells), *rest = table.rows
    assert not rest and cells[0].startswith(import_templates.EXAMPLE)
    for position, one in found.items():
        unit = import_columns.bare(table.headers[position])[1]
        import_columns.read_cell(one, cells[position], unit, learned)
        assert table.headers[position].endswith("*") is one.required


def test_what_was_learned_of_a_header_never_takes_the_place_of_a_column_that_is_there() -> None:
    learned = {"别名": "title", "又名": "title"}
    found, unknown = import_columns.assign("challenges", ["别名", "标题"], learned)
    assert [c.name for c in found.values()] == ["title"] and list(found) == [1] and unknown == ["别名"]
    found, unknown = import_columns.assign("challenges", ["别名", "又名"], learned)
    assert list(found) == [0] and unknown == ["又名"]
