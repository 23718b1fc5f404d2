"""The life of a technology contract (技术合同), and what of it counts toward the goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from market.domain import money
from market.domain.codes import CONTRACT_SUBTYPES, CONTRACT_TYPES, DISTRICT, city_of, region_name
from market.domain.contract_terms import price_refusal
from market.domain.errors import Invalid
from market.domain.lifecycle import Facts, Lifecycle, Step, forbid, require
from market.domain.permissions import Permission as P


def _amounts_fit(facts: Facts) -> str | None:
    total, technical = facts.get("amount_fen"), facts.get("technical_amount_fen")
    if not total:
        return "请填写成交额"
    if technical is None or not 0 < technical <= total:
        return "技术交易额应大于 0 且不超过成交额"
    return None


_COUNTED_IN_PARENT = forbid("changes_registered", "原合同已经登记：变更请在原合同上登记变更，不另行登记")

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
            (_amounts_fit, require("signed_on", "请填写签订日期"), require("type", "请选择合同类型"), price_refusal),
        ),
        Step("file", "登记机构已受理", ("signed", "returned", "refused"), "filed", P.REGISTER_CONTRACT, (_COUNTED_IN_PARENT,)),
        Step("return", "登记机构要求补正", ("filed",), "returned", P.REGISTER_CONTRACT, needs_reason=True),
        Step("refuse", "登记机构不予登记", ("filed", "returned"), "refused", P.REGISTER_CONTRACT, needs_reason=True),
        Step(
            "register",
            "填写登记编号和日期",
            ("signed", "filed", "returned"),
            "registered",
            P.REGISTER_CONTRACT,
            (
                _COUNTED_IN_PARENT,
                _amounts_fit,
                require("registration_number", "请填写 16 位登记编号"),
                require("registered_on", "请填写登记日期"),
            ),
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


def place_remark(seller_region: str, credit_code: str) -> str | None:
    """Return the remark on a seller whose 统一社会信用代码 was given by another district's or city's registry than its place says.

    Digits 3 to 8 of the code are the registering authority's division (GB 32100). The code stays when an organisation moves, and a
    municipal or provincial authority's says nothing about the district, so this is a hint to look, never a ruling.
    """
    area = credit_code[2:8]
    if len(credit_code) != 18 or not (area.isascii() and area.isdigit()):
        return None
    if area[:2] == seller_region[:2] and (area.endswith("00") or city_of(area) == city_of(seller_region)):
        return None
    return f"统一社会信用代码是{region_name(area)}的登记机关给的，请按营业执照或法人证书核对注册地"


FLOW_WORDS = {"output": "输出", "intake": "吸纳", "inner": "区内循环", "outside": "区外"}


def counts_toward_goal(state: str, seller_region: str) -> bool:
    """True when a contract is 已登记 with a seller in the district (310107)."""
    return state == "registered" and seller_region == DISTRICT


PARTY_KINDS = {
    "enterprise": "企业",
    "institute": "高校院所",
    "medical": "医疗卫生机构",
    "government": "机关",
    "person": "自然人",
    "other": "其他",
}
_KIND_BY_NATURE = {"01": "government", "021": "institute", "022": "institute", "023": "medical", "400": "person"}
_KIND_BY_WORD = (
    ("medical", ("医院", "卫生院", "疾控")),
    ("enterprise", ("公司", "厂", "集团", "合作社", "事务所")),
    ("institute", ("大学", "学院", "研究院", "研究所", "实验室", "科学院", "研究中心", "设计院")),
    ("government", ("局", "委员会", "人民政府", "管委会")),
)


def party_kind(name: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return the kind of a side of a contract: by its 性质 code where known, else by its name.

    The registry's lists often carry no 性质; the page that shows the split says so.
    """
    nature = str((facts or {}).get("nature") or "")
    for prefix, kind in _KIND_BY_NATURE.items():
        if nature.startswith(prefix):
            return kind
    if nature[:1] in {"1", "2", "3"}:
        return "enterprise"
    return next((kind for kind, words in _KIND_BY_WORD if any(word in name for word in words)), "other")


_TYPE_OF_MODE = {
    "commissioned": ("KF", "entrusted"),
    "joint": ("KF", "cooperative"),
    "platform": ("KF", "cooperative"),
    "transfer": ("ZR", "secret"),
    "equity": ("ZR", "secret"),
    "licence": ("XK", "secret_licence"),
    "trial": ("XK", "secret_licence"),
    "consulting": ("ZX", "consulting"),
    "service": ("FW", "general"),
}


