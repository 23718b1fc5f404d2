"""The record of a contract: both sides and the terms, checked and written; the cost list and what is worked out from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from market.db import db
from market.domain import codes, costs, money
from market.domain import contract_terms as terms
from market.domain import contracts as rules
from market.domain.errors import Invalid
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Contract, CostLine, Instalment, Organisation
from market.queries import contract_parties as parties
from market.queries import contracts as queries

SCALARS = (
    "title", "type", "subtype", "starts_on", "ends_on", "amount_fen", "technical_amount_fen", "payment_mode", "entry_fee_fen",
    "royalty_bp", "royalty_base", "related_parties", "related_stated", "plan_source", "ip_type", "field", "goal_code", "industry",
    "new_investment_fen", "new_output_fen", "note", "parent_id", "parent_kind", "service_result", "pricing", "announced_from",
    "announced_until", "announced_where",
)  # fmt: skip


def snapshot(contract: Contract) -> dict[str, Any]:
    """Return every term in plain values, for the history to compare before and after."""
    found = {name: _plain(getattr(contract, name)) for name in SCALARS}
    found["instalments"] = [[part.name, _plain(part.due_on), part.amount_fen] for part in contract.instalments]
    found["costs"] = [[line.kind, line.name, line.amount_fen] for line in contract.costs]
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def write_side(contract: Contract, side: str, organisation: Organisation | None, block: Mapping[str, Any]) -> None:
    """Copy one side: a known organisation's own particulars win over what was typed for name, code and region."""
    known_id = getattr(contract, f"{side}_id")
    if organisation is None and known_id is None:
        organisation = queries.organisation_by_code(str(block.get("credit_code") or ""))
    facts = {key: value for key, value in block.items() if key not in {"name", "region"} and value not in (None, "")}
    if organisation is not None:
        setattr(contract, f"{side}_id", organisation.id)
        setattr(contract, f"{side}_name", organisation.name)
        setattr(contract, f"{side}_region", organisation.region)
        facts = parties.party_facts(organisation) | facts | {"credit_code": organisation.credit_code or ""}
    elif known_id is None:
        word = "卖方" if side == "seller" else "买方"
        name, region = str(block.get("name") or "").strip(), str(block.get("region") or "")
        if not name or region not in codes.REGIONS:
            raise Invalid({f"{side}_name": f"请填写{word}的名称和注册地"})
        setattr(contract, f"{side}_name", name[:120])
        setattr(contract, f"{side}_region", region)
    elif facts:  # the form of a known side carries no code: it stays as it was copied
        facts["credit_code"] = getattr(contract, f"{side}_facts").get("credit_code", "")
    if facts:
        setattr(contract, f"{side}_facts", facts)
    setattr(contract, f"{side}_kind", rules.party_kind(getattr(contract, f"{side}_name"), getattr(contract, f"{side}_facts")))
    if contract.seller_id and contract.seller_id == contract.buyer_id:
        raise Invalid({f"{side}_name": "买卖双方不能是同一单位"})


def write_terms(contract: Contract, values: Mapping[str, Any], actor: Actor) -> None:
    """Write the terms after checking the rules of amounts, cost list, payment, type, days and parent. Raises Invalid."""
    title = str(values.get("title") or "").strip()
    if not title:
        raise Invalid({"title": "请填写项目名称"})
    rules.check_kind(values.get("type") or "", values.get("subtype") or "")
    rules.check_amounts(values.get("amount_fen"), values.get("technical_amount_fen"))
    rules.check_days(values.get("starts_on"), values.get("ends_on"))
    terms.check_announced(values.get("announced_from"), values.get("announced_until"))
    parts, lines = list(values.get("instalments") or []), list(values.get("costs") or [])
    _check_payment(values, [fen for _name, _due, fen in parts])
    _check_parent(contract, values, actor)
    for name in SCALARS:
        if name in values:
            setattr(contract, name, values[name])
    contract.title = title[:200]
    contract.technical_amount_fen = _technical(values["amount_fen"], values.get("technical_amount_fen"), lines)
    contract.instalments = [
        Instalment(position=position, name=name, due_on=due, amount_fen=fen) for position, (name, due, fen) in enumerate(parts, 1)
    ]
    contract.costs = [
        CostLine(position=position, kind=kind, name=name[:120], amount_fen=fen) for position, (kind, name, fen) in enumerate(lines, 1)
    ]


def _check_payment(values: Mapping[str, Any], parts: list[int]) -> None:
    mode = values.get("payment_mode") or "once"
    if mode not in codes.PAYMENT_MODES:
        raise Invalid({"payment_mode": "请选择支付方式"})
    terms.check_payment(
        mode, values["amount_fen"], parts, values.get("entry_fee_fen"), values.get("royalty_bp"), values.get("royalty_base") or ""
    )


def _technical(amount_fen: int, typed_fen: int | None, lines: list[costs.Line]) -> int | None:
    """Return 技术交易额: worked out where there is a cost list, and then what was typed must say the same."""
    if not lines:
        return typed_fen
    found = costs.technical_amount(amount_fen, lines)
    if typed_fen is not None and typed_fen != found:
        raise Invalid({"technical_amount": f"按费用清单应是 {money.in_unit(found, money.WAN, 6)} 万元；请改成这个数，或者改费用清单"})
    return found


def _check_parent(contract: Contract, values: Mapping[str, Any], actor: Actor) -> None:
    """Raise Invalid unless the named parent is a contract the actor sees, with a side in common, and itself without a parent."""
    parent_id, kind = values.get("parent_id"), values.get("parent_kind") or ""
    if parent_id is None:
        if kind:
            raise Invalid({"parent": "请选择原合同，或者不选与原合同的关系"})
        return
    parent = db.session.get(Contract, parent_id)
    if parent is None or not may(actor, P.SEE_CONTRACT, parent.subject) or parent.id == contract.id:
        raise Invalid({"parent": "没有找到这份原合同"})
    if kind not in codes.PARENT_KINDS:
        raise Invalid({"parent_kind": "请选择与原合同的关系"})
    if not {parent.seller_name, parent.buyer_name} & {contract.seller_name, contract.buyer_name}:
        raise Invalid({"parent": "原合同与这份合同没有共同的一方"})
    if contract.id is not None and queries.children(contract.id):
        raise Invalid({"parent": "已有合同挂在这份合同下，它不能再挂在别的合同下"})
    refusal = terms.parent_refusal(kind, parent.state, parent.parent_id is not None)
    if refusal and (parent_id, kind) != (contract.parent_id, contract.parent_kind):
        raise Invalid({"parent": refusal})
