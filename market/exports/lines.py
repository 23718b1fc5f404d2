"""The figures of a year and of a month as lines of a table, for the page's exports and the terminal alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from market.domain import codes
from market.domain.contracts import FLOW_WORDS, PARTY_KINDS
from market.domain.statistics import DEFINITIONS, STAGES, Cell, growth_bp


@dataclass(frozen=True)
class Line:
    """One line of the statistics of a year."""

    section: str
    label: str
    cell: Cell
    last: Cell | None = None
    definition: str = ""
    unfinished: bool = False  # a month that still runs is not compared with a whole one

    @property
    def growth_bp(self) -> int | None:
        """Growth against `last`, basis points."""
        return growth_bp(self.cell.amount_fen, self.last.amount_fen) if self.last and not self.unfinished else None


@dataclass(frozen=True)
class MonthLine:
    """One line of the monthly 汇总表."""

    label: str
    month: Cell
    so_far: Cell
    last: Cell

    @property
    def growth_bp(self) -> int | None:
        """Growth of the running sum against the same period of last year, basis points."""
        return growth_bp(self.so_far.amount_fen, self.last.amount_fen)


def field_word(code: str) -> str:
    """Return the name of a field; `none` is 未填领域."""
    return "未填领域" if code == "none" else codes.FIELDS.get(code, code)


def year_lines(view: Any) -> list[Line]:
    """Return the lines of a year from queries.statistics.Cockpit."""
    lines = [
        Line("四项", STAGES[stage], view.stages[stage], view.same_period if stage == "registered" else None, DEFINITIONS[stage])
        for stage in STAGES
    ]
    lines.append(Line("首次登记口径", "登记", view.first_reported, None, DEFINITIONS["first_reported"]))
    lines += [Line("流向", word, view.flows.get(flow, Cell()), None, DEFINITIONS["flow"]) for flow, word in FLOW_WORDS.items()]
    shown = view.until.month
    unfinished = (view.until + timedelta(days=1)).month == shown
    lines += [
        Line("分月", f"{n} 月", this, last, DEFINITIONS["by_month"], unfinished and n == shown)
        for n, (this, last) in enumerate(view.months[:shown], 1)
    ]
    for section, words, cells, definition in (
        ("分类型", codes.CONTRACT_TYPES, view.by_type, "by_type"),
        ("分领域", {**codes.FIELDS, "none": "未填领域"}, view.by_field, "by_field"),
        ("分地区", {key: codes.region_name(key) for key in by_amount(view.by_region)}, view.by_region, "by_region"),
        ("分买方", PARTY_KINDS, view.by_buyer, "by_buyer"),
    ):
        lines += [Line(section, word, cells[key], None, DEFINITIONS[definition]) for key, word in words.items() if key in cells]
    return lines


def by_amount(cells: Mapping[str, Cell]) -> list[str]:
    """Return the keys of cells, the largest amount first."""
    return sorted(cells, key=lambda key: (-cells[key].amount_fen, key))


def month_lines(parts: Mapping[str, tuple[Mapping[str, Cell], Mapping[str, Cell], Mapping[str, Cell]]]) -> list[MonthLine]:
    """Return the lines of the 汇总表; `parts` maps flow, type and field to (month, so far, last year)."""

    def line(label: str, part: str, *keys: str) -> MonthLine:
        month, so_far, last = (sum((cells.get(key, Cell()) for key in keys), Cell()) for cells in parts[part])
        return MonthLine(label, month, so_far, last)

    lines = [line("登记合计（卖方在普陀区）", "flow", "output", "inner")]
    lines += [line(f"　其中：{FLOW_WORDS[flow]}", "flow", flow) for flow in ("output", "inner")]
    lines.append(line("吸纳（不计入合计）", "flow", "intake"))
    lines += [line(f"类型：{word}", "type", kind) for kind, word in codes.CONTRACT_TYPES.items()]
    known = {**codes.FIELDS, "none": "未填领域"}
    present = {key for cells in parts["field"] for key in cells}
    lines += [line(f"领域：{word}", "field", key) for key, word in known.items() if key != "none" or key in present]
    return lines
