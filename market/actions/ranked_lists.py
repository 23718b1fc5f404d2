"""Which counterparts a stored ranking keeps, in which order, and with what evidence.

Two passes over the listings to be ranked: first only the scores, from which `domain.fairness` lays out who stands where;
then, for those kept, the reasons and the elements, which cost most of the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from market.db import db
from market.domain import clock, fairness
from market.matching import OTHER, Document, ElementMatch, Engine, Hit
from market.models import Capability, Challenge, Match
from market.queries import documents, suggestions

LENGTH = 12  # how many counterparts a stored ranking keeps
OF_KIND = 3  # of each kind of capability (成果, 设备 …) a challenge's ranking keeps at least so many, if they are there
REACH = 40  # how many of the other side are scored, of whom `LENGTH` are kept
Order = Mapping[tuple[str, int], Sequence[int]]


def kept(scores: Mapping[tuple[str, int], Sequence[fairness.Pair]], may_rank: Mapping[str, set[int]]) -> Order:
    """Return for each ranked listing the counterparts to keep, in the order in which they are shown."""
    owners, kinds = _capabilities(may_rank["capability"])
    lists = {item: pairs for (kind, item), pairs in scores.items() if kind == "challenge"}
    limits = fairness.Limits(len(may_rank["challenge"]), len(may_rank["capability"]))
    laid = fairness.laid_out(lists, owners, limits, _taken(lists.keys(), owners))
    order: dict[tuple[str, int], Sequence[int]] = {("challenge", item): _with_each_kind(ranked, kinds) for item, ranked in laid.items()}
    posters = _posters(may_rank["challenge"])
    for (kind, item), pairs in scores.items():
        if kind == "capability":
            order[(kind, item)] = fairness.varied([other for other, _ in pairs], posters)[:LENGTH]
    return order


def _with_each_kind(ranked: Sequence[int], kinds: Mapping[int, str]) -> list[int]:
    """The first `LENGTH`, and behind them the best of each kind of which they hold fewer than `OF_KIND`."""
    held = Counter(kinds.get(item, "") for item in ranked[:LENGTH])
    more = []
    for item in ranked[LENGTH:]:
        kind = kinds.get(item, "")
        if held[kind] < OF_KIND:
            held[kind] += 1
            more.append(item)
    return [*ranked[:LENGTH], *more]


def _capabilities(ids: set[int]) -> tuple[dict[int, int], dict[int, str]]:
    """Owner and kind of the capabilities that may be ranked (`ids` may be many: all are read, the others left out)."""
    rows = [row for row in db.session.execute(select(Capability.id, Capability.organisation_id, Capability.kind)) if row.id in ids]
    return {row.id: row.organisation_id for row in rows}, {row.id: row.kind for row in rows}


def _posters(ids: set[int]) -> dict[int, int]:
    rows = db.session.execute(select(Challenge.id, Challenge.organisation_id).where(Challenge.state.in_(documents.RANKED_CHALLENGE_STATES)))
    return {row.id: row.organisation_id for row in rows if row.id in ids}


def _taken(anew: Iterable[int], owners: Mapping[int, int]) -> fairness.Places:
    """The first places in the stored rankings of the other challenges."""
    again = set(anew)
    query = select(Match.query_id, Match.item_id).where(Match.query_kind == "challenge", Match.rank <= fairness.FIRST)
    places = fairness.Places()
    for row in db.session.execute(query):
        if row.query_id not in again:
            places.items[row.item_id] += 1
            places.owners[owners.get(row.item_id, 0)] += 1
    return places


def lines(document: Document, sample: bool, order: Sequence[int], others: Mapping[int, Document], engine: Engine) -> list[dict[str, Any]]:
    """Return the rows of one listing's ranking: the counterparts in this order, with reasons and elements."""
    hits = {hit.id: hit for hit in engine.rank(document, among=set(order), k=len(order), on=clock.today())}
    version = suggestions.engine_version(engine)
    found = [hits[item] for item in order if item in hits and item in others]
    return [
        _reasons(hit)
        | {
            "query_kind": document.kind,
            "query_id": document.id,
            "item_kind": OTHER[document.kind],
            "item_id": hit.id,
            "rank": rank,
            "score": hit.score,
            "elements": [element_row(one) for one in pair_elements(engine, document, others[hit.id])],
            "engine_version": version,
            "computed_at": clock.now(),
            "is_sample": sample,
        }
        for rank, hit in enumerate(found, 1)
    ]


def pair_elements(engine: Engine, one: Document, other: Document) -> list[ElementMatch]:
    """What the challenge of the pair asks, and what its capability says to that."""
    challenge, capability = (one, other) if one.kind == "challenge" else (other, one)
    return engine.elements(challenge, capability)


def element_row(one: ElementMatch) -> dict[str, Any]:
    """Return an element as it is kept."""
    return {"kind": one.kind, "text": one.text, "share": round(one.share, 3), "sentence": one.sentence, "met": one.met}


def _reasons(hit: Hit) -> dict[str, Any]:
    reasons = [
        {"kind": r.kind, "label": r.label, "strength": round(r.strength, 4), "left": r.left, "right": r.right, "sentence": r.sentence}
        for r in hit.reasons
    ]
    best = {"kind": "best", "label": "", "strength": 0, "left": "", "right": "", "sentence": hit.sentence}
    return {"reasons": [best, *reasons]}
