"""Quantities in Chinese technical text: numbers with units, read and compared as what they measure.

"循环寿命 ≥3000 次", "-30℃", "0.1 %", "5~8 MPa", "不低于 99.5%", "10 万次": a number, how it is bounded, a unit, and
the words before it that say what is measured. Units are pint's, under their Chinese names; counts (次 片 台 …)
are units of their own. Two quantities are comparable when the unit measures the same and the words before them
share a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from market.matching import tokens

Bound = Literal["exactly", "at least", "at most", "between"]

# fmt: off
UNITS: dict[str, str] = {
    "nm": "nm", "纳米": "nm", "μm": "um", "um": "um", "微米": "um", "mm": "mm", "毫米": "mm", "丝": "10 um", "道": "10 um",
    "cm": "cm", "厘米": "cm", "m": "m", "米": "m", "km": "km", "公里": "km", "千米": "km",
    "m2": "m^2", "平方米": "m^2", "平米": "m^2", "亩": "666.667 m^2", "公顷": "hectare", "m3": "m^3", "立方米": "m^3", "方": "m^3",
    "ml": "ml", "毫升": "ml", "l": "l", "升": "l", "μl": "ul", "微升": "ul",
    "μg": "ug", "微克": "ug", "mg": "mg", "毫克": "mg", "g": "g", "克": "g", "kg": "kg", "公斤": "kg", "千克": "kg", "斤": "0.5 kg",
    "t": "tonne", "吨": "tonne",
    "ms": "ms", "毫秒": "ms", "μs": "us", "微秒": "us", "s": "s", "秒": "s", "min": "min", "分钟": "min", "h": "hour", "小时": "hour",
    "d": "day", "天": "day", "日": "day", "周": "week", "个月": "30 day", "月": "30 day", "年": "365 day",
    "pa": "Pa", "kpa": "kPa", "千帕": "kPa", "mpa": "MPa", "兆帕": "MPa", "gpa": "GPa", "bar": "bar", "公斤压力": "98.0665 kPa",
    "n": "N", "牛": "N", "kn": "kN", "n·m": "N*m", "nm扭矩": "N*m",
    "mw": "MW", "kw": "kW", "千瓦": "kW", "w": "W", "瓦": "W", "kwh": "kWh", "度电": "kWh", "千瓦时": "kWh", "wh": "Wh", "mwh": "MWh", "j": "J", "kj": "kJ",
    "v": "V", "伏": "V", "kv": "kV", "mv": "mV", "a": "A", "安": "A", "ma": "mA", "ah": "A*hour", "mah": "mA*hour",
    "hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz", "ω": "ohm", "欧": "ohm", "mω": "milliohm",
    "°c": "degC", "℃": "degC", "度": "degC", "摄氏度": "degC", "k": "K",
    "%": "percent", "％": "percent", "个百分点": "percent", "‰": "permille", "ppm": "ppm",
    "mg/l": "mg/l", "g/l": "g/l", "μg/l": "ug/l", "mg/m3": "mg/m^3", "μg/m3": "ug/m^3", "mg/kg": "mg/kg", "g/cm3": "g/cm^3", "mg/ml": "mg/ml",
    "wh/kg": "Wh/kg", "wh/l": "Wh/l", "w/kg": "W/kg", "w/mk": "W/(m*K)", "w/(m·k)": "W/(m*K)", "m/s": "m/s", "米/秒": "m/s", "km/h": "km/hour",
    "m3/h": "m^3/hour", "l/min": "l/min", "ml/min": "ml/min", "t/h": "tonne/hour", "吨/小时": "tonne/hour", "吨/天": "tonne/day", "t/d": "tonne/day",
    "吨/年": "tonne/(365 day)", "转/分": "rpm", "rpm": "rpm", "r/min": "rpm", "mm/min": "mm/min", "ma/cm2": "mA/cm^2", "a/cm2": "A/cm^2",
    "dpi": "1/inch", "db": "decibel", "分贝": "decibel", "gy": "Gy", "kgy": "kGy", "bq": "Bq", "msv": "mSv", "μsv": "uSv",
}
"""Units as they stand in folded text, and what pint calls them."""
COUNTS = ("次", "片", "台", "套", "件", "个", "人", "条", "路", "帧", "点", "步", "层", "批", "支", "只", "株", "头", "尾", "例", "代")
"""Units of counting; each is comparable with itself only."""
MULTIPLIERS = {"百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "亿": 1e8}
AT_LEAST = ("≥", ">=", "＞", ">", "大于等于", "大于", "不低于", "不小于", "不少于", "至少", "高于", "超过", "以上", "优于")
AT_MOST = ("≤", "<=", "＜", "<", "小于等于", "小于", "不高于", "不大于", "不超过", "不多于", "最多", "低于", "少于", "以下", "以内", "控制在", "降到", "降至", "压到")
# fmt: on

_NAMES = sorted((*UNITS, *COUNTS), key=len, reverse=True)
_BEFORE = "|".join(re.escape(word) for word in sorted((*AT_LEAST, *AT_MOST), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<bound>{_BEFORE})?\s*(?P<sign>[-−±正负零下]{{0,2}})\s*(?P<low>\d+(?:[.,]\d+)*)\s*"
    rf"(?:(?:[~～至到-]|—)\s*(?P<high>-?\d+(?:\.\d+)?)\s*)?(?P<times>十万|百万|[百千万亿])?\s*"
    rf"(?P<unit>{'|'.join(re.escape(name) for name in _NAMES)})(?![a-z])\s*(?P<after>以上|以下|以内|及以上)?"
)
_MULTIPLE = 1e-9
GENERATIONS = ("2d", "3d", "4d", "2g", "3g", "4g", "5g", "6g")
"""Not days and grams."""
NAME_CHARACTERS = 14
_BREAK = re.compile(r"[，。；！？,;!?、:：()（）\n]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A bounded number in the base unit of what it measures.

    `low` and `high` are in base units (a bound that is not given is infinite), `measures` names the dimension
    ("[length]", "次", …), `name` is the text before the number, `surface` what stood there; `start` and `end`
    are places in the folded text.
    """

    name: str
    surface: str
    low: float
    high: float
    measures: str
    start: int
    end: int

    @property
    def label(self) -> str:
        """What is measured and how much, as it stands in the text."""
        return f"{self.name}{self.surface}"


