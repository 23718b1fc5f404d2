"""What the worker needs for a forecast of the year's end, and what it kept of it. The pages only read what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from market.db import db
from market.domain import backtest, clock, cutoff, seasons
from market.domain import statistics as rules
from market.domain.outlook import Inputs
from market.domain.permissions import Role
from market.domain.statistics import Filter
from market.models import Forecast, Setting, User, UserRole
from market.queries import cutoffs, ledger, settings, statistics, tracks

HISTORY = backtest.YEARS + seasons.LAST_YEARS  # years of registrations a forecast and its back-test go back
READERS = "probability_readers"  # setting: ids of the staff whom the leader named
NAMEABLE = (Role.CLERK, Role.REVIEWER, Role.AUDITOR)


@dataclass(frozen=True)
class Outlook:
    """The latest kept forecast of a year. `figures` is what `domain.outlook.work_out` gave (分, basis points).

    `stale`: something it was worked out from may have changed since; the worker looks again within minutes.
    `internal` (the chance of making the goal) is for readers with `statistics:see-chance` only.
    """

    year: int
    as_of: date
    made_at: datetime
    inputs_hash: str
    figures: dict[str, Any]
    internal: dict[str, Any]
    stale: bool


def latest(year: int) -> Outlook | None:
    """Return the latest kept forecast of a year; None before the worker made one (two statements)."""
    row = db.session.scalar(select(Forecast).where(Forecast.year == year).order_by(Forecast.id.desc()).limit(1))
    if row is None:
        return None
    stale = row.revision != stamp() or row.as_of != rules.as_of(year, clock.today())
    return Outlook(row.year, row.as_of, row.created_at, row.inputs_hash, row.figures, row.internal, stale)


def stamp() -> str:
    """Return a short text that changes whenever figures or settings change (one statement)."""
    changed = select(func.max(Setting.changed_at)).scalar_subquery()
    found = db.session.execute(select(*statistics.REVISION_COLUMNS, changed)).one()
    return " ".join(str(part) for part in found)[:80]


def inputs(year: int) -> Inputs:
    """Return all that the forecast of `year` is worked out from, as it stands today."""
    today = clock.today()
    until = rules.as_of(year, today)
    so_far = statistics.figure(Filter(year=year, until=until))
    average = so_far.average_fen or statistics.figure(Filter(year=year - 1)).average_fen
    curve = statistics.season_curve()
    return Inputs(
        year=year,
        day=until,
        so_far_fen=so_far.amount_fen,
        so_far_count=so_far.count,
        target_fen=statistics.goal(year).target_fen,
        average_fen=average,
        ledger=ledger.by_day(date(year - HISTORY, 1, 1)),
        tracks=tuple(tracks.all_tracks()),
        entered=(tuple(curve[0]), curve[1]) if curve else None,
        filing=tuple(_filing(one) for one in range(year - backtest.YEARS, year + 1)),
    )


def _filing(year: int) -> tuple[int, int, int | None, int | None]:
    """Return a year's last days to file, as the calendar of cut-offs has them; a deal is large here by its 成交额, the earlier day."""
    found = cutoffs.calendar(year)
    ordinary, large = (found.kinds[kind].last_day for kind in (cutoff.ORDINARY, cutoff.LARGE))
    late = large if large and found.limit else ordinary
    return year, found.limit.value if found.limit else 0, *(day.toordinal() if day else None for day in (ordinary, late))  # type: ignore[return-value]


def readers() -> frozenset[int]:
    """Return the ids of the staff whom the leader named to see the chance of making the goal."""
    return frozenset(int(id_) for id_ in settings.value(READERS, []))


def nameable() -> list[User]:
    """Return the staff whom the leader can name as readers, by name."""
    roles = select(UserRole.user_id).where(UserRole.role.in_(NAMEABLE))
    return list(db.session.scalars(select(User).where(User.id.in_(roles), User.disabled_at.is_(None)).order_by(User.name, User.id)))
