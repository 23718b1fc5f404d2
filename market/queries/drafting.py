"""What is shown while somebody writes a challenge: what is alike already, the best answers so far, the guessed field.

All of it is help, none of it may break a page: when the engine cannot answer, the page goes on without.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain import anonymity, clock, codes
from market.matching import Hit, question
from market.models import Capability, Challenge, Organisation
from market.queries import documents, engine, settings

ENOUGH = 8  # characters before it is worth asking
_DUPLICATE = 0.35  # share of text in common from which a listing is worth a look


@dataclass(frozen=True)
class Guess:
    """The field and track a text most likely belongs to; None when it cannot be said."""

    field: str | None = None
    track: str | None = None


@dataclass(frozen=True)
class Alike:
    """A public listing like the text, or answering it."""

    id: int
    title: str
    state: str
    owner: str
    sentence: str
    reasons: tuple[str, ...] = ()


def guess(text: str) -> Guess:
    """Return the likely field and track of a text (loads the model at the first call; never raises)."""
    if len(text.strip()) < ENOUGH:
        return Guess()
    try:
        fields, tracks = engine.bare_engine().guess_field(text), engine.bare_engine().guess_track(text)
    except Exception:
        logging.getLogger("market").exception("the engine could not guess a field")
        return Guess()
    field = fields[0][0] if fields and fields[0][0] in codes.FIELDS else None
    track = tracks[0][0] if tracks and tracks[0][0] in codes.TRACKS else None
    return Guess(field, track)


def answers(text: str, k: int = 5) -> list[Alike]:
    """Return the capabilities that answer a text best, with the sentence that does."""
    if len(text.strip()) < ENOUGH:
        return []
    among = documents.rankable_capabilities(settings.current().confirmation_months)
    return _capabilities(_ranked(text, among, k))


def _ranked(text: str, among: set[int], k: int) -> list[Hit]:
    if not among:
        return []
    try:
        return engine.engine().rank(question(text), among=among, k=k, on=clock.today())
    except Exception:
        logging.getLogger("market").exception("the engine could not rank while writing")
        return []


def _capabilities(hits: list[Hit]) -> list[Alike]:
    query = select(Capability).where(Capability.id.in_([hit.id for hit in hits])).options(joinedload(Capability.organisation))
    rows = {row.id: row for row in db.session.scalars(query)}
    return [
        Alike(
            hit.id,
            rows[hit.id].title,
            rows[hit.id].state,
            rows[hit.id].organisation.name,
            hit.sentence,
            tuple(reason.label for reason in hit.reasons if reason.kind != "rest")[:3],
        )
        for hit in hits
        if hit.id in rows
    ]


def alike(text: str, kind: str = "challenge", without: int = 0, k: int = 3) -> list[Alike]:
    """Return public listings of `kind` whose text is much like `text`: possible duplicates. Never the poster's name."""
    if len(text.strip()) < ENOUGH:
        return []
    model = Challenge if kind == "challenge" else Capability
    shown = documents.RANKED_CHALLENGE_STATES if kind == "challenge" else documents.RANKED_CAPABILITY_STATES
    public = set(db.session.scalars(select(model.id).where(model.state.in_(shown), model.id != without)))
    if not public:
        return []
    asked = question(text, "challenge" if kind == "challenge" else "capability")
    try:
        hits = [hit for hit in engine.engine().similar(asked, among=public, k=k) if hit.score >= _DUPLICATE]
    except Exception:
        logging.getLogger("market").exception("the engine could not compare while writing")
        return []
    rows = {row.id: row for row in db.session.execute(select(model.id, model.title, model.state).where(model.id.in_([h.id for h in hits])))}
    return [Alike(hit.id, rows[hit.id].title, rows[hit.id].state, "", hit.sentence) for hit in hits if hit.id in rows]


def alike_organisations(organisation: Organisation, track: str | None, tags: Iterable[str]) -> int:
    """Return how many organisations of the region share the track and every one of the tags (itself included)."""
    query = (
        select(func.count())
        .select_from(Organisation)
        .where(Organisation.region == organisation.region, Organisation.kind == organisation.kind)
    )
    if track or organisation.track:
        query = query.where(Organisation.track == (track or organisation.track))
    for tag in tags:
        query = query.where((";" + Organisation.tags + ";").contains(f";{tag};"))
    return db.session.scalar(query) or 0


def public_tags(challenge: Challenge) -> list[str]:
    """Return the poster's tags that the public may read: those of an anonymous one only where enough others share them."""
    tags = challenge.organisation.tag_list
    if challenge.anonymous and tags and alike_organisations(challenge.organisation, challenge.track, tags) < anonymity.ENOUGH:
        return []
    return tags


def giveaways(challenge: Challenge) -> list[str]:
    """Return what in the public view of an anonymous challenge points at its poster (organisation, indicators loaded)."""
    if not challenge.anonymous:
        return []
    organisation = challenge.organisation
    parts = [challenge.title, challenge.pain, challenge.background, challenge.tried, challenge.requirements]
    parts += [f"{row.name} {row.present} {row.target} {row.method}" for row in challenge.indicators]
    tags = public_tags(challenge)
    number = alike_organisations(organisation, challenge.track, tags)
    place = codes.region_name(challenge.region)
    return anonymity.giveaways("\n".join(parts), (organisation.name, organisation.short_name), number, tags, place)
