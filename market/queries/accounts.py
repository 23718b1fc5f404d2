"""Who people are: sessions, actors, organisations, members."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.domain.permissions import STAFF, Actor, Role, roles_from
from market.models import Organisation, StandIn, User, UserSession

IDLE = {True: timedelta(minutes=30), False: timedelta(minutes=120)}  # staff, others
ABSOLUTE = timedelta(hours=12)


def token_hash(token: str) -> str:
    """Return what is stored for a random token (SHA-256, hex)."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def live_session(token: str, wall_now: datetime) -> UserSession | None:
    """Return the session of a cookie's token with its user, roles and organisation, or None when it is over.

    Counts by wall time, not by the market's clock: a moved clock signs nobody out.
    """
    query = (
        select(UserSession)
        .where(UserSession.token_hash == token_hash(token), UserSession.ended_at.is_(None))
        .options(joinedload(UserSession.user).joinedload(User.organisation), joinedload(UserSession.user).selectinload(User.roles))
    )
    session = db.session.scalar(query)
    if session is None or not session.user.active:
        return None
    staff = any(role.role in STAFF for role in session.user.roles)
    if wall_now - session.seen_at > IDLE[staff] or wall_now - session.created_at > ABSOLUTE:
        return None
    return session


def actor_of(user: User) -> Actor:
    """Return the user as an actor for today, with the staff roles of those whom the user stands in for."""
    own = roles_from(role.role for role in user.roles)
    organisation = user.organisation
    return Actor(
        id=user.id,
        name=user.name,
        organisation_id=user.organisation_id,
        organisation_verified=bool(organisation and organisation.verified),
        city=organisation.region if organisation else None,
        roles=own | (stood_in_roles(user.id) if own & STAFF else frozenset()),
    )


def stood_in_roles(user_id: int) -> frozenset[Role]:
    """Return the staff roles of the people whom `user_id` stands in for today (AB 角)."""
    today = clock.today()
    query = (
        select(User)
        .join(StandIn, StandIn.absent_id == User.id)
        .where(StandIn.stand_in_id == user_id, StandIn.first_day <= today, StandIn.last_day >= today)
        .options(selectinload(User.roles))
    )
    return frozenset(role for user in db.session.scalars(query) for role in roles_from(r.role for r in user.roles) if role in STAFF)


def get_user(user_id: int) -> User | None:
    """Return a person with roles and organisation."""
    query = select(User).where(User.id == user_id).options(joinedload(User.organisation), selectinload(User.roles))
    return db.session.scalar(query)


def get_organisation(organisation_id: int) -> Organisation | None:
    """Return an organisation."""
    return db.session.get(Organisation, organisation_id)


def people_of(organisation_id: int, roles: frozenset[Role] | None = None) -> list[User]:
    """Return the active people of an organisation, all or those holding one of `roles`."""
    query = (
        select(User)
        .where(User.organisation_id == organisation_id, User.disabled_at.is_(None))
        .options(selectinload(User.roles))
        .order_by(User.id)
    )
    people = db.session.scalars(query).all()
    return [user for user in people if roles is None or any(r.role in roles for r in user.roles)]


def people_with(role: Role) -> list[User]:
    """Return the active people who hold `role`, anywhere."""
    query = (
        select(User).where(User.roles.any(role=role.value), User.disabled_at.is_(None)).options(selectinload(User.roles)).order_by(User.id)
    )
    return list(db.session.scalars(query))
