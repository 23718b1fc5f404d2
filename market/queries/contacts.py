"""Contacts: one with its sides and lines, the list by tabs, and who may read whose name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from market.db import db
from market.domain.codes import city_of
from market.domain.contacts import MET_STATES
from market.domain.permissions import GRANTS, Actor, Scope, Subject, may, scope_of
from market.domain.permissions import Permission as P
from market.models import Capability, Challenge, Contact, Contract, HistoryEntry, Organisation, User
from market.queries import challenges

PAGE = 20


@dataclass(frozen=True)
class Seen:
    """A contact as permissions ask about it: with the cities of its sides."""

    contact: Contact
    subject: Subject


@dataclass(frozen=True)
class Side:
    """One side as the actor may know it; person and phone only after both have met."""

    word: str
    name: str
    person: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    contact: Contact
    title: str
    seeker: str
    provider: str
    mine_to_answer: bool


@dataclass(frozen=True)
class ContactPage:
    """One page of a tab, with the number in every tab."""

    rows: list[Row]
    counts: dict[str, int]
    page: int
    pages: int


def get(contact_id: int) -> Seen | None:
    """Return a contact with sides, listings, broker and lines."""
    options = (
        joinedload(Contact.seeker),
        joinedload(Contact.provider),
        joinedload(Contact.challenge).joinedload(Challenge.organisation),
        joinedload(Contact.capability),
        joinedload(Contact.asked_by),
        joinedload(Contact.broker),
        selectinload(Contact.lines),
    )
    contact = db.session.get(Contact, contact_id, options=options, populate_existing=True)
    if contact is None:
        return None
    regions = (contact.seeker.region, contact.provider.region)
    cities = frozenset(regions) | {city_of(region) for region in regions}
    return Seen(contact, replace(contact.subject, cities=cities))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `actor` may see a contact: the same scopes as domain.permissions.may."""
    scopes = {scope for role in actor.roles if (scope := GRANTS.get((role, P.SEE_CONTACT)))}
    if Scope.ANY in scopes:
        return true()
    parts: list[ColumnElement[bool]] = [false()]
    if scopes & {Scope.PARTY, Scope.OWN} and actor.organisation_id:
        parts.append(or_(Contact.seeker_id == actor.organisation_id, Contact.provider_id == actor.organisation_id))
    if Scope.CITY in scopes and actor.city:
        prefix = actor.city if actor.city.startswith("31") else actor.city[:4]
        local = select(Organisation.id).where(Organisation.region.startswith(prefix))
        parts.append(or_(Contact.seeker_id.in_(local), Contact.provider_id.in_(local)))
    if Scope.ASSIGNED in scopes and actor.id:
        parts.append(Contact.broker_id.in_(actor.hands))
    return or_(*parts)


def listing(actor: Actor, tab: str, page: int = 1) -> ContactPage:
    """Return one page of a tab (domain.contacts.TABS), newest first; in 等我答复 the nearest due first."""
    conditions = _tabs(actor)
    counts = _counts(actor, conditions)
    pages = max(1, -(-counts[tab] // PAGE))
    page = min(max(page, 1), pages)
    order = (Contact.answer_due, Contact.id) if tab == "waiting" else (Contact.created_at.desc(), Contact.id.desc())
    query = select(Contact).where(visible_to(actor), conditions[tab]).options(*_row_options()).order_by(*order)
    found = list(db.session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)))
    return ContactPage(_rows(found, actor), counts, page, pages)


def _answered_by(organisation_id: int) -> ColumnElement[bool]:
    side: ColumnElement[int] = case((Contact.asked_by_seeker, Contact.provider_id), else_=Contact.seeker_id)
    return side == organisation_id


def looks_on(actor: Actor) -> bool:
    """True for those who see contacts without being a side: staff, brokers, a city's bureau."""
    return scope_of(actor, P.SEE_CONTACT) is not Scope.PARTY or actor.organisation_id is None


def _tabs(actor: Actor) -> dict[str, ColumnElement[bool]]:
    asked = Contact.state == "asked"
    mine = asked if looks_on(actor) else and_(asked, _answered_by(actor.organisation_id or 0))
    return {
        "waiting": mine,
        "running": or_(and_(asked, ~mine), Contact.state == "accepted"),
        "ended": Contact.state.in_(("declined", "withdrawn", "contracted", "closed")),
    }


def _counts(actor: Actor, conditions: dict[str, ColumnElement[bool]]) -> dict[str, int]:
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in conditions.values()]
    found = db.session.execute(select(*sums).select_from(Contact).where(visible_to(actor))).one()
    return {name: int(number) for name, number in zip(conditions, found, strict=True)}


