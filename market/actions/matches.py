"""Stored rankings, embeddings, what was shown, and what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select

from market.actions import match_stores, ranked_lists
from market.db import db, journal, reading, transaction
from market.domain import clock, codes
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.matching import OTHER, Document, Engine, Kind, vector_to
from market.models import Embedding, Impression, Match, MatchFeedback, MatchOutcome, Setting
from market.queries import changes, documents, settings
from market.queries import engine as engines

REACH = ranked_lists.REACH  # how many of the other side are scored, and ranked anew when one listing changes
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
    if any(row.kind == engines.MODEL_CHANGE for row in rows):
        with reading():
            engines.exchange()
        ranked = rank_everything(progress)
        _remember(cursor)
        return ranked
    changed: set[tuple[str, int]] = {(row.kind, row.item_id) for row in rows}
    store_embeddings(changed if len(changed) <= MANY else None)
    match_stores.keep(changed if len(changed) <= MANY else None, engines.bare_engine())
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
    order = _order(work, may_rank)
    ranked = 0
    for start in range(0, len(work), BATCH):
        part = work[start : start + BATCH]
        engine, lines = _engine(), []
        others = _others(part, order)
        for document, sample in _documents(part):
            if document.key in order:
                lines += ranked_lists.lines(document, sample, order[document.key], others[OTHER[document.kind]], engine)
            ranked += 1
            if progress:
                progress(ranked, len(work))
        _replace(part, lines)
        if ranked < start + len(part):  # some are public no more
            ranked = start + len(part)
            if progress:
                progress(ranked, len(work))


def _order(work: Sequence[tuple[str, int]], may_rank: dict[str, set[int]]) -> ranked_lists.Order:
    """Return who stands where in each list: the scores of all of them first, then the rules on who may stand first."""
    scores: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for start in range(0, len(work), BATCH):
        engine = _engine()
        for document, _sample in _documents(work[start : start + BATCH]):
            if document.id in may_rank[document.kind]:
                among = may_rank[OTHER[document.kind]]
                scores[document.key] = engine.scored(document, REACH, among=among, on=clock.today())
    with reading():
        return ranked_lists.kept(scores, may_rank)


def _others(part: Iterable[tuple[str, int]], order: ranked_lists.Order) -> dict[str, dict[int, Document]]:
    """Return the counterparts of these listings as documents, each read once."""
    wanted: dict[str, set[int]] = {"challenge": set(), "capability": set()}
    for kind, item in part:
        wanted["capability" if kind == "challenge" else "challenge"].update(order.get((kind, item), ()))
    with reading():
        return {kind: {document.id: document for document in documents.of_kind(kind, sorted(ids))} for kind, ids in wanted.items()}


def _replace(part: Iterable[tuple[str, int]], lines: list[dict[str, object]]) -> None:
    """Put these lines in the place of the stored ones; a pair that stays keeps its number, so that its address stays."""
    pair = (Match.query_kind, Match.query_id, Match.item_id)
    with transaction() as session:
        numbers: dict[tuple[object, ...], int] = {}
        for kind, ids in _by_kind(part).items():
            old = (Match.query_kind == kind, Match.query_id.in_(ids))
            numbers |= {(row.query_kind, row.query_id, row.item_id): row.id for row in session.execute(select(Match.id, *pair).where(*old))}
            session.execute(delete(Match).where(*old))
        known = [line | {"id": numbers[key]} for line in lines if (key := _pair(line)) in numbers]
        fresh = [line for line in lines if _pair(line) not in numbers]
        for rows in (known, fresh):
            if rows:
                session.execute(insert(Match), rows)


def _pair(line: dict[str, object]) -> tuple[object, ...]:
    return line["query_kind"], line["query_id"], line["item_id"]


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
    match_stores.keep(None, engines.bare_engine())
    work = [(kind, item) for kind, ids in may_rank.items() for item in sorted(ids)]
    _rank(work, may_rank, progress)
    return len(work)


def store_embeddings(listings: Iterable[tuple[str, int]] | None = None, engine: Engine | None = None) -> int:
    """Embed the public ones of these listings (None: all) whose text has no vector of this model yet; return how many.

    `engine` when it is not the one that answers.
    """
    engine = engine or engines.bare_engine()
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


def note_opened(match_id: int, actor: Actor, item_id: int = 0) -> None:
    """Record that somebody who is signed in opened an item of a stored ranking, with its rank.

    `match_id` 0, an unknown number, or one of another item than `item_id` (0 = any) is ignored.
    """
    line = db.session.get(Match, match_id) if match_id and actor.id is not None else None
    if line is None or item_id not in {0, line.item_id}:
        return
    row = {
        "at": clock.now(), "act": "opened", "ref_id": None, "surface": line.query_kind, "user_id": actor.id,
        "organisation_id": actor.organisation_id, "query_kind": line.query_kind, "query_id": line.query_id,
        "item_kind": line.item_kind, "item_id": line.item_id, "rank": line.rank, "engine_version": line.engine_version, "is_sample": line.is_sample,
    }  # fmt: skip
    with journal() as session:
        session.execute(insert(MatchOutcome), [row])


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
