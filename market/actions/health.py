"""The write probe of /readyz."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, insert

from market.db import journal
from market.models import WorkerBeat

_NAME = "probe"


def probe() -> None:
    """Write one row and read it into the log of the database; raises the database's own error when it cannot."""
    with journal() as session:
        session.execute(delete(WorkerBeat).where(WorkerBeat.name == _NAME))
        session.execute(insert(WorkerBeat).values(name=_NAME, at=datetime.now(UTC), detail=""))
