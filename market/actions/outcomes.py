"""What a list that was shown led to: contacts, bids and contracts, with the rank and the engine version of the list.

The list is the last one in which the organisation was shown the item, within `MEMORY`. What no list led to leaves no
row: the figures on a version tell what came of it, not what happened anyway.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.models import Bid, Contact, Contract, Impression, MatchOutcome

MEMORY = timedelta(days=90)
"""How long ago a list may have been shown to be what led to a contact."""


def of_contact(contact: Contact) -> None:
    """Note which list led the asking side to this contact; called within its transaction."""
    asking = contact.seeker_id if contact.asked_by_seeker else contact.provider_id
    item = ("capability", contact.capability_id) if contact.asked_by_seeker else ("challenge", contact.challenge_id)
    shown = _shown(asking, *item)
    if shown is not None and contact.broker_id is None:
        _add("contact", contact.id, shown, asking, contact.asked_by_id, contact.is_sample)


def of_bid(bid: Bid, user_id: int | None) -> None:
    """Note, the first time a bid is sent, what led to it: the contact before it, or a list with the challenge."""
    if _noted("bid", bid.id) is not None:
        return
    contacts = select(Contact.id).where(Contact.challenge_id == bid.challenge_id, Contact.provider_id == bid.organisation_id)
    before = next((found for number in db.session.scalars(contacts) if (found := _noted("contact", number)) is not None), None)
    source = before or _shown(bid.organisation_id, "challenge", bid.challenge_id)
    if source is not None:
        _add("bid", bid.id, source, bid.organisation_id, user_id, bid.is_sample)


def of_contract(contract: Contract, user_id: int | None) -> None:
    """Note, when a contract is signed, what led to the contact or the bid that it comes from."""
    if _noted("contract", contract.id) is not None:
        return
    source = _noted("contact", contract.contact_id) or _noted("bid", contract.bid_id)
    if source is not None:
        _add("contract", contract.id, source, source.organisation_id, user_id, contract.is_sample)


def _shown(organisation_id: int | None, kind: str, item_id: int | None) -> Impression | None:
    query = (
        select(Impression)
        .where(
            Impression.organisation_id == organisation_id,
            Impression.item_kind == kind,
            Impression.item_id == item_id,
            Impression.at >= clock.now() - MEMORY,
        )
        .order_by(Impression.at.desc(), Impression.id.desc())
        .limit(1)
    )
    return None if organisation_id is None or item_id is None else db.session.scalar(query)


def _noted(act: str, ref_id: int | None) -> MatchOutcome | None:
    query = select(MatchOutcome).where(MatchOutcome.act == act, MatchOutcome.ref_id == ref_id).limit(1)
    return None if ref_id is None else db.session.scalar(query)


def _add(act: str, ref_id: int, source: Impression | MatchOutcome, organisation_id: int | None, user_id: int | None, sample: bool) -> None:
    db.session.add(
        MatchOutcome(
            at=clock.now(), act=act, ref_id=ref_id, surface=source.surface, user_id=user_id, organisation_id=organisation_id,
            query_kind=source.query_kind, query_id=source.query_id,
            item_kind=source.item_kind, item_id=source.item_id, rank=source.rank, engine_version=source.engine_version, is_sample=sample,
        )
    )  # fmt: skip
