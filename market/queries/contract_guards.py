"""What the guards of the contract's table need to know beside its own columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from market.db import db
from market.domain import rules_of_law
from market.domain.contract_terms import PRICED_TYPES, price_asked
from market.models import Attachment, Contract, Organisation
from market.queries import settings

_NOTICE_FILE = "contract_notice"
_RULE = "agreed_price_publicity_days"


def publicity_days() -> int | None:
    """Return how many days an agreed price is shown inside the seller, by the dated rule in force today; None while 待录入."""
    value = settings.rule(_RULE)
    return value.value if value else None


def publicity_words() -> str:
    """Return that length with its unit and 待核 where nobody has checked it, for a page."""
    return rules_of_law.words(_RULE, settings.rule(_RULE))


def of_contract(contract: Contract) -> dict[str, Any]:
    """Return whether a 职务成果 may be priced here, how its 公示 is proved, and whether it changes what is registered."""
    priced = contract.type in PRICED_TYPES  # asked first: most contracts need no look at the seller
    asked = priced and price_asked(contract.type, contract.seller_facts.get("nature"), _is_public(contract.seller_id))
    found: dict[str, Any] = {"price_asked": asked, "changes_registered": False}
    if asked:
        found |= {"announced_proof": has_proof(contract.id), "publicity_days": publicity_days()}
    if contract.parent_id and contract.parent_kind == "change":
        state = db.session.scalar(select(Contract.state).where(Contract.id == contract.parent_id))
        found["changes_registered"] = state == "registered"
    return found


def has_proof(contract_id: int) -> bool:
    """True when a file proves the 公示 inside the seller."""
    query = select(Attachment.id).where(Attachment.subject_kind == _NOTICE_FILE, Attachment.subject_id == contract_id)
    return db.session.scalar(query.limit(1)) is not None


def _is_public(organisation_id: int | None) -> bool:
    if organisation_id is None:
        return False
    return bool(db.session.scalar(select(Organisation.public_institution).where(Organisation.id == organisation_id)))
