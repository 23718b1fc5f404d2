"""The life of a technology contract (技术合同), and what of it counts toward the goal."""

from __future__ import annotations

from market.domain.codes import DISTRICT
from market.domain.lifecycle import Facts, Lifecycle, Step, require
from market.domain.permissions import Permission as P


def _amounts_fit(facts: Facts) -> str | None:
    total, technical = facts.get("amount_fen"), facts.get("technical_amount_fen")
    if not total:
        return "请填写成交额"
    if technical is None or not 0 < technical <= total:
        return "技术交易额应大于 0 且不超过成交额"
    return None


CONTRACT = Lifecycle(
    subject="contract",
    states={
        "draft": "洽谈中",
        "signed": "已签订",
        "filed": "登记已受理",
        "returned": "登记补正",
        "registered": "已登记",
        "refused": "不予登记",
        "cancelled": "已注销登记",
        "abandoned": "未成交",
    },
    tones={
        "draft": "neutral",
        "signed": "open",
        "filed": "waiting",
        "returned": "waiting",
        "registered": "done",
        "refused": "stopped",
        "cancelled": "stopped",
        "abandoned": "stopped",
    },
    steps=(
        Step(
            "sign",
            "记为已签订",
            ("draft",),
            "signed",
            P.EDIT_CONTRACT,
            (_amounts_fit, require("signed_on", "请填写签订日期"), require("type", "请选择合同类型")),
        ),
        Step("file", "登记机构已受理", ("signed", "returned", "refused"), "filed", P.REGISTER_CONTRACT),
        Step("return", "登记机构要求补正", ("filed",), "returned", P.REGISTER_CONTRACT, needs_reason=True),
        Step("refuse", "登记机构不予登记", ("filed", "returned"), "refused", P.REGISTER_CONTRACT, needs_reason=True),
        Step(
            "register",
            "填写登记编号和日期",
            ("signed", "filed", "returned"),
            "registered",
            P.REGISTER_CONTRACT,
            (_amounts_fit, require("registration_number", "请填写 16 位登记编号"), require("registered_on", "请填写登记日期")),
        ),
        Step("cancel", "注销登记", ("registered",), "cancelled", P.REGISTER_CONTRACT, needs_reason=True),
        Step("abandon", "未成交", ("draft",), "abandoned", P.EDIT_CONTRACT, needs_reason=True),
    ),
)
UNREGISTERED_SIGNED = ("signed", "filed", "returned")


def flow(seller_region: str, buyer_region: str) -> str:
    """Return output (输出), intake (吸纳), inner (区内循环) or outside, by the places of seller and buyer.

    Only a contract whose seller is in the district counts toward the goal: a contract is registered
    once, by the seller, at the seller's place (技术合同认定登记管理办法).
    """
    seller, buyer = seller_region == DISTRICT, buyer_region == DISTRICT
    if seller:
        return "inner" if buyer else "output"
    return "intake" if buyer else "outside"


FLOW_WORDS = {"output": "输出", "intake": "吸纳", "inner": "区内循环", "outside": "区外"}


def counts_toward_goal(state: str, seller_region: str) -> bool:
    """True when a contract is 已登记 with a seller in the district (310107)."""
    return state == "registered" and seller_region == DISTRICT
