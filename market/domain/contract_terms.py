"""What the terms of a contract must agree with: payment, the price of a 职务成果, the parent contract, what registration still needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from market.domain import money
from market.domain.codes import ROYALTY_MODES
from market.domain.errors import Invalid
from market.domain.lifecycle import Facts

PERCENT = 100  # basis points
WHOLE_BP = 10_000
PUBLIC_NATURES = frozenset({"021", "022"})  # 科研机构, 高等院校 among the 事业法人
PRICED_TYPES = frozenset({"ZR", "XK"})
FILE_KINDS = {"contract": "签署的合同", "contract_notice": "单位内公示的证明", "contract_proof": "登记证明及其他"}  # kinds of attachments


def check_schedule(amount_fen: int, parts: Sequence[int]) -> None:
    """Raise Invalid unless the instalments (分) sum exactly to the price; no instalment at all is fine."""
    if parts and any(part <= 0 for part in parts):
        raise Invalid({"instalments": "每一期的金额都应大于 0"})
    difference = amount_fen - sum(parts)
    if parts and difference:
        word = "少" if difference > 0 else "多"
        raise Invalid({"instalments": f"各期合计 {money.wan(sum(parts))}，比成交额{word} {money.in_unit(abs(difference), money.YUAN)} 元"})


def check_payment(
    mode: str, amount_fen: int, parts: Sequence[int], entry_fee_fen: int | None, royalty_bp: int | None, royalty_base: str
) -> None:
    """Raise Invalid unless the way of paying and its numbers (分, basis points) fit together.

    Instalments sum exactly to the price; with 入门费加提成 they are those of the entry fee. A royalty is never an
    instalment: what it will bring is the rest of the (estimated) total.
    """
    if mode in ROYALTY_MODES:
        _check_royalty(mode, amount_fen, parts, entry_fee_fen, royalty_bp)
        return
    if entry_fee_fen or royalty_bp or royalty_base.strip():
        raise Invalid({"payment_mode": "填了入门费或提成，请把支付方式选为提成支付或入门费加提成"})
    if mode == "once" and len(parts) > 1:
        raise Invalid({"payment_mode": "写了多期，请把支付方式选为分期支付"})
    check_schedule(amount_fen, parts)


def _check_royalty(mode: str, amount_fen: int, parts: Sequence[int], entry_fee_fen: int | None, royalty_bp: int | None) -> None:
    if royalty_bp is not None and not 0 < royalty_bp <= WHOLE_BP:
        raise Invalid({"royalty": "提成比例应大于 0，不超过 100%"})
    if mode == "royalty":
        if entry_fee_fen:
            raise Invalid({"payment_mode": "有入门费，请把支付方式选为入门费加提成"})
        if parts:
            raise Invalid({"instalments": "提成按实际收益结算，不写分期；有固定付款的请选入门费加提成"})
        return
    if not entry_fee_fen:
        raise Invalid({"entry_fee": "请填写入门费"})
    if entry_fee_fen > amount_fen:
        raise Invalid({"entry_fee": "入门费不能超过预计的成交额"})
    try:
        check_schedule(entry_fee_fen, parts)
    except Invalid as error:
        raise Invalid({"instalments": error.fields["instalments"].replace("成交额", "入门费")}) from error


def payment_sentence(mode: str, amount_fen: int, entry_fee_fen: int | None, royalty_bp: int | None, royalty_base: str) -> str | None:
    """Return a royalty in words, fixed and estimated parts told apart; None for a price that is known."""
    if mode not in ROYALTY_MODES:
        return None
    fixed = entry_fee_fen or 0
    rate = f"按{royalty_base.strip() or '约定的收益'}的 {percent(royalty_bp)} 提成" if royalty_bp else "提成比例待补"
    first = f"入门费 {money.wan(fixed)}，另" if fixed else ""
    return f"{first}{rate}，预计 {money.wan(amount_fen - fixed)}"


def percent(basis_points: int | None) -> str:
    """Return basis points as percent without a float: 350 → 3.5%."""
    if basis_points is None:
        return "待补"
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%"


def price_asked(kind: str, nature: str | None, public_institution: bool) -> bool:
    """True when a contract may price a 职务成果: a public research body or university transfers or licenses (促进科技成果转化法)."""
    return kind in PRICED_TYPES and (public_institution or nature in PUBLIC_NATURES)


def price_refusal(facts: Facts) -> str | None:
    """Return why a contract may not be signed yet for want of the in-unit 公示 of an agreed price, or None: a guard of the table.

    Facts: price_asked, service_result, pricing, announced_from, announced_until, announced_where, announced_proof (a file
    is kept), signed_on, publicity_days (of the dated rule; None: no length is asked for).
    """
    if not facts.get("price_asked") or facts.get("service_result") is False:
        return None
    if facts.get("service_result") is None:
        return "卖方是国家设立的高校院所：请先在“修改合同”里说明是不是职务成果"
    if not facts.get("pricing"):
        return "请先在“修改合同”里选择职务成果的定价方式"
    if facts["pricing"] != "agreed":
        return None
    first, last = facts.get("announced_from"), facts.get("announced_until")
    if first is None or last is None:
        return "职务成果协议定价，要先在本单位公示成果名称和拟交易价格：请填写公示的起止日期"
    if not facts.get("announced_where") and not facts.get("announced_proof"):
        return "请上传单位内公示的证明，或写明公示的网址、文号"
    days, shown = facts.get("publicity_days"), (last - first).days + 1
    if days is not None and shown < days:
        return f"单位内公示了 {shown} 天，少于 {days} 天"
    signed_on = facts.get("signed_on")
    if isinstance(signed_on, date) and signed_on <= last:
        return f"签订日期应在公示期满（{last}）之后"
    return None


def check_announced(first: date | None, last: date | None) -> None:
    """Raise Invalid when a 公示 would end before it begins."""
    if first and last and last < first:
        raise Invalid({"announced_until": "公示结束不能早于开始"})


def months_later(day: date, months: int) -> date:
    """Return the day `months` later, the last of the month where that month is shorter (31 January + 1 → 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = 31
    while True:
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            last -= 1


def parent_refusal(kind: str, parent_state: str, parent_has_parent: bool) -> str | None:
    """Return why a contract may not hang on this parent, or None.

    A change of what is registered is a dated adjustment of the registered contract, never a second contract that counts.
    """
    if parent_has_parent:
        return "所选的合同本身挂在另一份合同下，请选最上面的那一份"
    if kind == "change" and parent_state == "registered":
        return "原合同已经登记：请在原合同上登记变更，增加或减少的金额记在那里"
    return None


_PARTY = (
    ("credit_code", "信用代码"),
    ("nature", "单位性质"),
    ("address", "地址"),
    ("legal_person", "法定代表人"),
    ("contact", "联系人"),
    ("phone", "电话"),
)
_SIMPLE = (
    ("technical_amount", "technical_amount_fen", "技术交易额"), ("signed_on", "signed_on", "签订日期"), ("starts_on", "starts_on", "起始日期"),
    ("ends_on", "ends_on", "终止日期"), ("field", "field", "技术领域"), ("ip_type", "ip_type", "知识产权"),
    ("plan_source", "plan_source", "计划来源"), ("goal_code", "goal_code", "社会经济目标"), ("industry", "industry", "国民经济行业"),
)  # fmt: skip


def still_needed(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the registration form will still ask for: (id of the field in the form, its name), in the form's order.

    `values` holds columns of a contract, `instalments` and the blocks `seller` and `buyer`. None of it stands in the way of
    recording or signing.
    """
    found = [(field, word) for field, name, word in _SIMPLE if not values.get(name)]
    if not values.get("related_stated"):
        found.append(("related", "是否关联交易"))
    mode = values.get("payment_mode")
    if mode == "instalments" and not values.get("instalments"):
        found.append(("instalments", "分期安排"))
    if mode in ROYALTY_MODES and not (values.get("royalty_bp") and values.get("royalty_base")):
        found.append(("royalty", "提成比例和基数"))
    if values.get("type") == "ZR":
        found += [
            (field, word)
            for field, word in (("new_investment", "预计新增投入"), ("new_output", "预计新增产值"))
            if not values.get(f"{field}_fen")
        ]
    for side, word in (("seller", "卖方"), ("buyer", "买方")):
        block = values.get(side) or {}
        found += [(f"{side}-{name}", f"{word}{said}") for name, said in _PARTY if not block.get(name)]
    return found
