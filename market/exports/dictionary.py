"""The data dictionary of a table: for each column its type, unit, meaning and the words it may hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from market.domain import codes

HEADERS = ("列", "类型", "单位", "含义", "取值")
KINDS = {
    "text": ("文本", ""),
    "integer": ("整数", ""),
    "yuan": ("数值", "元"),
    "wan": ("数值", "万元"),
    "percent": ("百分比", ""),
    "day": ("日期", ""),
}


class Described(Protocol):
    """What the dictionary reads of a column."""

    @property
    def header(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def codes(self) -> str: ...


class Entry(NamedTuple):
    """One line of the dictionary."""

    header: str
    kind: str
    unit: str
    meaning: str
    values: str


def entries(columns: Iterable[Described]) -> list[Entry]:
    """Return a line for each column; a column of the same name stands once."""
    found: dict[str, Entry] = {}
    for column in columns:
        kind, unit = KINDS[column.kind]
        values = "、".join(codes.GROUPS[column.codes].values()) if column.codes else ""
        found.setdefault(column.header, Entry(column.header, kind, unit, column.meaning, values))
    return list(found.values())
