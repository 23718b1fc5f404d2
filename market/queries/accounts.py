"""Who people are: sessions, actors, organisations, members."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.domain.permissions import STAFF, Actor, Role, roles_from
from market.models import Consent, Organisation, RecoveryCode, StandIn, Token, User, UserSession

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
    absent = stood_in_for(user.id) if own & STAFF else []
    organisation = user.organisation
    return Actor(
        id=user.id,
        name=user.name,
        organisation_id=user.organisation_id,
        organisation_verified=bool(organisation and organisation.verified),
        city=organisation.region if organisation else None,
        roles=own | {role for person in absent for role in roles_from(r.role for r in person.roles) if role in STAFF},
        stands_in_for=frozenset(person.id for person in absent),
    )


def stood_in_for(user_id: int) -> list[User]:
    """Return the people whom `user_id` stands in for today (AB 角), with their roles."""
    today = clock.today()
    query = (
        select(User)
        .join(StandIn, StandIn.absent_id == User.id)
        .where(StandIn.stand_in_id == user_id, StandIn.first_day <= today, StandIn.last_day >= today)
        .options(selectinload(User.roles))
    )
    return list(db.session.scalars(query))


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


def user_by_email(address: str) -> User | None:
    """Return the person with this e-mail address (any case) with roles and organisation."""
    query = select(User).where(User.email == address.strip().lower())
    return db.session.scalar(query.options(joinedload(User.organisation), selectinload(User.roles)))


def sessions_of(user_id: int, wall_now: datetime) -> list[UserSession]:
    """Return the running sessions of a person, the last used first."""
    query = select(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.created_at > wall_now - ABSOLUTE
    )
    return list(db.session.scalars(query.order_by(UserSession.seen_at.desc())))


def open_token(purpose: str, raw: str) -> Token | None:
    """Return a token that can still be used, or None; does not use it up."""
    token = db.session.scalar(select(Token).where(Token.token_hash == token_hash(raw), Token.purpose == purpose))
    return token if token is not None and token.used_at is None and token.expires_at > clock.now() else None


def recovery_codes_left(user_id: int) -> int:
    """Return how many recovery codes a person has not used."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def consents_of(user_id: int) -> list[Consent]:
    """Return what a person has accepted, every version of it, the newest first."""
    return list(db.session.scalars(select(Consent).where(Consent.user_id == user_id).order_by(Consent.id.desc())))


def owed_texts(user_id: int, versions: dict[str, str], *, is_sample: bool) -> list[str]:
    """Return which of the texts (terms, privacy) have a version that the person has not accepted.

    `versions` are those in force. The newest acceptance of each text counts. A sample account that never
    accepted anything owes nothing: nobody stands behind it.
    """
    newest = select(func.max(Consent.id)).where(Consent.user_id == user_id).group_by(Consent.document)
    rows = db.session.execute(select(Consent.document, Consent.document_version).where(Consent.id.in_(newest))).all()
    accepted = {row.document: row.document_version for row in rows}
    if is_sample and not accepted:
        return []
    return [document for document, version in versions.items() if accepted.get(document) != version]
