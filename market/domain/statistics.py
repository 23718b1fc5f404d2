"""What the figures of the market mean: each indicator once, the filter that narrows them, growth, season, small cells."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from market.domain import codes, money
from market.domain.contracts import FLOW_WORDS, PARTY_KINDS

STAGES = {"intent": "意向", "signed": "签约", "registered": "登记", "paid": "到账"}
FLOWS = {"counted": "卖方在普陀区（输出与区内循环）", **FLOW_WORDS, "all": "全部"}
BASES = {"": "现行口径（已加减变更和注销）", "first": "首次登记口径（不计以后的变更和注销）"}
DEFINITIONS = {
    "intent": "正在进行的对接（待答复和对接中）里写明的预计金额之和，供给方在普陀区。这是洽谈中的意向，不是合同，也不计入目标；是目前的存量，不分年份。",
    "signed": "签订日期在该年的技术合同成交额之和，卖方在普陀区，不论是否已登记。",
    "registered": "登记日期在该年、登记机构已登记的技术合同成交额之和，卖方在普陀区；变更和注销登记已加减。只有这一项计入目标。",
    "paid": "到账日期在该年的款项之和，合同卖方在普陀区。",
    "first_reported": "登记日期在该年的技术合同按首次登记时的成交额之和，不因之后的变更和注销登记而改变。",
    "technical": "技术交易额是成交额减去设备、仪器、零部件和原材料等非技术性费用。占比是已登记合同的技术交易额除以成交额。",
    "average": "已登记合同的成交额合计除以份数。",
    "growth": "与去年同一天为止的登记成交额相比。",
    "flow": "输出：卖方在普陀区、买方在区外。吸纳：买方在普陀区、卖方在区外，由卖方在当地登记，不计入目标。区内循环：双方都在普陀区，计入目标。",
    "by_month": "按登记日期所在的月份（北京时间）。",
    "by_type": "按民法典的五类技术合同。2021 年起许可从转让中单列，与更早年份不可直接比较。",
    "by_field": "按登记表的 11 个技术领域。",
    "by_region": "按另一方所在地：输出看买方，区内循环即普陀区。",
    "by_buyer": "按买方性质；登记表没有写明性质的，按名称判断。",
    "by_seller": "按卖方性质；登记表没有写明性质的，按名称判断。",
    "by_ip": "按登记表的知识产权类型。",
    "by_quarter": "按登记日期所在的季度（北京时间）。",
}
DEFAULT_INCREMENTS = {2025: (1_000_000_000_00, "2025 年工作目标：技术合同成交额在上一年基础上增长 10 亿元")}  # fen; other years are 待录入
SMALL_COUNT = 5  # cells with fewer deals are not published
DOMINANT_BP = 7_000  # nor those of which one party holds more than 70 %


@dataclass(frozen=True)
class Cell:
    """One figure: how many contracts (or payments, contacts), 成交额 and 技术交易额 in 分."""

    count: int = 0
    amount_fen: int = 0
    technical_fen: int = 0

    def __add__(self, other: Cell) -> Cell:
        return Cell(self.count + other.count, self.amount_fen + other.amount_fen, self.technical_fen + other.technical_fen)

    @property
    def average_fen(self) -> int | None:
        """成交额 a contract, rounded half up; None without contracts."""
        return ratio(self.amount_fen, self.count)

    @property
    def technical_share_bp(self) -> int | None:
        """Share of 技术交易额 in 成交额, basis points."""
        return ratio(self.technical_fen * 10_000, self.amount_fen)


def total(cells: Iterable[Cell]) -> Cell:
    """Return the sum of cells."""
    found = Cell()
    for cell in cells:
        found = found + cell
    return found


def ratio(numerator: int, denominator: int) -> int | None:
    """Return numerator ÷ denominator as an integer, rounded half up away from zero; None when the denominator is 0."""
    if denominator == 0:
        return None
    return int((Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def growth_bp(now: int, then: int) -> int | None:
    """Return the growth in basis points; None where there was nothing to grow from."""
    return ratio((now - then) * 10_000, then) if then > 0 else None


def percent(basis_points: int | None, signed: bool = False) -> str:
    """Return basis points as a percentage with one decimal; 无可比 for None."""
    if basis_points is None:
        return "无可比数据"
    value = (Decimal(basis_points) / 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{value:+}%" if signed else f"{value}%"


@dataclass(frozen=True)
class Filter:
    """What a figure counts. The same object makes the number on the page, the rows behind it and the export.

    `within` limits everything to contracts with a side in one city; it comes from the person, never from the address.
    """

    year: int
    stage: str = "registered"
    flow: str = "counted"
    until: date | None = None
    month: int | None = None
    quarter: int | None = None
    type: str = ""
    field: str = ""
    region: str = ""
    seller: str = ""
    buyer: str = ""
    ip: str = ""
    basis: str = ""  # one of BASES: "" as adjusted, "first" as first reported
    within: str = ""

    def but(self, **changes: object) -> Filter:
        """Return this filter with some conditions changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def query(self) -> dict[str, str]:
        """Return the query string's parameters; parse(query()) gives the filter back (but for `within`)."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "within"}
        return {
            name: value.isoformat() if isinstance(value, date) else str(value) for name, value in values.items() if value not in ("", None)
        }

    def words(self) -> str:
        """Return the conditions in Chinese."""
        parts = [
            f"{self.year} 年{self._part_of_year()}" if self.stage != "intent" else "目前",
            STAGES[self.stage],
            FLOWS[self.flow],
        ]
        parts += [codes.CONTRACT_TYPES[self.type]] if self.type else []
        parts += [("未填领域" if self.field == "none" else codes.FIELDS[self.field])] if self.field else []
        parts += [codes.region_name(self.region)] if self.region else []
        parts += [f"卖方为{PARTY_KINDS[self.seller]}"] if self.seller else []
        parts += [f"买方为{PARTY_KINDS[self.buyer]}"] if self.buyer else []
        parts += [codes.label("ip_key", self.ip)] if self.ip else []
        parts += [f"一方在{codes.region_name(self.within)}"] if self.within else []
        parts += [f"截至 {self.until}"] if self.until else []
        parts += ["首次登记口径"] if self.basis == "first" else []
        return " · ".join(parts)

    def _part_of_year(self) -> str:
        return f" {self.month} 月" if self.month else f"第 {self.quarter} 季度" if self.quarter else ""


def parse(args: Mapping[str, str], default_year: int, within: str = "") -> Filter:
    """Read a filter from a query string; what is not understood is left at its default."""

    def one_of(name: str, table: Mapping[str, object], default: str = "") -> str:
        value = args.get(name, default)
        return value if value in table else default

    def number(name: str, low: int, high: int) -> int | None:
        text = args.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 and low <= int(text) <= high else None

    region = args.get("region", "")
    return Filter(
        year=number("year", 1985, 2100) or default_year,
        stage=one_of("stage", STAGES, "registered"),
        flow=one_of("flow", FLOWS, "counted"),
        until=_day(args.get("until", "")),
        month=number("month", 1, 12),
        quarter=number("quarter", 1, 4),
        type=one_of("type", codes.CONTRACT_TYPES),
        field=one_of("field", {**codes.FIELDS, "none": ""}),
        region=region if region.isascii() and region.isdigit() and len(region) == 6 else "",
        seller=one_of("seller", PARTY_KINDS),
        buyer=one_of("buyer", PARTY_KINDS),
        ip=one_of("ip", codes.IP_KEYS),
        basis=one_of("basis", BASES),
        within=within,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_of(year: int, today: date) -> date:
    """Return the day up to which a year's figures reach: today in the running year, 31 December before."""
    return min(today, date(year, 12, 31))


