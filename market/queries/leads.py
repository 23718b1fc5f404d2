"""Leads: one with what came of it, the list that each person may see, whom to assign, and who might help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain import clock
from market.domain.challenges import EDITABLE_STATES
from market.domain.leads import LEAD
from market.domain.permissions import GRANTS, Actor, Role, Scope
from market.domain.permissions import Permission as P
from market.models import Challenge, HistoryEntry, Lead, Organisation, Token, User, UserRole
from market.queries import challenges
from market.queries.accounts import token_hash

PAGE_SIZE = 20
WORKERS = (Role.CLERK, Role.REVIEWER, Role.LIAISON, Role.ADVISER, Role.BROKER)
_STEP_WORDS = {
    "ask": "提出三句话",
    "visit": "走访记录",
    "attach": "添加照片",
    "draft": "代填需求",
    **{step.name: step.label for step in LEAD.steps},
}


def get(lead_id: int) -> Lead | None:
    """Return a lead with its assignee."""
    return db.session.scalar(select(Lead).where(Lead.id == lead_id).options(joinedload(Lead.assignee)))


def challenge_of(lead_id: int) -> Challenge | None:
    """Return the challenge that was filled in from a lead, or None."""
    found = db.session.scalar(select(Challenge.id).where(Challenge.lead_id == lead_id).order_by(Challenge.id.desc()).limit(1))
    return challenges.get(found) if found else None


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the leads that `actor` may see."""
    scopes = {scope for role in actor.roles if (scope := GRANTS.get((role, P.SEE_LEAD)))}
    conditions: dict[Scope, ColumnElement[bool]] = {
        Scope.ANY: true(),
        Scope.CITY: Lead.region == actor.city if actor.city else false(),
        Scope.ASSIGNED: Lead.assignee_id.in_(actor.hands),
        Scope.OWN: Lead.organisation_id == actor.organisation_id if actor.organisation_id else false(),
    }
    return or_(false(), *(conditions[scope] for scope in scopes if scope in conditions))


@dataclass(frozen=True)
class LeadPage:
    """One page of the list with the counts of its tabs."""

    rows: list[Lead]
    total: int
    page: int
    pages: int
    by_state: dict[str, int]


def listed(actor: Actor, state: str, page: int) -> LeadPage:
    """Return the leads that `actor` may see in `state` ("" for all), the most urgent first."""
    seen = visible(actor)
    counted = db.session.execute(select(Lead.state, func.count().label("number")).where(seen).group_by(Lead.state))
    by_state = {str(row.state): int(row.number) for row in counted}
    total = by_state.get(state, 0) if state else sum(by_state.values())
    pages = max(-(-total // PAGE_SIZE), 1)
    page = min(max(page, 1), pages)
    query = select(Lead).where(seen).options(joinedload(Lead.assignee))
    if state:
        query = query.where(Lead.state == state)
    over = Lead.state.in_(("confirmed", "closed"))
    urgent = case((over, None), else_=Lead.due)
    query = query.order_by(over, urgent.is_(None), urgent, Lead.id.desc())
    return LeadPage(list(db.session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))), total, page, pages, by_state)


def assignable() -> list[tuple[int, str]]:
    """Return the people a lead may be given to: id and name with the organisation."""
    query = (
        select(User.id, User.name, Organisation.name.label("organisation"))
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.disabled_at.is_(None), User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(WORKERS))))
        .order_by(Organisation.name, User.name)
    )
    return [(row.id, f"{row.name}（{row.organisation}）" if row.organisation else row.name) for row in db.session.execute(query)]


def may_be_assigned(user_id: int) -> User | None:
    """Return the person if a lead may be given to them."""
    user = db.session.scalar(select(User).where(User.id == user_id, User.disabled_at.is_(None)).options(selectinload(User.roles)))
    return user if user and any(role.role in WORKERS for role in user.roles) else None


def organisation_named(name: str, credit_code: str | None) -> Organisation | None:
    """Return the organisation with this credit code, or else with exactly this name."""
    if credit_code:
        return db.session.scalar(select(Organisation).where(Organisation.credit_code == credit_code))
    return db.session.scalar(select(Organisation).where(Organisation.name == name).order_by(Organisation.id).limit(1))


def timeline(lead_id: int) -> list[dict[str, Any]]:
    """Return what happened to a lead, oldest first, as components/timeline.html reads it."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "lead", HistoryEntry.subject_id == lead_id).order_by(HistoryEntry.seq)
    return [
        {
            "at": entry.at,
            "title": _STEP_WORDS.get(entry.step, entry.step),
            "who": entry.actor_name,
            "note": entry.reason or entry.detail.get("note", ""),
            "tone": "done" if entry.to_state == "confirmed" else None,
        }
        for entry in db.session.scalars(query)
    ]


def by_link(raw: str) -> tuple[Lead, Challenge] | None:
    """Return the lead and the challenge that a confirmation link stands for, or None when it holds no longer."""
    query = select(Token).where(Token.token_hash == token_hash(raw), Token.purpose == "confirm", Token.used_at.is_(None))
    token = db.session.scalar(query)
    if token is None or token.expires_at <= clock.now() or token.subject_id is None:
        return None
    lead, challenge = get(token.subject_id), challenge_of(token.subject_id)
    if lead is None or challenge is None or challenge.state not in EDITABLE_STATES:
        return None
    return lead, challenge
