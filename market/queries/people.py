"""Lists of people and organisations for those who manage them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.domain.permissions import STAFF
from market.models import HistoryEntry, Organisation, StandIn, Token, User, UserRole

_STAFF_ROLES = [role.value for role in STAFF]


def members(organisation_id: int) -> list[User]:
    """Return everybody of an organisation, closed accounts last."""
    query = (
        select(User)
        .where(User.organisation_id == organisation_id)
        .options(selectinload(User.roles), joinedload(User.organisation))
        .order_by(User.disabled_at.is_not(None), User.id)
    )
    return list(db.session.scalars(query))


def open_invitations(organisation_id: int) -> list[Token]:
    """Return the invitations into an organisation that can still be accepted, the newest first."""
    query = (
        select(Token)
        .where(Token.purpose == "invitation", Token.organisation_id == organisation_id)
        .where(Token.used_at.is_(None), Token.expires_at > clock.now())
        .order_by(Token.id.desc())
    )
    return list(db.session.scalars(query))


def staff() -> list[User]:
    """Return the people of the commission, closed accounts last."""
    query = (
        select(User)
        .where(User.roles.any(UserRole.role.in_(_STAFF_ROLES)))
        .options(selectinload(User.roles), joinedload(User.organisation))
        .order_by(User.disabled_at.is_not(None), User.id)
    )
    return list(db.session.scalars(query))


def stand_ins() -> list[StandIn]:
    """Return the stand-ins of today and later, the earliest first."""
    query = (
        select(StandIn)
        .where(StandIn.last_day >= clock.today())
        .options(joinedload(StandIn.absent), joinedload(StandIn.stand_in))
        .order_by(StandIn.first_day, StandIn.id)
    )
    return list(db.session.scalars(query))


def get_stand_in(stand_in_id: int) -> StandIn | None:
    """Return one arrangement."""
    return db.session.get(StandIn, stand_in_id)


def organisations_in(states: tuple[str, ...], limit: int = 200) -> list[Organisation]:
    """Return the organisations in one of `states`, those that wait longest first."""
    query = select(Organisation).where(Organisation.state.in_(states)).order_by(Organisation.created_at, Organisation.id)
    return list(db.session.scalars(query.limit(limit)))


def bureaus() -> list[tuple[Organisation, int]]:
    """Return the bureaus of cities with how many people each has, by region."""
    people = select(func.count(User.id)).where(User.organisation_id == Organisation.id, User.disabled_at.is_(None)).scalar_subquery()
    query = select(Organisation, people).where(Organisation.kind == "bureau").order_by(Organisation.region, Organisation.id)
    return [(organisation, int(count)) for organisation, count in db.session.execute(query)]


def organisation_counts() -> dict[str, int]:
    """Return how many organisations are in each state."""
    query = select(Organisation.state, func.count()).group_by(Organisation.state)
    return {state: int(count) for state, count in db.session.execute(query)}


def same_name(organisation: Organisation) -> list[Organisation]:
    """Return other organisations that have the same name, or of which one name holds the other."""
    query = (
        select(Organisation)
        .where(Organisation.id != organisation.id)
        .where(Organisation.name.contains(organisation.name, autoescape=True) | (Organisation.short_name == organisation.name))
        .order_by(Organisation.id)
        .limit(10)
    )
    return list(db.session.scalars(query))


def history_of(kind: str, subject_id: int, limit: int = 100) -> list[HistoryEntry]:
    """Return what happened to one subject, the oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == kind, HistoryEntry.subject_id == subject_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq.desc()).limit(limit)))[::-1]
