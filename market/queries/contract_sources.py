"""What a new contract copies from where it came from, so that nothing is typed twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock, money
from market.domain.contracts import early_flag, type_of_modes
from market.domain.permissions import Subject
from market.models import Bid, BidMember, Capability, Challenge, Contact, Contract, Organisation


@dataclass(frozen=True)
class Source:
    """Where a contract comes from. A side that is known is copied from its organisation and cannot be typed over."""

    kind: str  # bid, contact or recorded
    words: str
    links: Mapping[str, int | None] = field(default_factory=dict)
    seller: Organisation | None = None
    buyer: Organisation | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """The facts that permissions ask about: both known sides."""
        return Subject(parties=frozenset(side.id for side in (self.seller, self.buyer) if side))


def party_facts(organisation: Organisation) -> dict[str, Any]:
    """Return the columns of the registration form's party block that an organisation's file knows."""
    return {
        "credit_code": organisation.credit_code or "",
        "country": "中国",
        "nature": organisation.nature or "",
        "address": organisation.address or "",
        "legal_person": organisation.legal_person or "",
        "phone": organisation.phone or "",
        "postcode": organisation.postcode or "",
        "transfer_agency": organisation.kind == "partner",
        "research": organisation.kind == "institute",
        "listed": "上市" in organisation.tag_list,
    }


def from_bid(bid_id: int) -> Source | None:
    """Return what a contract copies from a chosen bid: sides, title, price and its split, milestones as instalments."""
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
    challenge, answer = bid.challenge, bid.answer
    kind, subtype = type_of_modes(challenge.mode_list)
    members = "、".join(
        member.organisation.name for member in bid.members if member.confirmed_at and member.organisation_id != bid.organisation_id
    )
    values: dict[str, Any] = {
        "title": challenge.title,
        "type": kind,
        "subtype": subtype,
        "field": challenge.field,
        "note": f"联合体成员：{members}" if members else "",
    }
    if answer is not None and answer.price_fen:
        values |= {"amount_fen": answer.price_fen, "technical_amount_fen": answer.technology_fen or None}
        shares = [milestone.share_bp for milestone in bid.milestones]
        if shares and all(shares) and sum(shares) == 10_000:
            parts = money.split(answer.price_fen, shares)
            values |= {
                "payment_mode": "instalments",
                "instalments": [(m.name, None, part) for m, part in zip(bid.milestones, parts, strict=True)],
            }
    links = {"bid_id": bid.id, "challenge_id": challenge.id}
    return Source("bid", f"来自揭榜选定：《{challenge.title}》", links, bid.organisation, challenge.organisation, values)


def from_contact(contact_id: int) -> Source | None:
    """Return what a contract copies from an accepted contact: sides, title, expected amount, field, IP type."""
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
    values = {
        "title": about.title if about else "",
        "type": kind,
        "subtype": subtype,
        "field": about.field if about else None,
        "ip_type": ip_type or "none",
        "amount_fen": contact.expected_fen,
    }
    links = {"contact_id": contact.id, "challenge_id": contact.challenge_id, "capability_id": contact.capability_id}
    return Source("contact", f"来自对接：《{values['title']}》", links, contact.provider, contact.seeker, values)


def from_challenge(challenge_id: int) -> Source | None:
    """Return what a contract copies from a challenge: its chosen bid, or, settled outside the platform's own ways, its owner and title."""
    chosen = db.session.scalar(select(Bid.id).where(Bid.challenge_id == challenge_id, Bid.state == "chosen"))
    if chosen is not None:
        return from_bid(chosen)
    challenge = db.session.get(Challenge, challenge_id, options=[joinedload(Challenge.organisation)], populate_existing=True)
    if challenge is None:
        return None
    kind, subtype = type_of_modes(challenge.mode_list)
    values = {"title": challenge.title, "type": kind, "subtype": subtype, "field": challenge.field, "amount_fen": challenge.budget_fen}
    return Source("recorded", f"来自技术需求：《{challenge.title}》", {"challenge_id": challenge.id}, None, challenge.organisation, values)


def blank(organisation: Organisation | None, side: str) -> Source:
    """Return an empty start: the writer's own organisation stands on `side` (seller or buyer); staff write both sides."""
    return Source("recorded", "", {}, organisation if side == "seller" else None, organisation if side == "buyer" else None, {})


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
