"""The change log of the matching index, read so that nothing in it is ever skipped.

Revisions are drawn when a line is written and become visible when its transaction commits. On SQLite there is one
writer, so both orders are one, and who remembers the highest revision has seen all below it. On PostgreSQL a
transaction may commit hours after others that drew higher revisions. So each line there carries the number of its
transaction (`pg_current_xact_id()`, the column's default), and a reader keeps a horizon: the oldest transaction that
had not ended when it last looked (`pg_snapshot_xmin` of the very statement that read the lines). What ended before
the horizon was visible then; everything from the horizon on is read again, less the revisions already seen. A
transaction that stays open holds the horizon back and costs memory for the lines written meanwhile; it makes nobody
wait and is never passed over, however long it lasts. A horizon that no transaction has reached yet was kept by another
server, before a backup was restored into this one: then everything counts as new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, String, case, cast, func, select

from market.db import db
from market.models import IndexChange


@dataclass(frozen=True, slots=True)
class Change:
    """A listing changed."""

    revision: int
    kind: str
    item_id: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one reader has come: the highest revision, and on PostgreSQL its horizon and what it saw beyond."""

    highest: int = 0
    horizon: int = 0
    seen: frozenset[int] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the cursor as the table of settings keeps it."""
        return {"highest": self.highest, "horizon": self.horizon, "seen": sorted(self.seen)}

    @classmethod
    def from_json(cls, value: Any) -> Cursor:
        """Return a kept cursor; one at the beginning for anything else."""
        if not isinstance(value, dict):
            return cls()
        return cls(value["highest"], value["horizon"], frozenset(value["seen"]))


def here() -> Cursor:
    """Return a cursor for one who reads the listings themselves next: all that is visible now counts as seen."""
    if db.engine.dialect.name == "sqlite":
        return Cursor(highest=db.session.scalar(select(func.max(IndexChange.revision))) or 0)
    highest, horizon = db.session.execute(select(select(func.max(IndexChange.revision)).scalar_subquery(), _oldest_running())).one()
    seen = db.session.scalars(select(IndexChange.revision).where(IndexChange.transaction_id >= horizon))
    return Cursor(highest or 0, horizon, frozenset(seen))


def since(cursor: Cursor) -> tuple[list[Change], Cursor]:
    """Return what became visible since `cursor` (one statement), and the cursor to keep once it has been applied."""
    columns = (IndexChange.revision, IndexChange.kind, IndexChange.item_id)
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(select(*columns).where(IndexChange.revision > cursor.highest).order_by(IndexChange.revision))
        fresh = [Change(*row) for row in rows]
        return fresh, Cursor(highest=fresh[-1].revision) if fresh else cursor
    query = select(*columns, IndexChange.transaction_id, _oldest_running().label("horizon"))
    from_here = case((_oldest_running() < cursor.horizon, 0), else_=cursor.horizon)
    lines = db.session.execute(query.where(IndexChange.transaction_id >= from_here).order_by(IndexChange.revision)).all()
    if not lines:
        return [], cursor
    horizon = lines[0].horizon
    known = cursor.seen if horizon >= cursor.horizon else frozenset[int]()
    fresh = [Change(*line[:3]) for line in lines if line.revision not in known]
    seen = frozenset(line.revision for line in lines if line.transaction_id >= horizon)
    return fresh, Cursor(max(cursor.highest, lines[-1].revision), horizon, seen)


def _oldest_running() -> ScalarSelect[int]:
    """The oldest transaction that had not ended when the statement began; all below it had."""
    xmin = func.pg_snapshot_xmin(func.pg_current_snapshot())
    return select(cast(cast(xmin, String), BigInteger)).scalar_subquery()
