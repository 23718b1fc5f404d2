"""Stored rankings, embeddings, what was shown, and what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import delete, insert, or_, select

from market.db import db, journal, release, transaction, use_read_only
from market.domain import clock, codes
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.matching import ENGINE_VERSION, OTHER, Document, Engine, Hit, Kind, vector_to
from market.models import Embedding, Impression, IndexChange, Match, MatchFeedback, Setting
from market.queries import documents, settings
from market.queries import engine as engines

LENGTH = 12  # how many counterparts a stored ranking keeps
REACH = 40  # how many of the other side are ranked anew when one listing changes
_DONE = "matches_done_revision"


def refresh_changed(progress: Callable[[int, int], None] | None = None) -> int:
    """Rank anew what the changes since the last time touch; return how many listings were ranked.

    A change of one listing touches its own ranking, those it stands in, and those it would enter.
    """
    done = settings.value(_DONE, 0)
    rows = db.session.execute(select(IndexChange.revision, IndexChange.kind, IndexChange.item_id).where(IndexChange.revision > done)).all()
    release()
    if not rows:
        return 0
    store_embeddings()
    changed: set[tuple[str, int]] = {(row.kind, row.item_id) for row in rows}
    may_rank = _rankable()
    wanted = changed | _touched(changed, may_rank)
    work = sorted(wanted)
    for number, (kind, item_id) in enumerate(work, 1):
        _rank_one(kind, item_id, may_rank)
        if progress:
            progress(number, len(work))
    _remember(max(row.revision for row in rows))
    return len(work)


def _engine() -> Engine:
    """Return the engine in step with the database, holding no lock: ranking is slow, and SQLite has one writer."""
    release()
    use_read_only(True)
    try:
        return engines.engine()
    finally:
        release()
        use_read_only(False)


def _rankable() -> dict[str, set[int]]:
    months = settings.current().confirmation_months
    found = {"challenge": documents.rankable_challenges(), "capability": documents.rankable_capabilities(months)}
    release()
    return found


def _touched(changed: set[tuple[str, int]], may_rank: dict[str, set[int]]) -> set[tuple[str, int]]:
    if len(changed) > 200:
        return {(kind, item) for kind, ids in may_rank.items() for item in ids}
    touched: set[tuple[str, int]] = set()
    for kind, item_id in changed:
        holders = select(Match.query_kind, Match.query_id).where(Match.item_kind == kind, Match.item_id == item_id)
        touched |= {(row.query_kind, row.query_id) for row in db.session.execute(holders)}
        found = documents.of_kind(kind, [item_id])
        release()
        if found and item_id in may_rank[kind]:
            other: Kind = OTHER[found[0].kind]
            release()
            touched |= {(other, hit.id) for hit in _engine().rank(found[0], among=may_rank[other], k=REACH, on=clock.today())}
    return touched


def _rank_one(kind: str, item_id: int, may_rank: dict[str, set[int]]) -> None:
    found = documents.of_kind(kind, [item_id])
    release()
    hits: Sequence[Hit] = []
    if found and item_id in may_rank[kind]:
        other: Kind = OTHER[found[0].kind]
        hits = _engine().rank(found[0], among=may_rank[other], k=LENGTH, on=clock.today())
    _store(kind, item_id, found, hits)


def _store(kind: str, item_id: int, found: Sequence[Document], hits: Sequence[Hit]) -> None:
    other = "capability" if kind == "challenge" else "challenge"
    version = f"{ENGINE_VERSION}/{engines.bare_engine().model_fingerprint}"[:80]
    with transaction() as session:
        session.execute(delete(Match).where(Match.query_kind == kind, Match.query_id == item_id))
        if found and hits:
            sample = _is_sample(kind, item_id)
            session.execute(insert(Match), [_row(kind, item_id, other, hit, version, sample) for hit in hits])


def _is_sample(kind: str, item_id: int) -> bool:
    from_table = documents.TABLES[kind]
    return bool(db.session.scalar(select(from_table.is_sample).where(from_table.id == item_id)))


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


def _remember(revision: int) -> None:
    with transaction() as session:
        row = session.get(Setting, _DONE)
        if row is None:
            session.add(Setting(name=_DONE, value=revision, changed_at=clock.now()))
        else:
            row.value, row.changed_at = revision, clock.now()


def rank_everything(progress: Callable[[int, int], None] | None = None) -> int:
    """Rank every open listing anew (after the clock moved or the model changed); return how many."""
    may_rank = _rankable()
    store_embeddings()
    work = [(kind, item) for kind, ids in may_rank.items() for item in sorted(ids)]
    for number, (kind, item_id) in enumerate(work, 1):
        _rank_one(kind, item_id, may_rank)
        if progress:
            progress(number, len(work))
    return len(work)


def store_embeddings() -> int:
    """Embed the public listings whose text has no vector of this model yet; return how many were embedded."""
    everything = documents.challenges() + documents.capabilities()
    engine = engines.bare_engine()
    model = engine.model_fingerprint
    known = set(engines.stored_vectors(everything, model))
    release()
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


def note_shown(
    surface: str, actor: Actor, query_kind: str, query_id: int | None, item_kind: str, items: Iterable[tuple[int, int]], version: str
) -> None:
    """Record in one short write which items (id, rank) a person was shown, where, and by which engine version."""
    now = clock.now()
    rows = [
        {
            "at": now, "surface": surface, "user_id": actor.id, "organisation_id": actor.organisation_id, "query_kind": query_kind,
            "query_id": query_id, "item_kind": item_kind, "item_id": item_id, "rank": rank, "engine_version": version[:80], "is_sample": False,
        }
        for item_id, rank in items
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
