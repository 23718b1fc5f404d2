"""技术交易额 from a cost list: the price less what is not technology (domain rules of 认定登记; which costs the office accepts is its word)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market.domain import money
from market.domain.errors import Invalid


@dataclass(frozen=True)
class CostKind:
    """One kind of cost; `counted` says whether it stays in 技术交易额."""

    word: str
    counted: bool
    note: str = ""


# 认定规则: 技术交易额 is the total less equipment, instruments, parts and raw material; carriers of the technology in reasonable
# numbers (copies, media, samples, usually one or two sets of equipment) stay in. 待核 against the rules annexed to the 2026 办法.
KINDS: dict[str, CostKind] = {
    "technology": CostKind("技术费用", True),
    "labour": CostKind("研究人员与技术劳务", True),
    "trial": CostKind("设计、试验、测试", True),
    "licence": CostKind("技术使用费", True),
    "carrier": CostKind("技术载体", True, "交付技术必需的文件、样品、样机，数量合理的不扣"),
    "equipment": CostKind("设备、仪器", False),
    "parts": CostKind("零部件", False),
    "material": CostKind("原材料", False),
    "outside": CostKind("外购、外协等非技术费用", False),
}
Line = tuple[str, str, int]  # kind, name, 分


def choices() -> dict[str, dict[str, str]]:
    """Return the kinds in two groups, as a grouped choice."""
    return {
        "要扣除的": {code: kind.word for code, kind in KINDS.items() if not kind.counted},
        "计入技术交易额的": {code: kind.word for code, kind in KINDS.items() if kind.counted},
    }


def taken_out(lines: Sequence[Line]) -> int:
    """Return the sum (分) of the lines that are not technology."""
    return sum(fen for kind, _name, fen in lines if not KINDS[kind].counted)


def technical_amount(amount_fen: int, lines: Sequence[Line]) -> int:
    """Return 技术交易额 in 分: the price less the lines to be taken out.

    A list that also names what is counted must cover the whole price to the 分; one that names only what is taken out
    need not. Raises Invalid beside `costs`.
    """
    if any(kind not in KINDS for kind, _name, _fen in lines):
        raise Invalid({"costs": "请选择费用的类别"})
    if any(fen <= 0 for _kind, _name, fen in lines):
        raise Invalid({"costs": "费用清单的每一行都要写金额，并且大于 0"})
    out, total = taken_out(lines), sum(fen for _kind, _name, fen in lines)
    if out >= amount_fen:
        raise Invalid({"costs": f"要扣除的费用合计 {money.wan(out)}，没有给技术交易额留下金额，请核对"})
    if total != out and total != amount_fen:
        word = "少" if total < amount_fen else "多"
        gap = money.in_unit(abs(amount_fen - total), money.YUAN)
        raise Invalid({"costs": f"费用清单合计 {money.wan(total)}，比成交额{word} {gap} 元；只写要扣除的费用也可以"})
    return amount_fen - out


def sentence(amount_fen: int, lines: Sequence[Line]) -> str:
    """Return in words how the figure came about: 128.6 万元 − 设备、仪器 18.6 万元 = 110 万元."""
    parts = [f"{KINDS[kind].word} {money.wan(fen)}" for kind, _name, fen in lines if not KINDS[kind].counted]
    if not parts:
        return f"没有要扣除的费用，技术交易额等于成交额 {money.wan(amount_fen)}"
    return f"{money.wan(amount_fen)} − {' − '.join(parts)} = {money.wan(amount_fen - taken_out(lines))}"
