"""What the commission's back office reads: outbox, notices, the log, the table of holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, not_, select

from market.db import db
from market.domain import clock
from market.models import AccessLog, HistoryEntry, Holiday, Notice, Outbox, User
from market.queries import bids
from market.queries.pages import Listed, listed


def messages(state: str, page: int) -> Listed:
    """Return the messages of the outbox in `state`, those that wait longest first, the finished newest first."""
    query = select(Outbox).where(Outbox.state == state)
    order = (Outbox.id,) if state in {"waiting", "sending"} else (Outbox.done_at.desc(), Outbox.id.desc())
    return listed(query.order_by(*order), page)


def message_counts() -> dict[str, int]:
    """Return how many messages are in each state."""
    return {state: int(count) for state, count in db.session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))}


def notices_of(user_id: int, page: int) -> Listed:
    """Return a person's notices, the newest first."""
    return listed(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc()), page, 20)


def notice_of(user_id: int, notice_id: int) -> Notice | None:
    """Return one notice of the person."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.user_id == user_id))


@dataclass(frozen=True)
class LogFilter:
    """Which lines of the log are asked for; "" and None ask for all."""

    person: str = ""
    kind: str = ""
    step: str = ""
    first: date | None = None
    last: date | None = None


def steps(wanted: LogFilter, page: int) -> Listed:
    """Return the history of all subjects, the newest first; of a sealed bid (到期开启) not even that it exists, before opening."""
    sealed = and_(HistoryEntry.subject_kind == "bid", HistoryEntry.subject_id.in_(bids.sealed_ids()))
    query = select(HistoryEntry).where(not_(sealed))
    if wanted.person:
        query = query.where(HistoryEntry.actor_name.contains(wanted.person, autoescape=True))
    if wanted.kind:
        query = query.where(HistoryEntry.subject_kind == wanted.kind)
    if wanted.step:
        query = query.where(HistoryEntry.step == wanted.step)
    if wanted.first:
        query = query.where(HistoryEntry.at >= clock.start_of_day(wanted.first))
    if wanted.last:
        query = query.where(HistoryEntry.at <= clock.end_of_day(wanted.last))
    return listed(query.order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc()), page)


def accesses(wanted: LogFilter, page: int) -> Listed:
    """Return the access log as pairs (line, name of the person or None), the newest first."""
    query = select(AccessLog, User.name).outerjoin(User, User.id == AccessLog.user_id)
    if wanted.person:
        query = query.where(User.name.contains(wanted.person, autoescape=True))
    if wanted.kind:
        query = query.where(AccessLog.subject_kind == wanted.kind)
    if wanted.step:
        query = query.where(AccessLog.act == wanted.step)
    if wanted.first:
        query = query.where(AccessLog.at >= clock.start_of_day(wanted.first))
    if wanted.last:
        query = query.where(AccessLog.at <= clock.end_of_day(wanted.last))
    return listed(query.order_by(AccessLog.at.desc(), AccessLog.id.desc()), page)


def holidays_of(year: int) -> list[Holiday]:
    """Return the staff's table of a year, in order of date."""
    query = select(Holiday).where(Holiday.day >= date(year, 1, 1), Holiday.day <= date(year, 12, 31)).order_by(Holiday.day)
    return list(db.session.scalars(query))


def holiday_years() -> list[tuple[int, int]]:
    """Return (year, days) of every year with a table."""
    found: dict[int, int] = {}
    for day in db.session.scalars(select(Holiday.day).order_by(Holiday.day)):
        found[day.year] = found.get(day.year, 0) + 1
    return sorted(found.items())
