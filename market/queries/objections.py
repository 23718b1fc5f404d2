"""公示: the choices that stand in public, and the objections to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.models import Bid, BidMember, Challenge, Objection

SHOWN_AFTER = 30  # days for which a window that is over stays in the public list


@dataclass(frozen=True)
class PublicChoice:
    """A choice as everybody reads it: who was chosen and why, until when objections are taken, how many came. No price."""

    winner: str
    members: tuple[str, ...]
    reason: str
    first: date
    last: date
    days: int
    estimated: bool
    running: bool
    confirmed: bool
    received: int
    unanswered: int


def standing(challenge_id: int) -> dict[str, int]:
    """Return how many objections to the choice that stands now are in which state."""
    query = (
        select(Objection.state, func.count())
        .join(Bid, Bid.id == Objection.bid_id)
        .where(Objection.challenge_id == challenge_id, Bid.state == "chosen", Objection.recorded_at >= Bid.decided_at)
        .group_by(Objection.state)
    )
    return {state: int(count) for state, count in db.session.execute(query)}


def public_choice(challenge: Challenge) -> PublicChoice | None:
    """Return the choice that a challenge publishes; None where none was asked for, made, or left standing."""
    if challenge.publicity_from is None or challenge.publicity_until is None or not challenge.is_public:
        return None
    query = select(Bid).where(Bid.challenge_id == challenge.id, Bid.state == "chosen")
    options = (joinedload(Bid.organisation), selectinload(Bid.members).joinedload(BidMember.organisation))
    bid = db.session.scalar(query.options(*options))
    if bid is None:
        return None
    found = standing(challenge.id)
    others = [m.organisation.name for m in bid.members if m.organisation_id != bid.organisation_id and m.confirmed_at]
    return PublicChoice(
        winner=bid.organisation.name,
        members=tuple(others),
        reason=bid.decision_reason or "",
        first=challenge.publicity_from,
        last=challenge.publicity_until,
        days=challenge.publicity_days,
        estimated=challenge.publicity_estimated,
        running=challenge.state == "publicity" and clock.today() <= challenge.publicity_until,
        confirmed=challenge.state != "publicity",
        received=sum(found.values()),
        unanswered=found.get("open", 0),
    )


def in_public() -> list[Challenge]:
    """Return the challenges whose choice is or lately was published, the windows that end first on top."""
    states = ("publicity", "selected", "contracted", "completed")
    query = (
        select(Challenge)
        .where(Challenge.state.in_(states), Challenge.publicity_until >= clock.today() - timedelta(days=SHOWN_AFTER))
        .options(joinedload(Challenge.organisation))
        .order_by(Challenge.state != "publicity", Challenge.publicity_until, Challenge.id)
    )
    return list(db.session.scalars(query))


def of_challenge(challenge_id: int) -> list[Objection]:
    """Return every objection to the choices of a challenge, the newest first."""
    options = (joinedload(Objection.recorded_by), joinedload(Objection.answered_by))
    query = select(Objection).where(Objection.challenge_id == challenge_id).options(*options)
    return list(db.session.scalars(query.order_by(Objection.id.desc())))


def get(objection_id: int) -> Objection | None:
    """Return one objection."""
    return db.session.get(Objection, objection_id)
