"""What became of the lists that were shown, by engine version: shown, opened, contacts, bids, contracts, and what people said.

A bid on a call that opens at its deadline is counted only after it: until then nobody may know that one was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from market.db import db
from market.domain import clock
from market.models import Bid, Capability, Challenge, Impression, MatchFeedback, MatchOutcome

ACTS = {
    "shown": "列出的名单",
    "opened": "打开",
    "contact": "对接",
    "bid": "揭榜申报",
    "contract": "合同",
    "useful": "有用",
    "unsuitable": "不合适",
}
SURFACES = {
    "challenge": "需求页面",
    "capability": "成果页面",
    "recommendations": "为您推荐",
    "profile": "按单位简介推荐",
    "try": "把难题写在这里",
    "lead": "三句话的答复",
}
PAGE = 50


@dataclass(frozen=True)
class VersionRow:
    """One engine version with how many of each act, by the names of `ACTS`."""

    version: str
    counts: dict[str, int]


@dataclass(frozen=True)
class Record:
    """One row behind a figure: when, on which page, which item at which rank, and the contact, bid or contract."""

    at: datetime
    surface: str
    item_kind: str
    item_id: int
    title: str
    rank: int
    act: str
    ref_id: int | None
    note: str


def versions() -> list[VersionRow]:
    """Return every engine version that showed a list or was judged, the latest first; sample rows are left out."""
    found: dict[str, dict[str, int]] = {}
    latest: dict[str, datetime] = {}
    for act in ACTS:
        table, where = _rows(act)
        query = select(table.engine_version, func.count(), func.max(table.at)).where(*where).group_by(table.engine_version)
        for version, number, at in db.session.execute(query):
            found.setdefault(version, dict.fromkeys(ACTS, 0))[act] = number
            latest[version] = max(at, latest.get(version, at))
    return [VersionRow(version, found[version]) for version in sorted(found, key=lambda one: latest[one], reverse=True)]


def records(version: str, act: str, page: int) -> tuple[list[Record], int]:
    """Return one page of the rows behind a figure, newest first, and how many there are."""
    table, where = _rows(act)
    chosen = (*where, table.engine_version == version)
    total = db.session.scalar(select(func.count()).select_from(table).where(*chosen)) or 0
    query: Select[Any] = (
        select(table).where(*chosen).order_by(table.at.desc(), table.id.desc()).limit(PAGE).offset(PAGE * (max(page, 1) - 1))
    )
    rows = list(db.session.scalars(query))
    titles = _titles(rows)
    return [_record(row, act, titles) for row in rows], total


def _rows(act: str) -> tuple[Any, Sequence[ColumnElement[bool]]]:
    """The table and the condition behind one figure."""
    if act == "shown":
        return Impression, (Impression.rank == 1, Impression.is_sample.is_(False))
    if act in {"useful", "unsuitable"}:
        return MatchFeedback, (MatchFeedback.useful.is_(act == "useful"), MatchFeedback.is_sample.is_(False))
    where: list[ColumnElement[bool]] = [MatchOutcome.act == act, MatchOutcome.is_sample.is_(False)]
    if act == "bid":
        where.append(MatchOutcome.ref_id.not_in(_sealed()))
    return MatchOutcome, where


def _sealed() -> Select[Any]:
    """The bids of which nobody may know yet that they were sent."""
    running = or_(Challenge.closes_at.is_(None), Challenge.closes_at > clock.now())
    hidden = and_(running, not_(Challenge.visibility == "on_arrival"))
    return select(Bid.id).join(Challenge, Challenge.id == Bid.challenge_id).where(hidden)


def _titles(rows: Sequence[Any]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for kind, model in (("challenge", Challenge), ("capability", Capability)):
        ids = {row.item_id for row in rows if row.item_kind == kind}
        if ids:
            found |= {(kind, row.id): row.title for row in db.session.execute(select(model.id, model.title).where(model.id.in_(ids)))}
    return found


def _record(row: Any, act: str, titles: dict[tuple[str, int], str]) -> Record:
    surface = getattr(row, "surface", row.query_kind)
    title = titles.get((row.item_kind, row.item_id), "已删除")
    note = getattr(row, "reason", None) or ""
    ref = getattr(row, "ref_id", None)
    return Record(row.at, SURFACES.get(surface, surface), row.item_kind, row.item_id, title, row.rank, act, ref, note)
