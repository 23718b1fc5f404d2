"""The best capabilities for a text that is not stored, with the reasons, as components/match.html reads them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain import clock, codes, money
from market.matching import Hit, question
from market.models import Capability
from market.queries import documents, engine

SHORTEST = 4  # characters worth ranking
LONGEST = 2_000


@dataclass(frozen=True)
class Suggestion:
    """One ranked capability; `facts` start with why it was found."""

    id: int
    rank: int
    title: str
    owner: str
    sentence: str
    words: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sample: bool


@dataclass(frozen=True)
class Suggestions:
    """What was found; `failed` when the engine could not answer (the page then offers the search)."""

    rows: tuple[Suggestion, ...] = ()
    failed: bool = False
    engine_version: str = ""


def capabilities_for(text: str, months: int, k: int = 10) -> Suggestions:
    """Return the `k` capabilities that answer `text` best; `months` is how long a confirmation holds. Never raises."""
    text = text.strip()[:LONGEST]
    among = documents.rankable_capabilities(months) if len(text) >= SHORTEST else set()
    if not among:
        return Suggestions()
    try:
        ranking = engine.engine()
        hits = ranking.rank(question(text), among=among, k=k, on=clock.today())
        fingerprint = ranking.fingerprint
    except Exception:
        logging.getLogger("market").exception("the engine could not answer a text")
        return Suggestions(failed=True)
    query = select(Capability).where(Capability.id.in_([hit.id for hit in hits])).options(joinedload(Capability.organisation))
    rows = {row.id: row for row in db.session.scalars(query)}
    return Suggestions(tuple(_suggestion(hit, rows[hit.id]) for hit in hits if hit.id in rows), False, fingerprint)


def _suggestion(hit: Hit, capability: Capability) -> Suggestion:
    named = [reason for reason in hit.reasons if reason.kind != "rest" and reason.strength > 0]
    words = dict.fromkeys(word for reason in named if reason.kind == "phrase" for word in (reason.left, reason.right) if word)
    facts = [
        ("为什么", "；".join(dict.fromkeys(reason.label for reason in named[:4]))),
        ("阶段", codes.label("stage", capability.stage) if capability.stage else ""),
        ("价格", money.wan(capability.price_fen) if capability.price_fen is not None else "面议" if capability.price_stated else ""),
        ("地区", codes.region_name(capability.region)),
    ]
    return Suggestion(
        id=capability.id,
        rank=hit.rank,
        title=capability.title,
        owner=capability.organisation.name,
        sentence=hit.sentence,
        words=tuple(words),
        facts=tuple((label, value) for label, value in facts if value),
        sample=capability.is_sample,
    )
