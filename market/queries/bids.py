"""Bids: one with what its page reads, those of an organisation, and who may know of which.

A bid's content is read by actions.bids.body_for only. Of a sealed bid (到期开启) nobody but the bidder
learns anything before opening: not what it says, not whose it is, not that it exists.
"""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain.bids import ARRIVED_STATES, alias_order
from market.domain.permissions import Actor, may
from market.domain.permissions import Permission as P
from market.models import Bid, BidMember, Challenge, Organisation

_OPTIONS = (
    joinedload(Bid.organisation),
    joinedload(Bid.challenge).joinedload(Challenge.organisation),
    joinedload(Bid.challenge).selectinload(Challenge.indicators),
    selectinload(Bid.members).joinedload(BidMember.organisation),
    joinedload(Bid.answer),
    selectinload(Bid.responses),
    selectinload(Bid.milestones),
)


def get(bid_id: int) -> Bid | None:
    """Return a bid with its challenge, members and opened rows, freshly read."""
    added = joinedload(Bid.challenge).selectinload(Challenge.addenda)
    query = select(Bid).where(Bid.id == bid_id).options(*_OPTIONS, added).execution_options(populate_existing=True)
    return db.session.scalar(query)


def seen(bid_id: int, actor: Actor) -> Bid | None:
    """Return the bid if the actor may know of it, else None."""
    bid = get(bid_id)
    return bid if bid is not None and sees(bid, actor) else None


def is_bidder(bid: Bid, actor: Actor) -> bool:
    """True for people of the leading organisation and of members that have not declined (members loaded)."""
    if actor.organisation_id is None or not may(actor, P.SEE_BID):
        return False
    inside = {member.organisation_id for member in bid.members if member.declined_at is None}
    return actor.organisation_id in inside | {bid.organisation_id}


def is_enterprise(challenge: Challenge, actor: Actor) -> bool:
    """True for people of the organisation that posted the challenge: who only wrote it for them is not one of them."""
    return actor.organisation_id == challenge.organisation_id and may(actor, P.SEE_BIDS_OF_CHALLENGE, challenge.subject)


def is_overseer(challenge: Challenge, actor: Actor) -> bool:
    """True for staff who read every challenge; they read bids after opening."""
    return actor.is_staff and may(actor, P.SEE_QUEUE) and may(actor, P.SEE_CHALLENGE, challenge.subject)


def is_discarded(bid: Bid) -> bool:
    """True when its bidder deleted it as a draft: nothing is left of it but its chain of history."""
    return bid.state == "lapsed" and bid.payload is None


def sees(bid: Bid, actor: Actor) -> bool:
    """True when the actor may know of the bid and read it (challenge and members loaded)."""
    if is_discarded(bid):
        return False
    if is_bidder(bid, actor):
        return True
    if bid.opened_at is not None:
        return is_enterprise(bid.challenge, actor) or is_overseer(bid.challenge, actor)
    arrived = bid.state in ARRIVED_STATES and bid.challenge.visibility == "on_arrival"
    return arrived and is_enterprise(bid.challenge, actor)


def of_challenge(challenge: Challenge, actor: Actor) -> list[Bid]:
    """Return the bids of a challenge that the actor may know of as its enterprise or as staff, by alias or arrival."""
    if not (is_enterprise(challenge, actor) or is_overseer(challenge, actor)):
        return []
    query = select(Bid).where(Bid.challenge_id == challenge.id).options(*_OPTIONS).execution_options(populate_existing=True)
    found = [bid for bid in db.session.scalars(query) if sees(bid, actor)]
    return sorted(found, key=lambda bid: (alias_order(bid.alias), bid.received_at or bid.created_at, bid.id))


def count_visible(challenge: Challenge, actor: Actor) -> int | None:
    """Return how many bids the actor may know of; None where even the number is hidden."""
    inside = is_enterprise(challenge, actor)
    if not (inside or is_overseer(challenge, actor)):
        return None
    opened = db.session.scalar(select(func.count()).where(Bid.challenge_id == challenge.id, Bid.opened_at.is_not(None))) or 0
    if opened:
        return opened
    if inside and challenge.visibility == "on_arrival":
        return db.session.scalar(select(func.count()).where(Bid.challenge_id == challenge.id, Bid.state.in_(ARRIVED_STATES))) or 0
    return None


def withdrawn_count(challenge: Challenge, actor: Actor) -> int:
    """Return how many bids its enterprise had read on arrival were taken back; 0 to everybody else."""
    if challenge.visibility != "on_arrival" or not is_enterprise(challenge, actor):
        return 0
    return db.session.scalar(select(func.count()).where(Bid.challenge_id == challenge.id, Bid.state == "withdrawn")) or 0


def sealed_ids() -> Select[int]:
    """Return the select of the bids of which nobody but the bidder may learn: sealed and never opened."""
    return (
        select(Bid.id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(Challenge.visibility == "at_deadline", Bid.opened_at.is_(None))
    )


def mine(actor: Actor) -> list[Bid]:
    """Return the bids that the actor's organisation leads or belongs to (not declined, not deleted), the newest first."""
    if actor.organisation_id is None or not may(actor, P.SEE_BID):
        return []
    joined = select(BidMember.bid_id).where(BidMember.organisation_id == actor.organisation_id, BidMember.declined_at.is_(None))
    query = (
        select(Bid)
        .where(or_(Bid.organisation_id == actor.organisation_id, Bid.id.in_(joined)))
        .where(or_(Bid.state != "lapsed", Bid.payload.is_not(None)))
        .options(*_OPTIONS)
        .order_by(Bid.created_at.desc(), Bid.id)
    )
    return list(db.session.scalars(query))


def calls_of(actor: Actor) -> list[Challenge]:
    """Return the open calls of the actor's own organisation, the last published first."""
    if actor.organisation_id is None or not may(actor, P.SEE_BIDS_OF_CHALLENGE):
        return []
    query = select(Challenge).where(
        Challenge.organisation_id == actor.organisation_id, Challenge.procedure == "open_call", Challenge.published_at.is_not(None)
    )
    return list(db.session.scalars(query.order_by(Challenge.published_at.desc())))


def own(challenge_id: int, organisation_id: int | None) -> Bid | None:
    """Return the organisation's own bid for a challenge that has not lapsed, or None."""
    if organisation_id is None:
        return None
    query = select(Bid).where(Bid.challenge_id == challenge_id, Bid.organisation_id == organisation_id, Bid.state != "lapsed")
    return db.session.scalar(query.options(*_OPTIONS))


def organisations_named(text: str) -> list[Organisation]:
    """Return the verified organisations of exactly this name or credit code."""
    query = select(Organisation).where(
        or_(Organisation.name == text, Organisation.credit_code == text.upper()), Organisation.state == "verified"
    )
    return list(db.session.scalars(query.limit(3)))
