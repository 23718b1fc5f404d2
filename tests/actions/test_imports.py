"""The reader of files from outside never fails in an unplanned way."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.actions import import_columns, spreadsheets
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


def test_full_width_digits_are_refused() -> None:
    column = next(c for c in import_columns.COLUMNS["contracts"] if c.kind == "money")
    with pytest.raises(Invalid):
        import_columns.read_cell(column, "１２", "元", {})


def test_what_was_learned_of_a_header_never_takes_the_place_of_a_column_that_is_there() -> None:
    learned = {"别名": "title", "又名": "title"}
    found, unknown = import_columns.assign("challenges", ["别名", "标题"], learned)
    assert [c.name for c in found.values()] == ["title"] and list(found) == [1] and unknown == ["别名"]
    found, unknown = import_columns.assign("challenges", ["别名", "又名"], learned)
    assert list(found) == [0] and unknown == ["又名"]
