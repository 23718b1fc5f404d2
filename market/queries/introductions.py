"""Find both sides of an introduction (引荐): published challenges and capabilities by words, number or address."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain.permissions import Actor
from market.models import Capability, Challenge, Organisation
from market.queries import challenges, search

SHOWN = 8
_LIVE_CHALLENGE = ("published", "selecting")
_LIVE_CAPABILITY = ("published", "reserved")


@dataclass(frozen=True)
class Choice:
    """One listing to choose: its id, title, and who stands behind it as the actor may know it."""

    id: int
    title: str
    owner: str
    more: str = ""


def find_challenges(words: str, actor: Actor, chosen: int = 0) -> list[Choice]:
    """Return up to eight challenges that take contacts now and hold all the words, best first; `chosen` stands first.

    Never found by the poster's name: an anonymous poster cannot be found out here.
    """
    ids = _first(chosen, search.matching_ids("challenge", words))
    query = select(Challenge).where(Challenge.id.in_(ids), Challenge.state.in_(_LIVE_CHALLENGE)).options(joinedload(Challenge.organisation))
    found = sorted(db.session.scalars(query), key=lambda one: ids.index(one.id))[:SHOWN]
    names = challenges.posters(found, actor)
    return [Choice(one.id, one.title, names[one.id], one.number or "") for one in found]


def find_capabilities(words: str, chosen: int = 0) -> list[Choice]:
    """Return up to eight capabilities that take contacts now and hold all the words, or whose owner's name does."""
    ids = _first(chosen, search.matching_ids("capability", words))
    if words.strip():
        named = select(Capability.id).join(Organisation, Organisation.id == Capability.organisation_id)
        named = named.where(Organisation.name.contains(words.strip(), autoescape=True), Capability.state.in_(_LIVE_CAPABILITY))
        ids += [one for one in db.session.scalars(named.order_by(Capability.id).limit(SHOWN)) if one not in ids]
    query = (
        select(Capability)
        .where(Capability.id.in_(ids), Capability.state.in_(_LIVE_CAPABILITY))
        .options(joinedload(Capability.organisation))
    )
    found = sorted(db.session.scalars(query), key=lambda one: ids.index(one.id))[:SHOWN]
    return [Choice(one.id, one.title, one.organisation.name) for one in found]


def _first(chosen: int, found: list[int]) -> list[int]:
    return [chosen, *(one for one in found[:200] if one != chosen)] if chosen else found[:200]
