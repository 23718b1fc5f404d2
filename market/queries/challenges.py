"""Challenges: one listing with what its page reads, the owner's own list, and how its poster is called to whom."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock, codes
from market.domain.challenges import PUBLIC_STATES
from market.domain.organisations import anonymous_name
from market.domain.permissions import Actor, Permission, may
from market.models import Bid, Challenge, Contact, Contract, HistoryEntry, Organisation, SectionComment

PUBLIC: ColumnElement[bool] = Challenge.state.in_(sorted(PUBLIC_STATES))  # what everybody may read
_MET = ("accepted", "contracted", "closed")  # contacts in which both sides know each other


def open_now() -> ColumnElement[bool]:
    """Return the filter of challenges that can still be answered: published, not past their deadline or validity."""
    return and_(
        Challenge.state == "published",
        or_(Challenge.closes_at.is_(None), Challenge.closes_at > clock.now()),
        or_(Challenge.valid_until.is_(None), Challenge.valid_until >= clock.today()),
    )


def get(challenge_id: int) -> Challenge | None:
    """Return a challenge with organisation, adviser, author and indicators loaded."""
    options = (
        joinedload(Challenge.organisation),
        joinedload(Challenge.adviser),
        joinedload(Challenge.author),
        selectinload(Challenge.indicators),
        selectinload(Challenge.addenda),
    )
    return db.session.scalar(select(Challenge).where(Challenge.id == challenge_id).options(*options))


def of_organisation(organisation_id: int) -> list[Challenge]:
    """Return every challenge of an organisation, the last changed first."""
    query = select(Challenge).where(Challenge.organisation_id == organisation_id).order_by(Challenge.changed_at.desc(), Challenge.id.desc())
    return list(db.session.scalars(query))


def assigned_to(people: frozenset[int]) -> list[Challenge]:
    """Return the challenges these people fill in for an enterprise (代填) or look after as 服务专员."""
    query = (
        select(Challenge)
        .where(or_(Challenge.assignee_id.in_(people), Challenge.adviser_id.in_(people)))
        .options(joinedload(Challenge.organisation))
        .order_by(Challenge.changed_at.desc(), Challenge.id.desc())
    )
    return list(db.session.scalars(query))


def public_name(challenge: Challenge, organisation: Organisation) -> str:
    """Return what the public reads: the name, or for an anonymous poster its city and track."""
    if not challenge.anonymous:
        return organisation.name
    city = "上海市" if challenge.region.startswith("31") else codes.region_name(codes.city_of(challenge.region))
    return anonymous_name(organisation.kind, challenge.track, city)


def poster(challenge: Challenge, actor: Actor) -> str:
    """Return how the poster is called to `actor` (organisation loaded). The only door to the name: pages, exports, mails."""
    return posters([challenge], actor)[challenge.id]


def posters(challenges: Iterable[Challenge], actor: Actor) -> dict[int, str]:
    """Return `poster` for many (organisations loaded), with at most three statements however many they are."""
    listed = list(challenges)
    hidden = [c for c in listed if c.anonymous and not may(actor, Permission.SEE_POSTER, c.subject)]
    met = met_by([c.id for c in hidden], actor)
    covered = {c.id for c in hidden} - met
    return {c.id: public_name(c, c.organisation) if c.id in covered else c.organisation.name for c in listed}


def met_by(challenge_ids: list[int], actor: Actor) -> set[int]:
    """Return those challenges whose poster has met the actor's organisation: contact accepted, bid chosen, contract made."""
    if not challenge_ids or actor.organisation_id is None:
        return set()
    own = actor.organisation_id
    contacts = select(Contact.challenge_id).where(
        Contact.challenge_id.in_(challenge_ids), Contact.provider_id == own, Contact.state.in_(_MET), Contact.answered_at.is_not(None)
    )
    bids = select(Bid.challenge_id).where(Bid.challenge_id.in_(challenge_ids), Bid.organisation_id == own, Bid.state == "chosen")
    contracts = select(Contract.challenge_id).where(Contract.challenge_id.in_(challenge_ids), Contract.seller_id == own)
    return {row for query in (contacts, bids, contracts) for row in db.session.scalars(query) if row is not None}


def side_of(challenge: Challenge, actor: Actor) -> str:
    """Return what the actor is to a challenge: owner, agent (代填 or 服务专员), staff, party (has met the poster), member or public."""
    if actor.id is None:
        return "public"
    subject = challenge.subject
    if actor.organisation_id in subject.owners or actor.id in subject.people:
        return "owner"
    if actor.hands & subject.assigned:
        return "agent"
    if actor.is_staff:
        return "staff"
    return "party" if met_by([challenge.id], actor) else "member"


def history(challenge_id: int) -> list[HistoryEntry]:
    """Return what happened to a challenge, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "challenge", HistoryEntry.subject_id == challenge_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))


def comments(challenge_id: int, kind: str = "challenge") -> list[SectionComment]:
    """Return the remarks of the last return, by section; [] when it was never returned."""
    query = select(SectionComment).where(SectionComment.subject_kind == kind, SectionComment.subject_id == challenge_id)
    found = list(db.session.scalars(query.order_by(SectionComment.id)))
    last = max((comment.version_number for comment in found), default=0)
    return [comment for comment in found if comment.version_number == last]
