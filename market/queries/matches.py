"""Stored rankings as pages read them: rows with their reasons, re-checked for visibility at the time of reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain import codes, money
from market.domain.permissions import Actor, Subject
from market.matching import Estimate
from market.models import Capability, Challenge, Match, MatchFeedback, Organisation
from market.queries import challenges, documents, evidence, quality

FEEDBACK_REASONS = tuple(codes.DECLINE_REASONS.items())
_LINE = (Match.id.label("match_id"), Match.query_id, Match.item_id, Match.score, Match.reasons, Match.elements, Match.engine_version)
_CAPABILITY = (
    Capability.title, Capability.kind, Capability.field, Capability.stage, Capability.price_fen, Capability.price_stated, Capability.region, Capability.is_sample,
    Organisation.name.label("owner"),
)  # fmt: skip


@dataclass(frozen=True)
class MatchRow:
    """One ranked counterpart with why; `facts` start with the reasons in Chinese.

    `kind` is a capability's kind; `likelihood` how many of such results were judged relevant, where enough were judged.
    """

    match_id: int
    item_id: int
    rank: int
    title: str
    owner: str
    sentence: str
    words: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    feedback: str | None
    sample: bool
    engine_version: str
    kind: str = ""
    elements: tuple[evidence.ElementRow, ...] = ()
    missing: tuple[str, ...] = ()
    likelihood: Estimate | None = None
    reasons: tuple[tuple[str, str], ...] = FEEDBACK_REASONS


@dataclass(frozen=True)
class Judged:
    """One stored line with whose listings it is about: their people may say whether it is any use."""

    line: Match
    subject: Subject


def get(match_id: int) -> Judged | None:
    """Return one stored line with the owners of its two listings."""
    line = db.session.get(Match, match_id)
    if line is None:
        return None
    pair = {line.query_kind: line.query_id, line.item_kind: line.item_id}
    owners, cities = set(), set()
    for model, key in ((Challenge, pair.get("challenge")), (Capability, pair.get("capability"))):
        found = db.session.execute(select(model.organisation_id, model.region).where(model.id == key)).first()
        if found is not None:
            owners.add(found.organisation_id)
            cities.add(found.region)
    return Judged(line, Subject(owners=frozenset(owners), cities=frozenset(cities)))


def for_challenge(challenge_id: int, actor: Actor, months: int, limit: int = 20) -> list[MatchRow]:
    """Return the best capabilities for a challenge that are on offer now, best first; `months` a confirmation holds.

    Behind the first ten stand those that are kept for their kind alone (`of_kind` picks what a page shows).
    """
    return for_challenges([challenge_id], actor, months, limit)[challenge_id]


def of_kind(rows: Sequence[MatchRow], kind: str = "", limit: int = 10) -> list[MatchRow]:
    """Return the first rows of one kind of capability ("" = all), ranked anew from 1."""
    picked = [row for row in rows if kind in {"", row.kind}][:limit]
    return [replace(row, rank=rank) for rank, row in enumerate(picked, 1)]


def kinds_in(rows: Sequence[MatchRow]) -> dict[str, int]:
    """Return how many rows there are of each kind of capability, in the order of the table; none that is absent."""
    found = {kind: sum(row.kind == kind for row in rows) for kind in codes.CAPABILITY_KINDS}
    return {kind: number for kind, number in found.items() if number}


def for_challenges(challenge_ids: Sequence[int], actor: Actor, months: int, limit: int = 10) -> dict[int, list[MatchRow]]:
    """Return `for_challenge` for many, in two statements however many they are."""
    found: dict[int, list[MatchRow]] = {number: [] for number in challenge_ids}
    query = (
        select(*_LINE, *_CAPABILITY)
        .join(Capability, Capability.id == Match.item_id)
        .join(Organisation, Organisation.id == Capability.organisation_id)
        .where(*_stored("challenge", challenge_ids), documents.capability_is_rankable(months))
        .order_by(Match.query_id, Match.rank)
    )
    said = _feedback("challenge", challenge_ids, actor)
    for row in db.session.execute(query):
        rows = found[row.query_id]
        if len(rows) < limit:
            rows.append(_capability_row(row, said, len(rows) + 1))
    return found


def for_capability(capability_id: int, actor: Actor, limit: int = 10) -> list[MatchRow]:
    """Return the open challenges that a capability answers best; an anonymous poster stays anonymous."""
    return for_capabilities([capability_id], actor, limit)[capability_id]


def for_capabilities(capability_ids: Sequence[int], actor: Actor, limit: int = 10) -> dict[int, list[MatchRow]]:
    """Return `for_capability` for many, in five statements at most however many they are."""
    found: dict[int, list[MatchRow]] = {number: [] for number in capability_ids}
    query = (
        select(*_LINE, Challenge)
        .join(Challenge, Challenge.id == Match.item_id)
        .where(*_stored("capability", capability_ids), documents.challenge_is_rankable())
        .options(joinedload(Challenge.organisation))
        .order_by(Match.query_id, Match.rank)
    )
    lines = db.session.execute(query).all()
    names = challenges.posters({row.Challenge.id: row.Challenge for row in lines}.values(), actor)
    said = _feedback("capability", capability_ids, actor)
    for row in lines:
        rows = found[row.query_id]
        if len(rows) < limit:
            rows.append(_challenge_row(row, row.Challenge, names, said, len(rows) + 1))
    return found


def _stored(kind: str, ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return (Match.query_kind == kind, Match.query_id.in_(ids))


def own_listings(organisation_id: int) -> tuple[list[Challenge], list[Capability]]:
    """Return the open challenges and the offered capabilities of an organisation."""
    wanted = documents.RANKED_CHALLENGE_STATES
    mine = select(Challenge).where(Challenge.organisation_id == organisation_id, Challenge.state.in_(wanted)).order_by(Challenge.id.desc())
    offered = documents.RANKED_CAPABILITY_STATES
    own = (
        select(Capability)
        .where(Capability.organisation_id == organisation_id, Capability.state.in_(offered))
        .order_by(Capability.id.desc())
        .limit(50)
    )
    return list(db.session.scalars(mine)), list(db.session.scalars(own))


def profile_of(organisation_id: int) -> tuple[str, str]:
    """Return an organisation's kind and what it says of itself, as a text to rank with; "" where it says nothing.

    The name is left out: names are no evidence, and fame is never used.
    """
    found = db.session.execute(
        select(Organisation.kind, Organisation.profile, Organisation.tags, Organisation.track).where(Organisation.id == organisation_id)
    ).first()
    if found is None:
        return "", ""
    words = "，".join(part for part in (found.track or "", found.tags.replace(";", "，")) if part)
    return found.kind, "\n".join(part for part in (found.profile, words) if part) if found.profile else ""


def counts() -> dict[str, int]:
    """Return how many stored lines and judgements there are (for the public page on how matching works)."""
    return {
        "lines": db.session.scalar(select(func.count()).select_from(Match)) or 0,
        "judgements": db.session.scalar(select(func.count()).select_from(MatchFeedback)) or 0,
    }


def _feedback(kind: str, ids: Sequence[int], actor: Actor) -> dict[tuple[int, int], str]:
    """Return what the actor said of pairs (listing, counterpart); of strangers nothing is kept."""
    if actor.id is None or not ids:
        return {}
    query = select(MatchFeedback.query_id, MatchFeedback.item_id, MatchFeedback.useful).where(
        MatchFeedback.user_id == actor.id, MatchFeedback.query_kind == kind, MatchFeedback.query_id.in_(ids)
    )
    return {(row.query_id, row.item_id): "useful" if row.useful else "unsuitable" for row in db.session.execute(query)}


def _capability_row(line: Any, said: dict[tuple[int, int], str], rank: int) -> MatchRow:
    item, why = line, evidence.why(line.score, line.reasons, line.elements)
    facts = [
        ("为什么", why.reasons),
        ("阶段", codes.label("stage", item.stage) if item.stage else ""),
        ("价格", money.wan(item.price_fen) if item.price_fen is not None else "面议" if item.price_stated else ""),
        ("地区", codes.region_name(item.region)),
    ]
    return MatchRow(
        match_id=line.match_id, item_id=item.item_id, rank=rank, title=item.title, owner=item.owner, sentence=why.sentence, words=why.words,
        facts=tuple((k, v) for k, v in facts if v), feedback=said.get((line.query_id, line.item_id)), sample=item.is_sample,
        engine_version=line.engine_version, kind=item.kind, elements=why.elements, missing=why.missing,
        likelihood=quality.likelihood(line.score, item.field),
    )  # fmt: skip


def _challenge_row(line: Any, item: Challenge, names: dict[int, str], said: dict[tuple[int, int], str], rank: int) -> MatchRow:
    why = evidence.why(line.score, line.reasons, line.elements)
    amount = item.budget_max_fen if item.budget_max_fen is not None else item.budget_fen
    facts = [
        ("为什么", why.reasons),
        ("预算", money.wan(amount) if amount is not None else "面议" if item.budget_stated else ""),
        ("方式", codes.label("procedure", item.procedure)),
        ("地区", codes.region_name(item.region)),
    ]
    return MatchRow(
        match_id=line.match_id, item_id=item.id, rank=rank, title=item.title, owner=names[item.id], sentence=why.sentence, words=why.words,
        facts=tuple((k, v) for k, v in facts if v), feedback=said.get((line.query_id, line.item_id)), sample=item.is_sample,
        engine_version=line.engine_version, elements=why.elements, missing=why.missing, likelihood=quality.likelihood(line.score, item.field),
    )  # fmt: skip
