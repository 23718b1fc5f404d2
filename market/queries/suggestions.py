"""The best counterparts for a text that is not stored, with the reasons, as components/match.html reads them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from market.db import db
from market.domain import clock, codes, fairness, money
from market.domain.permissions import Actor
from market.matching import ENGINE_VERSION, OTHER, Document, Engine, Estimate, Hit, question
from market.models import Capability, Challenge
from market.queries import challenges, documents, engine, evidence, quality

SHORTEST = 4  # characters worth ranking
LONGEST = 2_000


@dataclass(frozen=True)
class Suggestion:
    """One ranked counterpart; `facts` start with why it was found, `question` asks for what its text does not say."""

    id: int
    rank: int
    title: str
    owner: str
    sentence: str
    words: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sample: bool
    elements: tuple[evidence.ElementRow, ...] = ()
    missing: tuple[str, ...] = ()
    question: str = ""
    likelihood: Estimate | None = None


@dataclass(frozen=True)
class Suggestions:
    """What was found; `failed` when the engine could not answer (the page then offers the search)."""

    rows: tuple[Suggestion, ...] = ()
    failed: bool = False
    engine_version: str = ""


def engine_version(ranking: Engine) -> str:
    """Return the name under which lists of this engine are recorded: the program and the model, whatever is listed."""
    return f"{ENGINE_VERSION}/{ranking.model_fingerprint}"[:80]


def capabilities_for(text: str, months: int, k: int = 10) -> Suggestions:
    """Return the `k` capabilities that answer `text` best; `months` is how long a confirmation holds. Never raises."""
    text = text.strip()[:LONGEST]
    among = documents.rankable_capabilities(months) if len(text) >= SHORTEST else set()
    found = _found(question(text), among, k)
    query = select(Capability).where(Capability.id.in_(found.order)).options(joinedload(Capability.organisation))
    rows = {row.id: row for row in db.session.scalars(query)} if found.order else {}
    listed = [_capability(found, rows[item], rank) for rank, item in enumerate(_varied(found.order, rows.values()), 1)]
    return Suggestions(tuple(listed), found.failed, found.version)


def challenges_for(text: str, actor: Actor, k: int = 10) -> Suggestions:
    """Return the `k` open challenges that an organisation with such a profile might answer. Never raises."""
    text = text.strip()[:LONGEST]
    among = documents.rankable_challenges() if len(text) >= SHORTEST else set()
    found = _found(question(text, "capability"), among, k)
    query = select(Challenge).where(Challenge.id.in_(found.order)).options(joinedload(Challenge.organisation))
    rows = {row.id: row for row in db.session.scalars(query)} if found.order else {}
    names = challenges.posters(rows.values(), actor)
    listed = [_challenge(found, rows[item], names[item], rank) for rank, item in enumerate(_varied(found.order, rows.values()), 1)]
    return Suggestions(tuple(listed), found.failed, found.version)


@dataclass(frozen=True)
class _Found:
    hits: dict[int, Hit]
    why: dict[int, evidence.Why]
    version: str = ""
    failed: bool = False

    @property
    def order(self) -> list[int]:
        return list(self.hits)


def _found(asked: Document, among: set[int], k: int) -> _Found:
    if not among:
        return _Found({}, {})
    try:
        ranking = engine.engine()
        hits = ranking.rank(asked, among=among, k=k, on=clock.today())
        why = _why(ranking, asked, hits)
    except Exception:
        logging.getLogger("market").exception("the engine could not answer a text")
        return _Found({}, {}, failed=True)
    return _Found({hit.id: hit for hit in hits}, why, engine_version(ranking))


def _why(ranking: Engine, asked: Document, hits: list[Hit]) -> dict[int, evidence.Why]:
    others = {document.id: document for document in documents.of_kind(OTHER[asked.kind], [hit.id for hit in hits])}
    found = {}
    for hit in hits:
        if hit.id in others:
            pair = (asked, others[hit.id]) if asked.kind == "challenge" else (others[hit.id], asked)
            best = {"kind": "best", "label": "", "strength": 0.0, "left": "", "right": "", "sentence": hit.sentence}
            reasons = [best, *(asdict(reason) for reason in hit.reasons)]
            found[hit.id] = evidence.why(hit.score, reasons, [asdict(one) for one in ranking.elements(*pair)])
    return found


def _varied(order: list[int], rows: Iterable[Capability | Challenge]) -> list[int]:
    """At most two of one organisation near the top, as in the stored rankings."""
    owners = {row.id: row.organisation_id for row in rows}
    return fairness.varied([item for item in order if item in owners], owners)


def _capability(found: _Found, item: Capability, rank: int) -> Suggestion:
    facts = [
        ("阶段", codes.label("stage", item.stage) if item.stage else ""),
        ("价格", money.wan(item.price_fen) if item.price_fen is not None else "面议" if item.price_stated else ""),
        ("地区", codes.region_name(item.region)),
    ]
    why = found.why[item.id]
    asked = evidence.first_question(item.title, why.missing)
    return _suggestion(found, item, rank, item.organisation.name, facts, asked)


def _challenge(found: _Found, item: Challenge, owner: str, rank: int) -> Suggestion:
    amount = item.budget_max_fen if item.budget_max_fen is not None else item.budget_fen
    facts = [
        ("预算", money.wan(amount) if amount is not None else "面议" if item.budget_stated else ""),
        ("方式", codes.label("procedure", item.procedure)),
        ("地区", codes.region_name(item.region)),
    ]
    return _suggestion(found, item, rank, owner, facts, "")


def _suggestion(found: _Found, item: Capability | Challenge, rank: int, owner: str, facts: list[tuple[str, str]], asked: str) -> Suggestion:
    hit, why = found.hits[item.id], found.why[item.id]
    return Suggestion(
        id=item.id,
        rank=rank,
        title=item.title,
        owner=owner,
        sentence=why.sentence,
        words=why.words,
        facts=tuple((label, value) for label, value in [("为什么", why.reasons), *facts] if value),
        sample=item.is_sample,
        elements=why.elements,
        missing=why.missing,
        question=asked,
        likelihood=quality.likelihood(hit.score, item.field),
    )