def quantities(text: str) -> list[Quantity]:
    """Every number with a unit, in the order of the text (read in its folded form)."""
    return list(_read(tokens.fold(text)))


@lru_cache(maxsize=4_096)
def _read(folded: str) -> tuple[Quantity, ...]:
    return tuple(_found(folded))


def meets(wanted: Quantity, offered: Quantity) -> bool | None:
    """Whether what is offered lies within what is wanted; None where the two measure different things.

    An offer without a bound of its own must lie inside; "at least" against "at least" compares the bounds.
    A wanted plain number is read as what is to be reached: reached exactly or within one in a thousand million.
    """
    if wanted.measures != offered.measures or not same_thing(wanted.name, offered.name):
        return None
    if math.isinf(wanted.high):
        return _reached(offered.low if not math.isinf(offered.low) else offered.high, wanted.low)
    if math.isinf(wanted.low):
        return _reached(-(offered.high if not math.isinf(offered.high) else offered.low), -wanted.high)
    return _reached(offered.low, wanted.low) and _reached(-offered.high, -wanted.high)


def same_thing(left: str, right: str) -> bool:
    """Whether two names of what is measured share a word that says something."""
    return bool(_words(left) & _words(right))


def compared(wanted: Sequence[Quantity], offered: Sequence[Quantity]) -> list[tuple[Quantity, Quantity, bool]]:
    """For each wanted quantity the comparable offered one: one that meets it if there is one; others are left out."""
    out = []
    for want in wanted:
        verdicts = [(offer, verdict) for offer in offered if (verdict := meets(want, offer)) is not None]
        if verdicts:
            best = max(verdicts, key=lambda pair: pair[1])
            out.append((want, best[0], best[1]))
    return out


def _reached(offered: float, wanted: float) -> bool:
    return offered >= wanted - abs(wanted) * _MULTIPLE


@lru_cache(maxsize=4_096)
def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in tokens.cut(name) if len(word) > 1 and word not in tokens.FUNCTION_WORDS)


def _found(folded: str) -> Iterator[Quantity]:
    read_to = 0
    for match in _QUANTITY.finditer(folded):
        if _inside_a_word(folded, match) or match.group().strip() in GENERATIONS:
            continue
        scale, shift, measures = _unit(match["unit"])
        times = MULTIPLIERS.get(match["times"] or "", 1.0)
        first = float(match["low"].replace(",", "")) * times
        second = float(match["high"]) * times if match["high"] else None
        sign = match["sign"] or ""
        if "-" in sign or "−" in sign or "负" in sign or "零下" in sign:
            first = -first
        low, high = _bounds(match, first, second, "±" in sign)
        yield Quantity(
            _name_before(folded, max(read_to, match.start() - NAME_CHARACTERS), match.start()),
            match.group().strip(),
            low * scale + shift,
            high * scale + shift,
            measures,
            match.start(),
            match.end(),
        )
        read_to = match.end()


def _inside_a_word(folded: str, match: re.Match[str]) -> bool:
    before = folded[match.start("low") - 1 : match.start("low")]
    return before.isascii() and (before.isalnum() or before == ".")


def _bounds(match: re.Match[str], first: float, second: float | None, both_signs: bool) -> tuple[float, float]:
    if second is not None:
        return min(first, second), max(first, second)
    if both_signs:
        return -first, first
    words = (match["bound"] or "", match["after"] or "")
    if words[0] in AT_LEAST or words[1] in ("以上", "及以上"):
        return first, math.inf
    if words[0] in AT_MOST or words[1] in ("以下", "以内"):
        return -math.inf, first
    return first, first


def _name_before(folded: str, begin: int, start: int) -> str:
    """The words of the same clause before the number: what is measured."""
    return _BREAK.split(folded[begin:start])[-1].strip()


@lru_cache(maxsize=256)
def _unit(name: str) -> tuple[float, float, str]:
    """Factor and offset to the base unit, and the dimension."""
    if name in COUNTS:
        return 1.0, 0.0, name
    registry = _registry()
    unit = registry.Quantity(1.0, "degC") if UNITS[name] == "degC" else registry.parse_expression(UNITS[name])
    if UNITS[name] == "degC":
        return 1.0, 273.15, str(registry.kelvin.dimensionality)
    base = unit.to_base_units()
    return float(base.magnitude), 0.0, str(base.dimensionality)


@lru_cache(maxsize=1)
def _registry():  # type: ignore[no-untyped-def]
    """pint's registry, made at the first quantity (its import takes a third of a second)."""
    import pint

    return pint.UnitRegistry()
