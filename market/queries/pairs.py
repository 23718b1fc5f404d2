"""One stored pair, whole: both texts, each element, each share of the score. Public where both listings are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain.permissions import Actor, Subject
from market.matching import Estimate
from market.models import Capability, Challenge, Match, MatchFeedback
from market.queries import challenges, documents, evidence, quality

_WORDS = {"phrase", "meaning", "lexicon", "figure"}


@dataclass(frozen=True)
class Share:
    """One reason with its share of the score in percent (negative where it lowers it), and where it stands."""

    label: str
    percent: int
    sentence: str


@dataclass(frozen=True)
class Pair:
    """Why these two; `challenge_words` and `capability_words` are marked in the texts."""

    id: int
    query_kind: str
    rank: int
    challenge: Challenge
    capability: Capability
    poster: str
    challenge_text: str
    capability_text: str
    challenge_words: tuple[str, ...]
    capability_words: tuple[str, ...]
    elements: tuple[evidence.ElementRow, ...]
    missing: tuple[str, ...]
    shares: tuple[Share, ...]
    likelihood: Estimate | None
    feedback: str | None
    engine_version: str
    computed_at: datetime
    subject: Subject

    @property
    def is_public(self) -> bool:
        """Always: a pair of which one side is not public is not found."""
        return True


def pair(match_id: int, actor: Actor, months: int) -> Pair | None:
    """Return a stored pair; None when it is gone or one of its listings is not on offer to everybody now."""
    line = db.session.get(Match, match_id)
    if line is None:
        return None
    ids = {line.query_kind: line.query_id, line.item_kind: line.item_id}
    challenge = db.session.scalar(
        select(Challenge)
        .where(Challenge.id == ids["challenge"], documents.challenge_is_rankable())
        .options(joinedload(Challenge.organisation), selectinload(Challenge.indicators))
    )
    capability = db.session.scalar(
        select(Capability)
        .where(Capability.id == ids["capability"], documents.capability_is_rankable(months))
        .options(joinedload(Capability.organisation))
    )
    if challenge is None or capability is None:
        return None
    why = evidence.why(line.score, line.reasons, line.elements)
    forward = line.query_kind == "challenge"
    return Pair(
        id=line.id,
        query_kind=line.query_kind,
        rank=line.rank,
        challenge=challenge,
        capability=capability,
        poster=challenges.poster(challenge, actor),
        challenge_text=documents.challenge_document(challenge).text,
        capability_text=documents.capability_document(capability).text,
        challenge_words=_marks(line.reasons, "left" if forward else "right"),
        capability_words=_marks(line.reasons, "right" if forward else "left"),
        elements=why.elements,
        missing=why.missing,
        shares=_shares(line),
        likelihood=quality.likelihood(line.score, challenge.field),
        feedback=_said(line, actor),
        engine_version=line.engine_version,
        computed_at=line.computed_at,
        subject=Subject(owners=frozenset({challenge.organisation_id, capability.organisation_id})),
    )


def first_question(match_id: int) -> str:
    """Return the opening of a contact about what the capability of a stored pair does not say; "" where nothing is missing."""
    line = db.session.get(Match, match_id)
    if line is None or line.query_kind != "challenge":
        return ""
    title = db.session.scalar(select(Capability.title).where(Capability.id == line.item_id)) or ""
    return evidence.first_question(title, evidence.why(line.score, line.reasons, line.elements).missing)


def _marks(reasons: list[dict[str, Any]], side: str) -> tuple[str, ...]:
    found = (reason[side] for reason in reasons if reason["kind"] in _WORDS and reason["strength"] > 0)
    return tuple(dict.fromkeys(word for word in found if len(word) > 1))


def _shares(line: Match) -> tuple[Share, ...]:
    total = line.score or 1.0
    named = [reason for reason in line.reasons if reason["kind"] != "best"]
    return tuple(Share(reason["label"], round(100 * reason["strength"] / total), reason["sentence"]) for reason in named)


def _said(line: Match, actor: Actor) -> str | None:
    if actor.id is None:
        return None
    said = db.session.scalar(
        select(MatchFeedback.useful).where(
            MatchFeedback.user_id == actor.id,
            MatchFeedback.query_kind == line.query_kind,
            MatchFeedback.query_id == line.query_id,
            MatchFeedback.item_id == line.item_id,
        )
    )
    return None if said is None else "useful" if said else "unsuitable"