def type_of_modes(modes: Sequence[str], ip_type: str | None = None) -> tuple[str, str]:
    """Return the contract type and subtype that the agreed cooperation modes suggest; the parties may correct it."""
    kind, subtype = next((_TYPE_OF_MODE[mode] for mode in modes if mode in _TYPE_OF_MODE), ("KF", "entrusted"))
    if ip_type in {"invention", "utility", "design"}:
        subtype = {"ZR": "patent_right", "XK": "patent_licence"}.get(kind, subtype)
    elif kind == "ZR" and ip_type in CONTRACT_SUBTYPES["ZR"]:
        subtype = str(ip_type)
    return kind, subtype


def kind_choices() -> dict[str, dict[str, str]]:
    """Return type and subtype as one grouped choice (value KF:entrusted), so that it needs no script."""
    return {
        CONTRACT_TYPES[kind]: {f"{kind}:{subtype}": word for subtype, word in subtypes.items()}
        for kind, subtypes in CONTRACT_SUBTYPES.items()
    }


COLUMN_WORDS = {
    "title": "项目名称",
    "type": "合同类型",
    "subtype": "合同子类",
    "starts_on": "起始日期",
    "ends_on": "终止日期",
    "amount_fen": "成交额",
    "technical_amount_fen": "技术交易额",
    "payment_mode": "支付方式",
    "entry_fee_fen": "入门费",
    "royalty_bp": "提成比例",
    "royalty_base": "提成基数",
    "related_parties": "关联交易",
    "related_stated": "是否关联交易",
    "plan_source": "计划来源",
    "ip_type": "知识产权",
    "field": "技术领域",
    "goal_code": "社会经济目标",
    "industry": "国民经济行业",
    "new_investment_fen": "预计新增投入",
    "new_output_fen": "预计新增产值",
    "parent_id": "原合同",
    "parent_kind": "与原合同的关系",
    "service_result": "职务成果",
    "pricing": "定价方式",
    "announced_from": "公示开始",
    "announced_until": "公示结束",
    "announced_where": "公示的网址或文号",
    "note": "备注",
}


def check_kind(kind: str, subtype: str) -> None:
    """Raise Invalid unless `subtype` belongs to the contract type `kind`."""
    if subtype not in CONTRACT_SUBTYPES.get(kind, {}):
        raise Invalid({"kind": "请选择合同类型"})


def check_amounts(amount_fen: int | None, technical_fen: int | None) -> None:
    """Raise Invalid unless 0 < 技术交易额 ≤ 成交额 (技术交易额 may still be open)."""
    if not amount_fen:
        raise Invalid({"amount": "请填写成交额"})
    if amount_fen > money.MAX_FEN:
        raise Invalid({"amount": "金额超出范围"})
    if technical_fen is not None and not 0 < technical_fen <= amount_fen:
        raise Invalid({"technical_amount": "技术交易额应大于 0 且不超过成交额"})


def check_days(starts_on: date | None, ends_on: date | None) -> None:
    """Raise Invalid when a contract would end before it starts."""
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid({"ends_on": "终止日期不能早于起始日期"})


def early_flag(signed_on: date | None, settled_on: date | None, what: str) -> str | None:
    """Return the remark on a contract signed before what it came from was settled (选定, 对接), or None.

    Such a contract is recorded and flagged, never refused.
    """
    if signed_on is None:
        return None
    if settled_on is None:
        return f"签订时尚未{what}"
    return f"签订日期 {signed_on} 早于{what}日期 {settled_on}" if signed_on < settled_on else None


def paid_remark(amount_fen: int, paid_fen: int) -> str | None:
    """Return the remark on payments above the price: recorded, flagged, never refused."""
    if paid_fen <= amount_fen:
        return None
    return f"到账合计 {money.wan(paid_fen)}，超过成交额 {money.wan(paid_fen - amount_fen)}，请核对"


def differences(now: Mapping[str, Any], typed: Mapping[str, Any]) -> list[str]:
    """Return in words which columns of a contract differ from what somebody typed on an older page."""
    found = []
    for name, word in COLUMN_WORDS.items():
        if name in typed and now.get(name) != typed[name]:
            value = now.get(name)
            shown = (
                money.wan(value)
                if name.endswith("_fen") and value is not None
                else value
                if name in {"title", "starts_on", "ends_on"}
                else None
            )
            found.append(f"{word}：现在是 {shown}" if shown else f"{word}与您填写的不同")
    return found
