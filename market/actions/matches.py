"""Stored rankings, embeddings, what was shown, and what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select

from market.db import db, journal, reading, transaction
from market.domain import clock, codes
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.matching import ENGINE_VERSION, OTHER, Document, Engine, Hit, Kind, vector_to
from market.models import Embedding, Impression, Match, MatchFeedback, Setting
from market.queries import changes, documents, settings
from market.queries import engine as engines

LENGTH = 12  # how many counterparts a stored ranking keeps
REACH = 40  # how many of the other side are ranked anew when one listing changes
MANY = 200  # changes at once from which everything is ranked anew
BATCH = 32  # listings that are read and written together
_DONE = "matches_done_revision"
Progress = Callable[[int, int], None]


def refresh_changed(progress: Progress | None = None) -> int:
    """Rank anew what the changes since the last time touch; return how many listings were ranked.

    A change of one listing touches its own ranking, those it stands in, and those it would enter.
    """
    with reading():
        rows, cursor = changes.since(changes.Cursor.from_json(settings.value(_DONE)))
    if not rows:
        return 0
    changed: set[tuple[str, int]] = {(row.kind, row.item_id) for row in rows}
    store_embeddings(changed if len(changed) <= MANY else None)
    may_rank = _rankable()
    work = sorted(changed | _touched(changed, may_rank))
    _rank(work, may_rank, progress)
    _remember(cursor)
    return len(work)


def _engine() -> Engine:
    """Return the engine in step with the database, holding no lock: ranking is slow, and SQLite has one writer."""
    with reading():
        return engines.engine()


def _rankable() -> dict[str, set[int]]:
    with reading():
        months = settings.current().confirmation_months
        return {"challenge": documents.rankable_challenges(), "capability": documents.rankable_capabilities(months)}


def _touched(changed: set[tuple[str, int]], may_rank: dict[str, set[int]]) -> set[tuple[str, int]]:
    if len(changed) > MANY:
        return {(kind, item) for kind, ids in may_rank.items() for item in ids}
    touched: set[tuple[str, int]] = set()
    engine = _engine()
    for kind, ids in _by_kind(changed).items():
        with reading():
            holders = select(Match.query_kind, Match.query_id).where(Match.item_kind == kind, Match.item_id.in_(ids))
            touched |= {(row.query_kind, row.query_id) for row in db.session.execute(holders)}
            found = documents.of_kind(kind, ids)
        for document in found:
            if document.id in may_rank[kind]:
                other: Kind = OTHER[document.kind]
                near = engine.scored(document, REACH, among=may_rank[other], on=clock.today())
                touched |= {(other, item) for item, _score in near}
    return touched


def _rank(work: Sequence[tuple[str, int]], may_rank: dict[str, set[int]], progress: Progress | None) -> None:
    """Rank listings in batches: read together, ranked without any lock, their lines replaced in one short write."""
    ranked = 0
    for start in range(0, len(work), BATCH):
        part = work[start : start + BATCH]
        engine, lines = _engine(), []
        for document, sample in _documents(part):
            if document.id in may_rank[document.kind]:
                hits = engine.rank(document, among=may_rank[OTHER[document.kind]], k=LENGTH, on=clock.today())
                lines += _lines(document, hits, sample, engine)
            ranked += 1
            if progress:
                progress(ranked, len(work))
        with transaction() as session:
            for kind, ids in _by_kind(part).items():
                session.execute(delete(Match).where(Match.query_kind == kind, Match.query_id.in_(ids)))
            if lines:
                session.execute(insert(Match), lines)
        if ranked < start + len(part):  # some are public no more
            ranked = start + len(part)
            if progress:
                progress(ranked, len(work))


def _by_kind(listings: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for kind, item in sorted(listings):
        found.setdefault(kind, []).append(item)
    return found


def _documents(listings: Iterable[tuple[str, int]]) -> list[tuple[Document, bool]]:
    """Return the public ones of these listings as documents, and whether each belongs to the sample market."""
    with reading():
        found: list[tuple[Document, bool]] = []
        for kind, ids in _by_kind(listings).items():
            table = documents.TABLES[kind]
            sample = set(db.session.scalars(select(table.id).where(table.id.in_(ids), table.is_sample)))
            found += [(document, document.id in sample) for document in documents.of_kind(kind, ids)]
        return found


def _lines(document: Document, hits: Sequence[Hit], sample: bool, engine: Engine) -> list[dict[str, object]]:
    version = f"{ENGINE_VERSION}/{engine.model_fingerprint}"[:80]
    return [_row(document.kind, document.id, OTHER[document.kind], hit, version, sample) for hit in hits]


def _row(kind: str, item_id: int, other: str, hit: Hit, version: str, sample: bool) -> dict[str, object]:
    reasons = [
        {"kind": r.kind, "label": r.label, "strength": round(r.strength, 4), "left": r.left, "right": r.right, "sentence": r.sentence}
        for r in hit.reasons
    ]
    return {
        "query_kind": kind, "query_id": item_id, "item_kind": other, "item_id": hit.id, "rank": hit.rank, "score": hit.score,
        "reasons": [{"kind": "best", "label": "", "strength": 0, "left": "", "right": "", "sentence": hit.sentence}, *reasons],
        "engine_version": version, "computed_at": clock.now(), "is_sample": sample,
    }  # fmt: skip


def _remember(cursor: changes.Cursor) -> None:
    with transaction() as session:
        row = session.get(Setting, _DONE)
        if row is None:
            session.add(Setting(name=_DONE, value=cursor.to_json(), changed_at=clock.now()))
        else:
            row.value, row.changed_at = cursor.to_json(), clock.now()


def rank_everything(progress: Progress | None = None) -> int:
    """Rank every open listing anew (after the clock moved or the model changed); return how many."""
    may_rank = _rankable()
    store_embeddings()
    work = [(kind, item) for kind, ids in may_rank.items() for item in sorted(ids)]
    _rank(work, may_rank, progress)
    return len(work)


def store_embeddings(listings: Iterable[tuple[str, int]] | None = None) -> int:
    """Embed the public ones of these listings (None: all) whose text has no vector of this model yet; return how many."""
    engine = engines.bare_engine()
    model = engine.model_fingerprint
    with reading():
        wanted = dict.fromkeys(documents.TABLES) if listings is None else _by_kind(listings)
        everything = [document for kind, ids in wanted.items() for document in documents.of_kind(kind, ids)]
        known = set(engines.stored_vectors(everything, model))
    missing = {engines.text_hash(document): document for document in everything if document.key not in known}
    items = list(missing.items())
    for start in range(0, len(items), 256):
        part = items[start : start + 256]
        vectors = engine.embed([document.content for _digest, document in part])
        with transaction() as session:
            values = [
                {"text_hash": digest, "model": model, "dim": len(vector), "vector": vector_to(vector)}
                for (digest, _document), vector in zip(part, vectors, strict=True)
            ]
            session.execute(insert(Embedding), values)
    return len(items)


@dataclass(frozen=True)
class Shown:
    """One list that a person was shown: for which listing (None: a question that is not stored), which items at which rank."""

    query_kind: str
    query_id: int | None
    item_kind: str
    items: Sequence[tuple[int, int]]
    version: str


def note_shown(
    surface: str, actor: Actor, query_kind: str, query_id: int | None, item_kind: str, items: Iterable[tuple[int, int]], version: str
) -> None:
    """Record in one short write which items (id, rank) a person was shown, where, and by which engine version."""
    note_lists(surface, actor, [Shown(query_kind, query_id, item_kind, list(items), version)])


def note_lists(surface: str, actor: Actor, lists: Iterable[Shown]) -> None:
    """Record all the lists of a page in one short write."""
    now = clock.now()
    rows = [
        {
            "at": now, "surface": surface, "user_id": actor.id, "organisation_id": actor.organisation_id, "query_kind": one.query_kind,
            "query_id": one.query_id, "item_kind": one.item_kind, "item_id": item_id, "rank": rank, "engine_version": one.version[:80],
            "is_sample": False,
        }
        for one in lists
        for item_id, rank in one.items
    ]  # fmt: skip
    if rows:
        with journal() as session:
            session.execute(insert(Impression), rows)


def judge(match: Match, useful: bool, reason: str | None, note: str, actor: Actor) -> None:
    """Keep a person's 有用 / 不合适 about a pair; the newest word replaces the older.

    Raises Forbidden, and Invalid when 不合适 comes without a reason of the list.
    """
    demand(actor, P.JUDGE_MATCH, None)
    if not useful and reason not in codes.DECLINE_REASONS:
        raise Invalid({"reason": "请选择为什么不合适"})
    with transaction() as session:
        same = (
            MatchFeedback.user_id == actor.id, MatchFeedback.query_kind == match.query_kind, MatchFeedback.query_id == match.query_id,
            MatchFeedback.item_kind == match.item_kind, MatchFeedback.item_id == match.item_id,
        )  # fmt: skip
        session.execute(delete(MatchFeedback).where(*same))
        session.add(
            MatchFeedback(
                at=clock.now(), user_id=actor.id, query_kind=match.query_kind, query_id=match.query_id, item_kind=match.item_kind,
                item_id=match.item_id, useful=useful, reason=None if useful else reason, note=note[:300], rank=match.rank,
                engine_version=match.engine_version, is_sample=match.is_sample,
            )
        )  # fmt: skip


def forget(kind: str, item_id: int) -> None:
    """Drop every stored ranking line of a listing that is gone."""
    with transaction() as session:
        session.execute(
            delete(Match).where(
                or_(
                    (Match.query_kind == kind) & (Match.query_id == item_id),
                    (Match.item_kind == kind) & (Match.item_id == item_id),
                )
            )
        )
