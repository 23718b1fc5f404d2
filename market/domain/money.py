"""Money is an integer number of 分 (fen); people type and read 元, 万元 or 亿元."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from market.domain.errors import Invalid

YUAN = 100
WAN = 1_000_000
YI = 10_000_000_000
MAX_FEN = 10**14
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,6})?", re.ASCII)


def parse(text: str, unit: int, field: str = "amount") -> int:
    """Return the 分 in `text`, written in `unit` (YUAN, WAN or YI).

    Accepts plain ASCII digits with an optional fraction and thousands commas.
    Raises Invalid with a Chinese message beside `field` for anything else, for
    fractions of a 分 and for amounts outside 0 … 10^14 分.
    """
    cleaned = text.strip()
    if _GROUPED.fullmatch(cleaned):
        cleaned = cleaned.replace(",", "")
    if not _NUMBER.fullmatch(cleaned):
        raise Invalid({field: "请填写数字，例如 120 或 12.5"})
    fen = Decimal(cleaned) * unit
    if fen != fen.to_integral_value():
        raise Invalid({field: "金额最多精确到分"})
    if not 0 <= fen <= MAX_FEN:
        raise Invalid({field: "金额超出范围"})
    return int(fen)


def parse_wan(text: str, field: str = "amount") -> int:
    """Return the 分 in a text written in 万元; see `parse`."""
    return parse(text, WAN, field)


def parse_yuan(text: str, field: str = "amount") -> int:
    """Return the 分 in a text written in 元; see `parse`."""
    return parse(text, YUAN, field)


def in_unit(fen: int, unit: int, places: int = 2) -> str:
    """Return `fen` in `unit` with thousands commas, rounded half up to `places`, trailing zeros cut."""
    value = (Decimal(fen) / unit).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan(fen: int) -> str:
    """Return `fen` as 万元 with its unit, e.g. 120 万元 (at most 2 decimals)."""
    return f"{in_unit(fen, WAN)} 万元"


def yi(fen: int) -> str:
    """Return `fen` as 亿元 with its unit and two decimals, e.g. 1.25 亿元."""
    value = (Decimal(fen) / YI).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{value:,f} 亿元"


def split(total: int, basis_points: list[int]) -> list[int]:
    """Split `total` 分 by shares in basis points (10,000 = all) so that the parts sum exactly.

    The last part takes the rounding. Raises Invalid when the shares do not sum to 10,000.
    """
    if sum(basis_points) != 10_000:
        raise Invalid({"milestones": "各期比例之和应为 100%"})
    parts = [total * share // 10_000 for share in basis_points]
    parts[-1] += total - sum(parts)
    return parts
