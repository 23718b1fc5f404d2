"""What a new contract copies from where it came from, and from what each value came, so that nothing is typed twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock, money
from market.domain.contract_terms import months_later
from market.domain.contracts import early_flag, type_of_modes
from market.domain.permissions import Subject
from market.models import Bid, BidMember, Capability, Challenge, Contact, Contract, Organisation
from market.queries.contract_parties import Block, block, person

_PARENT_COLUMNS = ("type", "subtype", "field", "ip_type", "plan_source", "goal_code", "industry", "related_parties", "related_stated")


@dataclass(frozen=True)
class Source:
    """Where a contract comes from. A side that is known is copied from its organisation and cannot be typed over.

    `origins` names for each field of the form what its value was taken from (a side's fields as seller-contact).
    """

    kind: str  # bid, contact or recorded
    words: str
    links: Mapping[str, int | None] = field(default_factory=dict)
    seller: Organisation | None = None
    buyer: Organisation | None = None
    values: dict[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about: both known sides."""
        return Subject(parties=frozenset(side.id for side in (self.seller, self.buyer) if side))


def _sides(seller: Block | None, buyer: Block | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return both blocks as values of the form, and their origins by the names of the form's fields."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for side, known in (("seller", seller), ("buyer", buyer)):
        if known is not None:
            values[side] = known.facts
            origins |= {f"{side}-{key}": word for key, word in known.origins.items()}
    return values, origins


def from_bid(bid_id: int) -> Source | None:
    """Return what a contract copies from a chosen bid: sides, title, price and cost list, period, milestones as instalments."""
    options = (
        joinedload(Bid.challenge).joinedload(Challenge.organisation),
        joinedload(Bid.organisation),
        joinedload(Bid.answer),
        selectinload(Bid.milestones),
        selectinload(Bid.members).joinedload(BidMember.organisation),
    )
    bid = db.session.get(Bid, bid_id, options=options, populate_existing=True)
    if bid is None or bid.state != "chosen":
        return None
    challenge = bid.challenge
    seller = block(bid.organisation, *person(bid.author_id, bid.organisation_id), "揭榜申报人")
    sides, origins = _sides(seller, _asking(challenge))
    terms, from_terms = _terms_of_bid(bid)
    members = "、".join(
        member.organisation.name for member in bid.members if member.confirmed_at and member.organisation_id != bid.organisation_id
    )
    values = _of_challenge(challenge) | terms | sides | {"note": f"联合体成员：{members}" if members else ""}
    origins |= _CHALLENGE_ORIGINS | from_terms | ({"note": "揭榜申报"} if members else {})
    links = {"bid_id": bid.id, "challenge_id": challenge.id}
    return Source("bid", f"来自揭榜选定：《{challenge.title}》", links, bid.organisation, challenge.organisation, values, origins)


_CHALLENGE_ORIGINS = {"title": "技术需求的标题", "kind": "技术需求的合作方式", "field": "技术需求的技术领域"}


def _of_challenge(challenge: Challenge) -> dict[str, Any]:
    kind, subtype = type_of_modes(challenge.mode_list)
    return {"title": challenge.title, "type": kind, "subtype": subtype, "field": challenge.field}


def _asking(challenge: Challenge) -> Block:
    """The enterprise with the person the challenge names, or who wrote it."""
    name, phone = (
        (challenge.contact_name, challenge.contact_phone)
        if challenge.contact_name
        else person(challenge.author_id, challenge.organisation_id)
    )
    return block(challenge.organisation, name, phone, "技术需求的联系人")


def _terms_of_bid(bid: Bid) -> tuple[dict[str, Any], dict[str, str]]:
    """Return price, cost list, period and instalments of a bid's answer; days are counted from today and may be corrected."""
    answer, values, origins = bid.answer, dict[str, Any](), dict[str, str]()
    if answer is None:
        return values, origins
    today = clock.today()
    if answer.period_months:
        values |= {"starts_on": today, "ends_on": months_later(today, answer.period_months)}
        origins |= {"starts_on": "今天", "ends_on": f"申报的完成周期 {answer.period_months} 个月，从今天算起"}
    if not answer.price_fen:
        return values, origins
    values |= {"amount_fen": answer.price_fen, "technical_amount_fen": answer.technology_fen or None}
    origins |= {"amount": "申报报价", "technical_amount": "申报报价的技术费用"}
    split = [("technology", answer.technology_fen or 0), ("equipment", answer.equipment_fen or 0)]
    if answer.technology_fen and sum(fen for _kind, fen in split) == answer.price_fen:
        values["costs"] = [(kind, "申报报价", fen) for kind, fen in split if fen]
        origins["costs"] = "申报报价"
    shares = [milestone.share_bp for milestone in bid.milestones]
    if shares and all(shares) and sum(shares) == 10_000:
        parts = money.split(answer.price_fen, shares)
        due = [(m.name, months_later(today, m.month), part) for m, part in zip(bid.milestones, parts, strict=True)]
        values |= {"payment_mode": "instalments" if len(due) > 1 else "once", "instalments": due}
        origins |= {"payment_mode": "申报的里程碑", "instalments": "申报的里程碑和付款比例，日期按今天推算"}
    return values, origins


def from_contact(contact_id: int) -> Source | None:
    """Return what a contract copies from an accepted contact: sides and who met, title, expected amount, field, IP type."""
    options = (
        joinedload(Contact.seeker),
        joinedload(Contact.provider),
        joinedload(Contact.challenge),
        joinedload(Contact.capability).selectinload(Capability.ip_rights),
    )
    contact = db.session.get(Contact, contact_id, options=options, populate_existing=True)
    if contact is None or contact.state not in {"accepted", "contracted"}:
        return None
    about = contact.challenge or contact.capability
    capability = contact.capability
    ip_type = next((right.type for right in capability.ip_rights), None) if capability else None
    modes = (contact.challenge.mode_list if contact.challenge else []) or (capability.mode_list if capability else [])
    kind, subtype = type_of_modes(modes, ip_type)
    people = [contact.asked_by_id, contact.answered_by_id]
    seeker, provider = people if contact.asked_by_seeker else people[::-1]
    sides, origins = _sides(
        block(contact.provider, *person(provider, contact.provider_id), "对接的联系人"),
        block(contact.seeker, *person(seeker, contact.seeker_id), "对接的联系人"),
    )
    values = sides | {
        "title": about.title if about else "",
        "type": kind,
        "subtype": subtype,
        "field": about.field if about else None,
        "ip_type": ip_type or "",
        "amount_fen": contact.expected_fen,
    }
    whose = "技术需求" if contact.challenge else "成果与能力"
    origins |= {"title": f"{whose}的标题", "kind": f"{whose}的合作方式", "field": f"{whose}的技术领域"}
    origins |= {"amount": "对接的意向金额", "ip_type": "成果的知识产权"}
    links = {"contact_id": contact.id, "challenge_id": contact.challenge_id, "capability_id": contact.capability_id}
    return Source("contact", f"来自对接：《{values['title']}》", links, contact.provider, contact.seeker, values, origins)


def from_challenge(challenge_id: int) -> Source | None:
    """Return what a contract copies from a challenge: its chosen bid, or, settled outside the platform's own ways, its owner and title."""
    chosen = db.session.scalar(select(Bid.id).where(Bid.challenge_id == challenge_id, Bid.state == "chosen"))
    if chosen is not None:
        return from_bid(chosen)
    challenge = db.session.get(Challenge, challenge_id, options=[joinedload(Challenge.organisation)], populate_existing=True)
    if challenge is None:
        return None
    sides, origins = _sides(None, _asking(challenge))
    values = _of_challenge(challenge) | sides | {"amount_fen": challenge.budget_fen}
    origins |= _CHALLENGE_ORIGINS | {"amount": "技术需求的预算"}
    links = {"challenge_id": challenge.id}
    return Source("recorded", f"来自技术需求：《{challenge.title}》", links, None, challenge.organisation, values, origins)


def from_parent(contract_id: int) -> Source | None:
    """Return what a supplement copies from its parent contract: both sides whole, type, field and the other codes, never the amount."""
    options = (joinedload(Contract.seller), joinedload(Contract.buyer))
    parent = db.session.get(Contract, contract_id, options=options, populate_existing=True)
    if parent is None or parent.parent_id is not None:
        return None
    values: dict[str, Any] = {name: getattr(parent, name) for name in _PARENT_COLUMNS}
    values |= {"title": f"{parent.title}（补充）"[:200], "parent_id": parent.id, "parent_kind": "supplement"}
    known = ["title", "kind", "field", "ip_type", "plan_source", "goal_code", "industry", "related"]
    for side in ("seller", "buyer"):
        facts = getattr(parent, f"{side}_facts")
        values[side] = facts | {"name": getattr(parent, f"{side}_name"), "region": getattr(parent, f"{side}_region")}
        known += [f"{side}-{key}" for key, value in facts.items() if value]
    links = {"challenge_id": parent.challenge_id, "capability_id": parent.capability_id}
    return Source("recorded", f"补充或变更：《{parent.title}》", links, parent.seller, parent.buyer, values, dict.fromkeys(known, "原合同"))


def blank(organisation: Organisation | None, side: str) -> Source:
    """Return an empty start: the writer's own organisation stands on `side` (seller or buyer); staff write both sides."""
    seller, buyer = (organisation, None) if side == "seller" else (None, organisation)
    values, origins = _sides(block(seller) if seller else None, block(buyer) if buyer else None)
    return Source("recorded", "", {}, seller, buyer, values, origins)


def early_remark(contract: Contract, signed_on: date) -> str | None:
    """Return the remark on a contract signed before it was settled here, or outside the platform's ways; None when in order."""
    if contract.bid_id:
        bid = db.session.get(Bid, contract.bid_id, options=[joinedload(Bid.challenge)])
        if bid is None:
            return None
        settled = clock.local(bid.decided_at).date() if bid.decided_at and bid.challenge.state != "publicity" else None
        if settled and bid.challenge.publicity_until:
            settled = max(settled, bid.challenge.publicity_until)
        return early_flag(signed_on, settled, "选定")
    if contract.contact_id:
        contact = db.session.get(Contact, contract.contact_id)
        answered = clock.local(contact.answered_at).date() if contact and contact.answered_at else None
        return early_flag(signed_on, answered, "同意对接") if contact else None
    return "在平台的揭榜和对接之外签订" if contract.challenge_id else None
