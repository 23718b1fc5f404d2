"""合作开发 over two places: each developing side registers its own share at its place, and each share is a contract of its own.

The shares sum exactly to the whole price. A district has one share of a joint contract at most: sides of one district are
registered together, by one of them (a unique index holds that). So every total that is a sum of rows counts each side's
share where that side is registered, and nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market.domain import codes, money
from market.domain.errors import Invalid

MODES = ("once", "instalments")  # royalties are settled before a share can be named


@dataclass(frozen=True)
class Share:
    """One other side of a joint contract with what of the price is its own (分)."""

    name: str
    region: str
    amount_fen: int
    technical_fen: int
    credit_code: str = ""


def own_share(total_fen: int, technical_fen: int, region: str, others: Sequence[Share]) -> tuple[int, int]:
    """Return 成交额 and 技术交易额 that stay with the side in `region` once the others have theirs.

    Raises Invalid: no other side, a place twice, a share that is not positive or leaves nothing, 技术交易额 above its 成交额.
    """
    if not others:
        raise Invalid({"name": "请至少填写一个合作方"})
    places = [region, *(share.region for share in others)]
    if len(set(places)) != len(places):
        raise Invalid({"region": "同一个区的各方由其中一方登记，请合成一份份额"})
    for share in others:
        if not share.name.strip() or share.region not in codes.REGIONS:
            raise Invalid({"name": "请填写合作方的名称和注册地"})
        if share.amount_fen <= 0 or not 0 < share.technical_fen <= share.amount_fen:
            raise Invalid({"amount": "份额应大于 0，其中的技术交易额应大于 0 且不超过份额"})
    own, technical = total_fen - sum(share.amount_fen for share in others), technical_fen - sum(share.technical_fen for share in others)
    if own <= 0 or not 0 < technical <= own:
        raise Invalid({"amount": f"其他各方的份额太大：本方只剩 {money.wan(own)}，其中技术交易额 {money.wan(technical)}"})
    return own, technical


def scaled(parts: Sequence[int], total_fen: int, own_fen: int) -> list[int]:
    """Return amounts that summed to `total_fen` scaled so that they sum exactly to `own_fen`; the last takes the rounding."""
    if not parts:
        return []
    found = [part * own_fen // total_fen for part in parts]
    found[-1] += own_fen - sum(found)
    return found
