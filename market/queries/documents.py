"""Listings as the engine reads them: public words and structured facts, never who posted a challenge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import selectinload

from market.db import db
from market.domain import clock
from market.domain.capabilities import PUBLIC_STATES as CAPABILITY_PUBLIC
from market.matching import Document
from market.models import Capability, Challenge

TABLES: dict[str, type[Challenge] | type[Capability]] = {"challenge": Challenge, "capability": Capability}
RANKED_CHALLENGE_STATES = ("published",)
RANKED_CAPABILITY_STATES = ("published", "reserved")


def challenge_document(challenge: Challenge) -> Document:
    """Return a challenge (indicators loaded) as the engine's document."""
    indicators = "；".join(f"{row.name} {row.target}{row.unit}" for row in challenge.indicators)
    parts = (challenge.pain, challenge.background, challenge.tried, challenge.requirements, indicators)
    return Document(
        id=challenge.id,
        kind="challenge",
        title=challenge.title,
        text="\n".join(part for part in parts if part),
        field=challenge.field or "",
        track=challenge.track or "",
        region=challenge.region,
        organisation=challenge.organisation_id,
        amount_fen=challenge.budget_max_fen or challenge.budget_fen,
        modes=tuple(challenge.mode_list),
    )


def capability_document(capability: Capability) -> Document:
    """Return a capability as the engine's document."""
    parts = (capability.summary, capability.problem, capability.advantages, capability.conditions)
    return Document(
        id=capability.id,
        kind="capability",
        title=capability.title,
        text="\n".join(part for part in parts if part),
        field=capability.field or "",
        track=capability.track or "",
        region=capability.region,
        stage=capability.stage or "",
        organisation=capability.organisation_id,
        confirmed_on=capability.confirmed_on,
        amount_fen=capability.price_fen,
        modes=tuple(capability.mode_list),
    )


def challenges(ids: Iterable[int] | None = None) -> list[Document]:
    """Return the published challenges (of `ids`, or all) as documents, by id."""
    query = select(Challenge).where(Challenge.state.in_(RANKED_CHALLENGE_STATES)).options(selectinload(Challenge.indicators))
    if ids is not None:
        query = query.where(Challenge.id.in_(list(ids)))
    return [challenge_document(row) for row in db.session.scalars(query.order_by(Challenge.id))]


def capabilities(ids: Iterable[int] | None = None) -> list[Document]:
    """Return the public capabilities (of `ids`, or all) as documents, by id."""
    query = select(Capability).where(Capability.state.in_(CAPABILITY_PUBLIC))
    if ids is not None:
        query = query.where(Capability.id.in_(list(ids)))
    return [capability_document(row) for row in db.session.scalars(query.order_by(Capability.id))]


def challenge_is_rankable() -> ColumnElement[bool]:
    """Return the condition of challenges that may be recommended now: published and still open."""
    return and_(
        Challenge.state.in_(RANKED_CHALLENGE_STATES),
        or_(Challenge.closes_at.is_(None), Challenge.closes_at > clock.now()),
        or_(Challenge.valid_until.is_(None), Challenge.valid_until >= clock.today()),
    )


def capability_is_rankable(months: int) -> ColumnElement[bool]:
    """Return the condition of capabilities that may be recommended now: on offer, not hidden for want of confirmation."""
    oldest = clock.today() - timedelta(days=months * 365 // 12 * 3 // 2)
    return and_(Capability.state.in_(RANKED_CAPABILITY_STATES), Capability.confirmed_on >= oldest)


def rankable_challenges() -> set[int]:
    """Return the ids of the challenges that may be recommended now."""
    return set(db.session.scalars(select(Challenge.id).where(challenge_is_rankable())))


def rankable_capabilities(months: int) -> set[int]:
    """Return the ids of the capabilities that may be recommended now."""
    return set(db.session.scalars(select(Capability.id).where(capability_is_rankable(months))))


def of_kind(kind: str, ids: Sequence[int] | None = None) -> list[Document]:
    """Return documents of one kind."""
    return challenges(ids) if kind == "challenge" else capabilities(ids)
