"""How the service is: migrations, worker, outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

from market.db import db
from market.domain import clock
from market.models import Outbox, WorkerBeat

WORKER_LATE_SECONDS = 120
_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


@dataclass(frozen=True)
class Health:
    """What /readyz tells; ages in seconds, None when there is nothing to measure."""

    migrated: bool
    worker_age: int | None
    outbox_age: int | None

    @property
    def worker_late(self) -> bool:
        """True when the worker has not been heard of lately."""
        return self.worker_age is None or self.worker_age > WORKER_LATE_SECONDS


def read() -> Health:
    """Return the state of the service; raises the database's own error when it cannot be read."""
    beat = db.session.scalar(select(func.max(WorkerBeat.at)).where(WorkerBeat.name == "worker"))
    oldest = db.session.scalar(select(func.min(Outbox.available_at)).where(Outbox.state == "waiting", Outbox.available_at <= clock.now()))
    return Health(
        migrated=db.session.scalar(text("SELECT version_num FROM alembic_version")) == head(),
        worker_age=int((datetime.now(UTC) - beat).total_seconds()) if beat else None,
        outbox_age=int((clock.now() - oldest).total_seconds()) if oldest else None,
    )


@cache
def head() -> str | None:
    """Return the newest migration in the code."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()
