"""The worker works out where the year will end and keeps it; the leader names who may see the chance of making the goal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select

from market.actions import history
from market.db import db, reading, transaction
from market.domain import clock, outlook
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import Forecast, Setting
from market.queries import forecasts as queries
from market.queries import statistics

PAUSE = timedelta(minutes=5)  # at least so long between two forecasts of one day
KEPT_DAYS = 400  # each day's last forecast is kept so long


def refresh() -> str:
    """Work out this year's end anew where something it goes by has changed; returns what was done, "" for nothing.

    The same inputs (by their hash) are worked out once: then only the kept row's revision moves up. The worker calls it.
    """
    year = clock.today().year
    with reading():
        kept = queries.latest(year)
        stamp = queries.stamp()
        fresh = kept is not None and kept.as_of == clock.today()
        if kept and fresh and (not kept.stale or clock.now() - kept.made_at < PAUSE):
            return ""
        inputs = queries.inputs(year)
        sample = statistics.has_sample()
    mark = inputs.hash()
    if kept and kept.inputs_hash == mark:
        return _seen(year, stamp)
    figures, internal = outlook.work_out(inputs, kept.figures.get("backtest") if kept else None)
    with transaction() as session:
        session.add(
            Forecast(
                year=year,
                as_of=inputs.day,
                inputs_hash=mark,
                revision=stamp,
                figures=figures,
                internal=internal,
                is_sample=sample,
            )
        )
        session.flush()
        _thin(year)
    return f"{year} as of {inputs.day}"


def _seen(year: int, stamp: str) -> str:
    """Note that the kept forecast still holds for the present revision."""
    with transaction() as session:
        row = session.scalars(select(Forecast).where(Forecast.year == year).order_by(Forecast.id.desc()).limit(1)).one()
        row.revision = stamp
    return ""


def _thin(year: int) -> None:
    """Keep the last forecast of each day, and none older than `KEPT_DAYS`."""
    rows = db.session.execute(select(Forecast.id, Forecast.as_of).where(Forecast.year == year).order_by(Forecast.id)).all()
    last = {day: id_ for id_, day in rows}
    oldest = clock.today() - timedelta(days=KEPT_DAYS)
    gone = [id_ for id_, day in rows if last[day] != id_ or day < oldest]
    if gone:
        db.session.execute(delete(Forecast).where(Forecast.id.in_(gone)))


def name_readers(ids: Iterable[int], actor: Actor) -> None:
    """Name the staff who may see the chance of making the goal beside the leader. Raises Forbidden, Invalid (nobody else can be named)."""
    demand(actor, P.SET_GOAL)
    wanted = sorted(set(ids))
    with transaction() as session:
        if set(wanted) - {user.id for user in queries.nameable()}:
            raise Invalid({"readers": "只能指定在职的经办、审核或纪检审计人员"})
        row = session.get(Setting, queries.READERS) or Setting(name=queries.READERS)
        before = row.value or []
        row.value, row.changed_at, row.changed_by_id = wanted, clock.now(), actor.id
        session.add(row)
        history.record("goal", 0, "readers", actor, detail={"before": before, "after": wanted})