def _row_options() -> tuple[ExecutableOption, ...]:
    return (
        joinedload(Contact.seeker),
        joinedload(Contact.provider),
        joinedload(Contact.challenge).joinedload(Challenge.organisation),
        joinedload(Contact.capability),
    )


def _rows(found: list[Contact], actor: Actor) -> list[Row]:
    names = seeker_names(found, actor)
    return [
        Row(
            contact,
            title_of(contact),
            names[contact.id],
            contact.provider.name,
            contact.state == "asked" and contact.answering_id == actor.organisation_id,
        )
        for contact in found
    ]


def title_of(contact: Contact) -> str:
    """Return what the contact is about: the listing of the side that was asked."""
    about = (contact.capability or contact.challenge) if contact.asked_by_seeker else (contact.challenge or contact.capability)
    return about.title if about else "已删除的内容"


def seeker_names(found: Iterable[Contact], actor: Actor) -> dict[int, str]:
    """Return how each seeker is called to `actor`: an anonymous poster stays anonymous until both have met."""
    contacts = list(found)
    covered = challenges.posters([c.challenge for c in contacts if c.challenge is not None], actor)
    return {
        contact.id: contact.seeker.name
        if contact.challenge is None or (contact.state in MET_STATES and contact.answered_at and _is_in(contact, actor))
        else covered[contact.challenge.id]
        for contact in contacts
    }


def _is_in(contact: Contact, actor: Actor) -> bool:
    party = actor.organisation_id in {contact.seeker_id, contact.provider_id}
    return party or contact.broker_id in actor.hands


def contract_of(contact_id: int) -> Contract | None:
    """Return the newest contract to which a contact led."""
    return db.session.scalar(select(Contract).where(Contract.contact_id == contact_id).order_by(Contract.id.desc()).limit(1))


def have_met(contact: Contact) -> bool:
    """True once the asked side has accepted."""
    return contact.state in MET_STATES and contact.answered_at is not None


def sides(contact: Contact, actor: Actor) -> tuple[Side, Side]:
    """Return (seeker, provider) as `actor` may know them; persons after acceptance, to the sides, the broker and staff."""
    seeker_name = seeker_names([contact], actor)[contact.id]
    if not have_met(contact) or not (_is_in(contact, actor) or actor.is_staff):
        return Side("需求方", seeker_name), Side("供给方", contact.provider.name)
    ids = [i for i in (contact.asked_by_id, contact.answered_by_id) if i]
    people = {user.organisation_id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
    return (
        _side("需求方", seeker_name, people.get(contact.seeker_id), contact.challenge),
        _side("供给方", contact.provider.name, people.get(contact.provider_id), contact.capability),
    )


def _side(word: str, name: str, user: User | None, about: Challenge | Capability | None) -> Side:
    person = user.name if user else (about.contact_name if about else None)
    phone = (user.phone if user else None) or (about.contact_phone if about else None)
    return Side(word, name, person or None, phone or None)


def history(contact: Contact) -> list[HistoryEntry]:
    """Return the steps of a contact, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "contact", HistoryEntry.subject_id == contact.id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))


def todo(actor: Actor) -> list[Contact]:
    """Return the contacts that wait for the actor's answer, the nearest due first."""
    if actor.organisation_id is None or not may(actor, P.ANSWER_CONTACT):
        return []
    query = select(Contact).where(Contact.state == "asked", _answered_by(actor.organisation_id))
    return list(db.session.scalars(query.options(*_row_options()).order_by(Contact.answer_due, Contact.id)))


def own_challenges(organisation_id: int) -> list[Challenge]:
    """Return an organisation's published challenges, which it may attach to a question."""
    query = select(Challenge).where(Challenge.organisation_id == organisation_id, Challenge.state == "published")
    return list(db.session.scalars(query.order_by(Challenge.published_at.desc())))


def own_capabilities(organisation_id: int) -> list[Capability]:
    """Return an organisation's published capabilities, which it may attach to a question."""
    query = select(Capability).where(Capability.organisation_id == organisation_id, Capability.state.in_(("published", "reserved")))
    return list(db.session.scalars(query.order_by(Capability.published_at.desc())))


def capability(capability_id: int) -> Capability | None:
    """Return a capability with its organisation."""
    return db.session.get(Capability, capability_id, options=[joinedload(Capability.organisation)], populate_existing=True)


def challenge_numbered(number: str) -> int:
    """Return the id of the challenge with this number (PT-JB-2026-0012), or 0."""
    return db.session.scalar(select(Challenge.id).where(Challenge.number == number.strip().upper())) or 0
