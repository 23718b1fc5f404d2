"""Stored rankings as pages read them: rows with their reasons, re-checked for visibility at the time of reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain import codes, money
from market.domain.permissions import Actor
from market.models import Capability, Challenge, Match, MatchFeedback
from market.queries import challenges, documents, settings

_CLEAR = 0.03  # share of the score from which a likeness in meaning is named
FEEDBACK_REASONS = tuple(codes.DECLINE_REASONS.items())


@dataclass(frozen=True)
class MatchRow:
    """One ranked counterpart with why; `facts` start with the reasons in Chinese."""

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
    reasons: tuple[tuple[str, str], ...] = FEEDBACK_REASONS


def get(match_id: int) -> Match | None:
    """Return one stored line."""
    return db.session.get(Match, match_id)


def for_challenge(challenge_id: int, actor: Actor, limit: int = 10) -> list[MatchRow]:
    """Return the best capabilities for a challenge that are on offer now, best first."""
    stored = _stored("challenge", challenge_id)
    allowed = documents.rankable_capabilities(settings.current().confirmation_months)
    lines = [line for line in stored if line.item_id in allowed][:limit]
    query = select(Capability).where(Capability.id.in_([line.item_id for line in lines])).options(joinedload(Capability.organisation))
    items = {row.id: row for row in db.session.scalars(query)}
    said = _feedback("challenge", challenge_id, actor)
    return [_capability_row(line, items[line.item_id], said, rank) for rank, line in enumerate(lines, 1) if line.item_id in items]


def for_capability(capability_id: int, actor: Actor, limit: int = 10) -> list[MatchRow]:
    """Return the open challenges that a capability answers best; an anonymous poster stays anonymous."""
    stored = _stored("capability", capability_id)
    allowed = documents.rankable_challenges()
    lines = [line for line in stored if line.item_id in allowed][:limit]
    query = select(Challenge).where(Challenge.id.in_([line.item_id for line in lines])).options(joinedload(Challenge.organisation))
    items = {row.id: row for row in db.session.scalars(query)}
    names = challenges.posters(items.values(), actor)
    said = _feedback("capability", capability_id, actor)
    return [_challenge_row(line, items[line.item_id], names, said, rank) for rank, line in enumerate(lines, 1) if line.item_id in items]


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


def best_for_organisation(organisation_id: int, actor: Actor, limit: int = 20) -> list[tuple[str, MatchRow]]:
    """Return the best counterparts over all listings of an organisation: (own listing's title, row), each counterpart once."""
    mine, offered = own_listings(organisation_id)
    found: list[tuple[str, MatchRow]] = [(c.title, row) for c in mine[:10] for row in for_challenge(c.id, actor, 5)]
    found += [(c.title, row) for c in offered[:10] for row in for_capability(c.id, actor, 3)]
    seen: set[tuple[bool, int]] = set()
    kept = []
    for title, row in sorted(found, key=lambda pair: pair[1].rank):
        key = (title in {c.title for c in mine}, row.item_id)
        if key not in seen:
            seen.add(key)
            kept.append((title, row))
    return kept[:limit]


def counts() -> dict[str, int]:
    """Return how many stored lines and judgements there are (for the public page on how matching works)."""
    return {
        "lines": db.session.scalar(select(func.count()).select_from(Match)) or 0,
        "judgements": db.session.scalar(select(func.count()).select_from(MatchFeedback)) or 0,
    }


def _stored(kind: str, item_id: int) -> Sequence[Match]:
    query = select(Match).where(Match.query_kind == kind, Match.query_id == item_id).order_by(Match.rank)
    return db.session.scalars(query).all()


def _feedback(kind: str, item_id: int, actor: Actor) -> dict[int, str]:
    if actor.id is None:
        return {}
    query = select(MatchFeedback.item_id, MatchFeedback.useful).where(
        MatchFeedback.user_id == actor.id, MatchFeedback.query_kind == kind, MatchFeedback.query_id == item_id
    )
    return {row.item_id: "useful" if row.useful else "unsuitable" for row in db.session.execute(query)}


def _why(line: Match) -> tuple[str, tuple[str, ...], str]:
    reasons: list[dict[str, Any]] = line.reasons
    sentence = next((r["sentence"] for r in reasons if r["kind"] == "best"), "")
    named = [r for r in reasons if r["kind"] not in {"best", "rest"} and r["strength"] > 0]
    named = [r for r in named if r["kind"] != "meaning" or r["strength"] >= _CLEAR * line.score]  # faint likeness convinces nobody
    words = dict.fromkeys(word for r in named if r["kind"] == "phrase" for word in (r["left"], r["right"]) if word)
    return sentence, tuple(words), "；".join(dict.fromkeys(r["label"] for r in named[:4]))


def _capability_row(line: Match, item: Capability, said: dict[int, str], rank: int) -> MatchRow:
    sentence, words, why = _why(line)
    facts = [
        ("为什么", why),
        ("阶段", codes.label("stage", item.stage) if item.stage else ""),
        ("价格", money.wan(item.price_fen) if item.price_fen is not None else "面议" if item.price_stated else ""),
        ("地区", codes.region_name(item.region)),
    ]
    return MatchRow(
        match_id=line.id, item_id=item.id, rank=rank, title=item.title, owner=item.organisation.name, sentence=sentence, words=words,
        facts=tuple((k, v) for k, v in facts if v), feedback=said.get(item.id), sample=item.is_sample, engine_version=line.engine_version,
    )  # fmt: skip


def _challenge_row(line: Match, item: Challenge, names: dict[int, str], said: dict[int, str], rank: int) -> MatchRow:
    sentence, words, why = _why(line)
    amount = item.budget_max_fen if item.budget_max_fen is not None else item.budget_fen
    facts = [
        ("为什么", why),
        ("预算", money.wan(amount) if amount is not None else "面议" if item.budget_stated else ""),
        ("方式", codes.label("procedure", item.procedure)),
        ("地区", codes.region_name(item.region)),
    ]
    return MatchRow(
        match_id=line.id, item_id=item.id, rank=rank, title=item.title, owner=names[item.id], sentence=sentence, words=words,
        facts=tuple((k, v) for k, v in facts if v), feedback=said.get(item.id), sample=item.is_sample, engine_version=line.engine_version,
    )  # fmt: skip
