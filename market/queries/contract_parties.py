"""What the market knows of a side of a contract, so that the party block of the registration form is not typed again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from market.db import db
from market.models import Contract, Organisation, User

FILE, EARLIER = "单位资料", "本单位上一份合同"
_NOT_OF_A_PERSON = ("nature", "country", "scale", "legal_person", "address", "postcode", "converted", "hightech_zone", "research", "listed")


@dataclass(frozen=True)
class Block:
    """One side's columns as far as they are known, and where each came from."""

    facts: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


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


def block(organisation: Organisation, name: str = "", phone: str = "", whose: str = "") -> Block:
    """Return what is known of `organisation`: its file, then its last contract, and the person both sides met in (`whose`).

    From the last contract come the facts of the organisation only, never a person: that contract was with somebody else.
    """
    facts = party_facts(organisation)
    origins = {key: FILE for key, value in facts.items() if value and key not in {"credit_code", "country"}}
    for key, value in _earlier(organisation.id).items():
        if value and not facts.get(key):
            facts[key], origins[key] = value, EARLIER
    for key, value in (("contact", name), ("phone", phone)):
        if value:
            facts[key], origins[key] = value, whose
    return Block(facts, origins)


def _earlier(organisation_id: int) -> dict[str, Any]:
    query = (
        select(Contract.seller_id, Contract.seller_facts, Contract.buyer_facts)
        .where(or_(Contract.seller_id == organisation_id, Contract.buyer_id == organisation_id))
        .order_by(Contract.id.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    if found is None:
        return {}
    facts = found.seller_facts if found.seller_id == organisation_id else found.buyer_facts
    return {key: facts[key] for key in _NOT_OF_A_PERSON if key in facts}


def person(user_id: int | None, organisation_id: int) -> tuple[str, str]:
    """Return name and phone of one of the organisation's people; empty for nobody, and for a broker or clerk who wrote for it."""
    user = db.session.get(User, user_id) if user_id else None
    return (user.name, user.phone or "") if user and user.organisation_id == organisation_id else ("", "")
