"""The totals that the leader released, as a table of open data; what was suppressed stays so and says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from market.domain.statistics import DEFINITIONS
from market.exports.writers import Column

HIDDEN = "少于 5 份合同，或一家占七成以上，或相减会得出，不公布"
_PARTS = (("by_flow", "按流向", "flow"), ("by_type", "按合同类型", "by_type"), ("by_field", "按技术领域", "by_field"), ("by_month", "按月份", "by_month"))  # fmt: skip


@dataclass(frozen=True)
class ReleasedLine:
    """One figure; without amounts it was suppressed."""

    year: int
    until: date
    section: str
    label: str
    count: int | None
    amount_fen: int | None
    technical_fen: int | None
    definition: str

    @property
    def note(self) -> str:
        """Why there is no figure."""
        return HIDDEN if self.count is None else ""


def lines(year: int, until: date, figures: Mapping[str, Any]) -> list[ReleasedLine]:
    """Return the figures of a release as lines."""
    return list(_lines(year, until, figures))


def _lines(year: int, until: date, figures: Mapping[str, Any]) -> Iterator[ReleasedLine]:
    for name, label, definition in (
        ("total", "登记合计", "registered"),
        ("same_period", "去年同期登记", "growth"),
        ("intake", "吸纳", "flow"),
    ):
        yield _line(year, until, "合计", label, figures.get(name), definition)
    for part, section, definition in _PARTS:
        for row in figures.get(part) or []:
            yield _line(year, until, section, str(row["label"]), row["cell"], definition)


def _line(year: int, until: date, section: str, label: str, cell: Mapping[str, int] | None, definition: str) -> ReleasedLine:
    count, amount, technical = (cell["count"], cell["amount_fen"], cell["technical_fen"]) if cell else (None, None, None)
    return ReleasedLine(year, until, section, label, count, amount, technical, DEFINITIONS[definition])


COLUMNS: list[Column] = [
    Column("年份", lambda row: row.year, "integer", 8, "登记日期所在的年份（北京时间）"),
    Column("数据截至", lambda row: row.until, "day", 12, "计入的最后一天"),
    Column("指标", lambda row: row.section, width=14, meaning="合计，或按哪一项分"),
    Column("项目", lambda row: row.label, width=24, meaning="组内的一项"),
    Column("份数", lambda row: row.count, "integer", 10, "已登记的技术合同份数"),
    Column("成交额(元)", lambda row: row.amount_fen, "yuan", 20, DEFINITIONS["registered"]),
    Column("技术交易额(元)", lambda row: row.technical_fen, "yuan", 20, DEFINITIONS["technical"]),
    Column("说明", lambda row: row.note, width=40, meaning="没有数的格子为什么不公布"),
    Column("口径", lambda row: row.definition, width=60, meaning="这个数字怎么算"),
]
