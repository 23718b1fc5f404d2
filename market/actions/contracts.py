"""Contracts: write, change, sign, bring to registration, adjust; payments received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from market.actions import contract_record as record
from market.actions import duplicates, history, notices, outcomes, search, steps
from market.db import db, transaction
from market.domain import clock, identifiers, money
from market.domain import contracts as rules
from market.domain.challenges import CHALLENGE
from market.domain.contacts import CONTACT
from market.domain.contracts import CONTRACT
from market.domain.errors import IllegalStep, Invalid, Stale
from market.domain.permissions import Actor, Role, Subject, demand
from market.domain.permissions import Permission as P
from market.models import Adjustment, Bid, Challenge, Contact, Contract, Payment
from market.queries import accounts
from market.queries import contract_guards as guards
from market.queries import contract_sources as sources
from market.queries import contracts as queries

EDITABLE = ("draft", "signed", "filed", "returned", "refused")
SIGNATORIES = frozenset({Role.ORG_ADMIN, Role.TTO})


def create(values: Mapping[str, Any], actor: Actor, source: sources.Source | None = None) -> Contract:
    """Write a draft contract; what `source` knows and `values` does not say is copied.

    `values` holds columns of Contract, `seller` and `buyer` (dicts: name, region, credit_code and the
    other columns of the form's party block), `instalments` (name, due date or None, 分), `costs` (kind, name, 分)
    and, for one that is signed already, `signed_on`. Raises Forbidden unless the actor's organisation is a side (or the actor is staff), Invalid.
    """
    source = source or sources.blank(None, "")
    merged = {**source.values, **{key: value for key, value in values.items() if value is not None}}
    contract = Contract(source=source.kind, author_id=actor.id, state="draft", **source.links)
    for side in ("seller", "buyer"):
        record.write_side(contract, side, getattr(source, side), merged.get(side) or {})
    demand(actor, P.CREATE_CONTRACT, Subject(parties=contract.subject.parties))
    record.write_terms(contract, merged, actor)
    with transaction() as session:
        session.add(contract)
        contract.is_sample = any(org is not None and org.is_sample for org in (source.seller, source.buyer))
        session.flush()
        history.record(
            "contract", contract.id, "create", actor, to_state="draft", detail={"source": source.kind}, is_sample=contract.is_sample
        )
        _tell(contract, actor, "created", "对方起草了一份技术合同", f"《{contract.title}》已录入，请核对双方信息和金额。")
        if merged.get("signed_on"):
            take_step(contract, "sign", actor, {"signed_on": merged["signed_on"]})
    return contract


def create_from_bid(bid: Bid, actor: Actor, values: Mapping[str, Any] | None = None) -> Contract:
    """Write the draft contract of a chosen bid; raises IllegalStep before the choice, Invalid when the price is 面议 and not given."""
    source = sources.from_bid(bid.id)
    if source is None:
        raise IllegalStep("选定之后才能起草合同")
    return create(values or {}, actor, source)


def create_from_contact(contact: Contact, actor: Actor, values: Mapping[str, Any] | None = None) -> Contract:
    """Write the draft contract of an accepted contact; raises IllegalStep before acceptance, Invalid without an amount."""
    source = sources.from_contact(contact.id)
    if source is None:
        raise IllegalStep("对方同意对接之后才能起草合同")
    return create(values or {}, actor, source)


def edit(contract: Contract, values: Mapping[str, Any], actor: Actor, version: int | None = None) -> None:
    """Change a contract that is not registered yet; a registered one changes only by dated adjustments.

    Raises Forbidden, Stale, IllegalStep, Invalid.
    """
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    if version is not None and version != contract.version:
        raise Stale(changes=rules.differences({name: getattr(contract, name) for name in record.SCALARS}, values))
    if contract.state not in EDITABLE:
        raise IllegalStep("已登记的合同不再修改；金额有变化请登记变更，会另记一笔")
    with transaction() as session:
        before = record.snapshot(contract)
        for side in ("seller", "buyer"):
            record.write_side(contract, side, None, values.get(side) or {})
        record.write_terms(contract, values, actor)
        if contract.state != "draft" and contract.technical_amount_fen is None:
            raise Invalid({"technical_amount": "已签订的合同请写明技术交易额"})
        after = record.snapshot(contract)
        changed = {name: [old, after[name]] for name, old in before.items() if after[name] != old}
        session.flush()
        history.record("contract", contract.id, "edit", actor, detail={"changed": changed}, is_sample=contract.is_sample)
        if contract.state != "draft":
            duplicates.look([contract.id])


def take_step(contract: Contract, name: str, actor: Actor, values: Mapping[str, Any] | None = None, version: int | None = None) -> None:
    """Take one step of the contract's life with what the step asks for (dates, number, reason).

    `values`: signed_on (sign), filed_on (file), registration_number, registered_on and registry_office
    (register), on (cancel), reason. Raises Forbidden, IllegalStep, Invalid, Stale.
    """
    values = values or {}
    step = CONTRACT.step(name)
    demand(actor, step.permission, contract.subject)
    steps.check_version(contract, version)
    asked_later = {"signed_on": values.get("signed_on") or True, "registration_number": True, "registered_on": True}
    CONTRACT.take(contract.state, name, {**_facts(contract), **values, **asked_later})
    reason = str(values.get("reason") or "").strip()[:300] or None
    with transaction():
        detail = _STEP_WORK[name](contract, values, actor) if name in _STEP_WORK else {}
        contract.state_reason = reason
        db.session.flush()
        steps.take(contract, CONTRACT, name, actor, _facts(contract), reason=reason, detail=detail)
        if contract.state in {"signed", "filed", "registered"}:
            _settle_sources(contract, actor)
            outcomes.of_contract(contract, actor.id)
        if name == "sign":  # not at registration: a case points to both contracts, and both may be taking one number at the moment
            duplicates.look([contract.id])
        _tell_step(contract, actor, name, reason)


def _facts(contract: Contract) -> dict[str, Any]:
    """Return what the guards of the table ask about."""
    names = (
        "amount_fen", "technical_amount_fen", "signed_on", "type", "registration_number", "registered_on", "service_result", "pricing",
        "announced_from", "announced_until", "announced_where",
    )  # fmt: skip
    return {name: getattr(contract, name) for name in names} | guards.of_contract(contract)


def _day(values: Mapping[str, Any], name: str, word: str, not_before: date | None = None) -> date:
    day = values.get(name)
    if not isinstance(day, date):
        raise Invalid({name: f"请填写{word}"})
    if day > clock.today():
        raise Invalid({name: f"{word}不能晚于今天"})
    if not_before and day < not_before:
        raise Invalid({name: f"{word}不能早于 {not_before}"})
    return day


def _sign(contract: Contract, values: Mapping[str, Any], _actor: Actor) -> dict[str, Any]:
    contract.signed_on = _day(values, "signed_on", "签订日期")
    contract.early_or_elsewhere = sources.early_remark(contract, contract.signed_on)
    return {"signed_on": contract.signed_on.isoformat(), "flag": contract.early_or_elsewhere}


def _file(contract: Contract, values: Mapping[str, Any], _actor: Actor) -> dict[str, Any]:
    contract.filed_on = _day(values, "filed_on", "受理日期", contract.signed_on)
    return {"filed_on": contract.filed_on.isoformat()}


def _register(contract: Contract, values: Mapping[str, Any], _actor: Actor) -> dict[str, Any]:
    number = identifiers.registration_number(str(values.get("registration_number") or ""))
    other = queries.by_number(number)
    if other is not None and other.id != contract.id:
        raise Invalid({"registration_number": "这个编号已经用在另一份合同上，请核对登记证明"})
    contract.registration_number = number
    contract.registered_on = _day(values, "registered_on", "登记日期", contract.signed_on)
    contract.registry_office = str(values.get("registry_office") or "")[:80]
    return {"number": number, "registered_on": contract.registered_on.isoformat()}


def _cancel(contract: Contract, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    on = _day(values, "on", "注销日期", contract.registered_on)
    amount, technical = net_amounts(contract)
    _append(contract, "cancel", on, -amount, -technical, str(values.get("reason") or ""), actor)
    return {"on": on.isoformat(), "delta_fen": -amount}


_STEP_WORK = {"sign": _sign, "file": _file, "register": _register, "cancel": _cancel}


def net_amounts(contract: Contract) -> tuple[int, int]:
    """Return 成交额 and 技术交易额 (分) after all adjustments so far."""
    amount = contract.amount_fen + sum(a.delta_fen for a in contract.adjustments)
    return amount, (contract.technical_amount_fen or 0) + sum(a.technical_delta_fen for a in contract.adjustments)


def adjust(contract: Contract, values: Mapping[str, Any], actor: Actor) -> Adjustment:
    """Append a dated change (+/−) to a registered contract; what was first reported stays.

    `values`: on, delta_fen, technical_delta_fen, reason. Raises Forbidden, IllegalStep, Invalid.
    """
    demand(actor, P.REGISTER_CONTRACT, contract.subject)
    if contract.state != "registered":
        raise IllegalStep("登记之后才有变更登记")
    if contract.is_duplicate:
        raise IllegalStep("这是重复记录，变更请记在保留的那一份上")
    on = _day(values, "on", "变更日期", contract.registered_on)
    delta, technical = int(values.get("delta_fen") or 0), int(values.get("technical_delta_fen") or 0)
    reason = str(values.get("reason") or "").strip()
    if not delta and not technical:
        raise Invalid({"delta": "请填写变化的金额"})
    if not reason:
        raise Invalid({"reason": "变更登记需要写明理由"})
    amount, tech = net_amounts(contract)
    if amount + delta <= 0:
        raise Invalid({"delta": "变更后的成交额应大于 0；合同解除请办注销登记"})
    if not 0 <= tech + technical <= amount + delta:
        raise Invalid({"technical_delta": "变更后的技术交易额应不超过成交额"})
    with transaction():
        row = _append(contract, "change", on, delta, technical, reason, actor)
        detail = {"on": on.isoformat(), "delta_fen": delta, "technical_delta_fen": technical}
        history.record("contract", contract.id, "adjust", actor, reason=reason, detail=detail, is_sample=contract.is_sample)
    return row


def _append(contract: Contract, kind: str, on: date, delta: int, technical: int, reason: str, actor: Actor) -> Adjustment:
    row = Adjustment(
        contract_id=contract.id, kind=kind, on=on, delta_fen=delta, technical_delta_fen=technical, reason=reason[:300], by_id=actor.id
    )
    row.is_sample = contract.is_sample
    contract.adjustments.append(row)
    return row


def add_payment(contract: Contract, values: Mapping[str, Any], actor: Actor) -> Payment:
    """Note money received: paid_on, amount_fen, note. More than the price is recorded and flagged.

    Raises Forbidden, IllegalStep (not signed yet), Invalid.
    """
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    if contract.state in {"draft", "abandoned"}:
        raise IllegalStep("合同签订之后才记到账")
    amount = values.get("amount_fen")
    if not amount or amount > money.MAX_FEN:
        raise Invalid({"amount": "请填写到账金额"})
    paid_on = _day(values, "paid_on", "到账日期")
    with transaction():
        row = Payment(contract_id=contract.id, paid_on=paid_on, amount_fen=amount, note=str(values.get("note") or "")[:120], by_id=actor.id)
        row.is_sample = contract.is_sample
        contract.payments.append(row)
        db.session.flush()
        detail = {"paid_on": row.paid_on.isoformat(), "amount_fen": amount}
        history.record("contract", contract.id, "pay", actor, detail=detail, is_sample=contract.is_sample)
    return row


def remove_payment(contract: Contract, payment: Payment, actor: Actor, reason: str) -> None:
    """Take out a payment that was noted by mistake; the history keeps what it said. Raises Forbidden, Invalid."""
    demand(actor, P.EDIT_CONTRACT, contract.subject)
    if not reason.strip():
        raise Invalid({"reason": "请写明为什么删去"})
    with transaction():
        detail = {"paid_on": payment.paid_on.isoformat(), "amount_fen": payment.amount_fen}
        contract.payments.remove(payment)
        history.record("contract", contract.id, "unpay", actor, reason=reason.strip()[:300], detail=detail, is_sample=contract.is_sample)


def _settle_sources(contract: Contract, actor: Actor) -> None:
    """Move the contact and the challenge a signed contract came from to 已签约.

    A challenge in open competition is moved only by the contract of its chosen bid: a contract
    signed elsewhere is flagged and leaves the bidders' procedure to its owner.
    """
    detail = {"contract": contract.id}
    if contract.contact_id and (contact := db.session.get(Contact, contract.contact_id)) and contact.state == "accepted":
        steps.take(contact, CONTACT, "contract", actor, detail=detail)
    if not contract.challenge_id or (challenge := db.session.get(Challenge, contract.challenge_id)) is None:
        return
    settled_here = contract.bid_id is not None or challenge.procedure != "open_call"
    if settled_here and challenge.state in CHALLENGE.step("contract").sources:
        steps.take(challenge, CHALLENGE, "contract", actor, detail=detail)
        search.refresh(challenge)


_STEP_NEWS = {
    "sign": ("技术合同已签订", "请卖方到登记机构办理认定登记，登记后计入全区成交额，并可享受税收优惠。"),
    "file": ("登记机构已受理", ""),
    "return": ("登记机构要求补正", ""),
    "refuse": ("登记机构不予登记", ""),
    "register": ("技术合同已登记", "登记编号和日期已填写。"),
    "cancel": ("技术合同已注销登记", ""),
    "abandon": ("技术合同未成交", ""),
}


def _tell_step(contract: Contract, actor: Actor, name: str, reason: str | None) -> None:
    title, text = _STEP_NEWS[name]
    _tell(contract, actor, f"{name}-{clock.now():%Y%m%d%H%M%S}", title, f"《{contract.title}》：{reason or text or title}")


def _tell(contract: Contract, actor: Actor, event: str, title: str, text: str) -> None:
    """Tell the authorised people of both sides, except who did it. No amount: mails are read by others."""
    people = [
        person for side in sorted(contract.subject.parties) for person in accounts.people_of(side, SIGNATORIES) if person.id != actor.id
    ]
    link = f"/contracts/{contract.id}"
    notices.notify(people, "contract", title, text, link, dedupe=f"contract-{contract.id}-{event}", is_sample=contract.is_sample)