def same_day(day: date, year: int) -> date:
    """Return the same day of another year; the last day of a month stays the last day of that month."""
    last, last_there = (calendar.monthrange(one, day.month)[1] for one in (day.year, year))
    return date(year, day.month, last_there if day.day == last else min(day.day, last_there))


def share_bp(day: date, shares: Sequence[int]) -> int:
    """Return the share of a year by `day` on a cumulative curve of twelve month ends, all in basis points; straight within a month."""
    first = date(day.year, day.month, 1)
    following = date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)
    length, gone = (following - first).days, (day - first).days + 1
    before = shares[day.month - 2] if day.month > 1 else 0
    return before + (shares[day.month - 1] - before) * gone // length


def check_curve(curve: Sequence[int]) -> None:
    """Raise ValueError unless `curve` is twelve rising percentages that end at 100."""
    if len(curve) != 12 or curve[-1] != 100 or curve[0] <= 0 or any(b < a for a, b in pairwise(curve)):
        raise ValueError("季节曲线是 12 个累计百分数，逐月不减，12 月为 100")


def big(fen: int, unit: str = "") -> tuple[str, str]:
    """Return number and unit of an amount: 亿元 with two decimals from 1 亿 on (or where asked), else 万元."""
    if unit == "亿元" or (not unit and abs(fen) >= money.YI):
        return money.yi(fen).split()[0], "亿元"
    return money.in_unit(fen, money.WAN), "万元"


def is_small(count: int, amount_fen: int, largest_party_fen: int) -> bool:
    """True when a published cell could give away a single deal or party."""
    return count < SMALL_COUNT or largest_party_fen * 10_000 > DOMINANT_BP * amount_fen


def sentence(label: str, value: str, filtered: Filter, until: date, definition: str, sample: bool) -> str:
    """Return a figure as a sentence with its date and definition, fit to paste."""
    period = f"截至 {until}" if filtered.stage == "intent" else f"{filtered.year} 年（截至 {until}）"
    return f"{period}{label} {value}。口径：{definition}{'（含示例数据）' if sample else ''}"
