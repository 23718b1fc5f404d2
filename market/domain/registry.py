"""The registry's list against the market's contracts: what of a row differs, and what a difference would change.

The registry (登记机构) is right about what it registered. A difference of amount is never written over what was first
reported: it becomes a dated adjustment (变更). What else differs is corrected in the record, with its history.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from market.domain import codes, money
from market.domain.contracts import COLUMN_WORDS

AMOUNTS = ("amount_fen", "technical_amount_fen")
COMPARED = (
    "title", "type", "subtype", "field", "ip_type", "amount_fen", "technical_amount_fen", "signed_on", "registered_on", "seller_name",
    "seller_region", "buyer_name", "buyer_region",
)  # fmt: skip
WORDS = {
    **COLUMN_WORDS, "signed_on": "签订日期", "registered_on": "登记日期", "seller_name": "卖方", "seller_region": "卖方注册地", "buyer_name": "买方",
    "buyer_region": "买方注册地", "state": "状态",
}  # fmt: skip
_GROUPS = {
    "type": "contract_type", "subtype": "contract_subtype", "field": "field", "ip_type": "ip_type", "seller_region": "region", "buyer_region": "region",
}  # fmt: skip
STATES = {  # of a row of the registry's list, once it has been held against the market
    "good": "新合同",
    "same": "一致",
    "differs": "有差异",
    "suggested": "可能是本站的合同",
    "refused": "有问题",
    "duplicate": "重复、合计或示例行",
    "written": "已导入",
    "settled": "已采用",
    "kept": "保留本站的",
}
OPEN = ("differs", "suggested")


def folded(name: str) -> str:
    """Return a name without width and blanks, as two lists write the same one."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).replace("(", "（").replace(")", "）")


def differences(ours: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return which columns of a registered contract differ from the registry's row: {name: [ours, theirs]}.

    `ours` holds the columns with amounts after all adjustments and days as ISO text; what the row leaves empty is not compared.
    A contract that is not 已登记 here although the registry lists it differs in `state`, which no import can settle.
    """
    found: dict[str, list[Any]] = {}
    if ours["state"] != "registered":
        found["state"] = [ours["state"], "registered"]
    for name in COMPARED:
        theirs = row.get(name)
        if theirs in (None, "") or _same(name, ours.get(name), theirs):
            continue
        found[name] = [ours.get(name), theirs]
    return found


def _same(name: str, ours: Any, theirs: Any) -> bool:
    if name in {"title", "seller_name", "buyer_name"}:
        return folded(str(ours or "")) == folded(str(theirs))
    if name.endswith("_region"):
        return codes.city_of(str(ours or "")) == codes.city_of(str(theirs))
    return bool(ours == theirs)


def shown(name: str, value: Any) -> str:
    """Return one side of a difference in words."""
    if value in (None, ""):
        return "未填"
    if name in AMOUNTS:
        return f"{money.in_unit(int(value), money.YUAN)} 元"
    return codes.label(_GROUPS[name], str(value)) if name in _GROUPS else str(value)
