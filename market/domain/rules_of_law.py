"""What a law or a published notice says in numbers: dated, with its source, marked 待核 until somebody has read the final text.

Each rule has a name that the code asks by. Its first value stands here; staff add dated newer ones on the page
规则数值, and a value that staff entered goes before the one of this table wherever it covers the day. A rule without a
value on a day is 待录入: callers get None and say so, they never guess. Nothing marked 待核 is shown as law.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from market.domain import money
from market.domain.errors import Invalid

WORKDAYS, DAYS, FEN, YEAR, NUMBER = "workdays", "days", "fen", "year", "number"
UNIT_WORDS = {WORKDAYS: "个工作日", DAYS: "天", FEN: "万元", YEAR: "年", NUMBER: ""}
LIMITS = {WORKDAYS: (1, 250), DAYS: (0, 730), FEN: (1, money.MAX_FEN), YEAR: (1985, 2100), NUMBER: (0, 10_000)}
UNCHECKED = "待核"
_DRAFT = "工业和信息化部《技术合同认定登记管理办法（征求意见稿）》（2024-12-20）"
_FINAL = "办法已于 2026-01-23 发布施行，正式文本尚未核对"
_NEW_REGIME = date(2026, 1, 23)


@dataclass(frozen=True)
class Value:
    """One value of a rule and the days for which it holds; `since` None is „as long as known“, `until` is the last day."""

    value: int
    source: str
    since: date | None = None
    until: date | None = None
    checked: bool = False

    def covers(self, day: date) -> bool:
        """True when the value holds on `day`."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Rule:
    """One number that the law (or, with `advice`, this market) sets."""

    name: str
    words: str
    unit: str
    values: tuple[Value, ...]
    note: str = ""
    advice: bool = False  # a recommendation of this market, not law


_ALL = (
    Rule(
        "registration_days", "技术合同认定登记的办理期限", WORKDAYS,
        (Value(15, f"{_DRAFT}第十四条；{_FINAL}", _NEW_REGIME),),
        "自登记机构收齐材料受理起算；补正后重新起算。",
    ),
    Rule(
        "large_registration_days", "大额或有争议合同的认定登记办理期限", WORKDAYS,
        (Value(30, f"{_DRAFT}第十四条；{_FINAL}", _NEW_REGIME),),
        "技术交易额达到大额标准或有争议的合同。",
    ),
    Rule(
        "large_contract_fen", "大额合同的标准（技术交易额）", FEN,
        (Value(500 * money.WAN, f"{_DRAFT}第十四条；{_FINAL}", _NEW_REGIME),),
        "达到这个数的合同办理期限更长，并可能由专家评审。",
    ),
    Rule(
        "cutoff_margin_days", "年底截止日之前建议提前", DAYS,
        (Value(7, "本站的建议，不是法规：材料补正后办理期限重新起算", checked=True),),
        advice=True,
    ),
    Rule(
        "agreed_price_publicity_days", "职务成果协议定价的单位内公示期", DAYS,
        (Value(15, "国务院《实施〈中华人民共和国促进科技成果转化法〉若干规定》（国发〔2016〕16 号）；条文尚未核对", date(2016, 2, 26)),),
        "国家设立的研究开发机构、高等院校协议定价的，在本单位公示成果名称和拟交易价格。",
    ),
    Rule(
        "form_amount_yuan", "登记系统金额栏的单位折合多少元", NUMBER,
        (Value(1, "2021 年登记系统的金额字段以元为单位（高校公开的填报程序）；现行系统尚未核对", date(2021, 1, 1)),),
        "1 为元，10000 为万元；抄填页和登记表按它写金额。",
    ),
    Rule(
        "form_amount_places", "登记系统金额栏的小数位数", NUMBER,
        (Value(2, "按元填写精确到分；现行系统尚未核对", date(2021, 1, 1)),),
        "单位改为万元时请同时核对：位数不够的，抄填页会写明四舍五入。",
    ),
    Rule(
        "licence_break_year", "技术许可从技术转让中单列的统计年份", YEAR,
        (Value(2021, "《中华人民共和国民法典》（2021-01-01 施行）第三编第二十章；统计口径尚未核对", date(2021, 1, 1)),),
        "更早年份的转让包含许可，不可直接比较。",
    ),
)  # fmt: skip
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}


def in_force(name: str, day: date, stored: Sequence[Value] = ()) -> Value | None:
    """Return the value of a rule on `day`: a stored one that covers it, the latest begun; else the table's; None is 待录入."""
    for values in (stored, RULES[name].values):
        covering = [value for value in values if value.covers(day)]
        if covering:
            return max(covering, key=lambda value: value.since or date.min)
    return None


def read(entries: Sequence[Mapping[str, Any]]) -> list[Value]:
    """Return the values that the stored form of a rule holds (see `stored`)."""
    return [
        Value(
            int(entry["value"]), str(entry["source"]), _day(entry.get("since")), _day(entry.get("until")), bool(entry.get("checked"))
        )
        for entry in entries
    ]  # fmt: skip


def stored(value: Value) -> dict[str, Any]:
    """Return a value as it is kept in the settings."""
    return {
        "value": value.value, "source": value.source, "checked": value.checked,
        "since": value.since.isoformat() if value.since else None, "until": value.until.isoformat() if value.until else None,
    }  # fmt: skip


def check(name: str, value: Value) -> None:
    """Raise Invalid unless a new value of a rule makes sense: known rule, in range, dated, with a source."""
    if name not in RULES:
        raise Invalid({"rule": "请选择一条规则"})
    low, high = LIMITS[RULES[name].unit]
    if not low <= value.value <= high:
        shown = f"{money.in_unit(low, money.WAN, 6)} 到 {money.in_unit(high, money.WAN)}" if RULES[name].unit == FEN else f"{low} 到 {high}"
        raise Invalid({"value": f"请填 {shown} 之间的数"})
    if value.since is None:
        raise Invalid({"since": "请填写从哪一天起施行"})
    if value.until is not None and value.until < value.since:
        raise Invalid({"until": "截止日期不能早于起始日期"})
    if not value.source.strip():
        raise Invalid({"source": "请写明来源，例如文号和条款"})


def words(name: str, value: Value | None) -> str:
    """Return a value with its unit and 待核 where nobody has checked it, e.g. 15 个工作日（待核）."""
    if value is None:
        return "待录入"
    unit = RULES[name].unit
    number = money.in_unit(value.value, money.WAN, 6) if unit == FEN else str(value.value)
    return f"{number} {UNIT_WORDS[unit]}".rstrip() + ("" if value.checked else f"（{UNCHECKED}）")


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None
