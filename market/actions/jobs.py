"""Long work for the worker: put in by a request, taken under a lease, its progress kept for the page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from market.db import db, journal, only_reading, reading, transaction
from market.domain import clock
from market.domain.errors import MarketError
from market.models import Job

LEASE = timedelta(minutes=10)
ATTEMPTS = 3
Progress = Callable[[int, int], None]
Handler = Callable[[dict[str, Any], Progress], None]


def enqueue(kind: str, payload: dict[str, Any], by_id: int | None = None) -> Job:
    """Put one job in; nests in the caller's transaction, so it exists only if the rest does."""
    with transaction() as session:
        job = Job(kind=kind, payload=payload, available_at=datetime.now(UTC), by_id=by_id)
        session.add(job)
        session.flush()
        return job


def run_next(handlers: Mapping[str, Handler]) -> bool:
    """Take the oldest waiting job (or one whose worker died) and run it; False when there is none."""
    job_id = _claim(list(handlers))
    if job_id is None:
        return False
    with reading():
        job = db.session.get_one(Job, job_id)
        kind, payload = job.kind, dict(job.payload)
    try:
        handlers[kind](payload, lambda done, total: _note(job_id, done, total))
    except MarketError as error:
        _finish(job_id, "failed", str(error))
    except Exception as error:
        logging.getLogger("market").exception("job %s (%s) failed", job_id, kind)
        _retry(job_id, type(error).__name__)
    else:
        _finish(job_id, "done", "")
    return True


def _claim(kinds: list[str]) -> int | None:
    now = datetime.now(UTC)
    with transaction():
        query = (
            select(Job)
            .where(
                Job.kind.in_(kinds), Job.available_at <= now,
                or_(Job.state == "waiting", (Job.state == "running") & (Job.locked_until < now)),
            )
            .order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        )  # fmt: skip
        job = db.session.scalar(query)
        if job is None:
            return None
        job.state, job.locked_until, job.attempts = "running", now + LEASE, job.attempts + 1
        return job.id


def _note(job_id: int, done: int, total: int) -> None:
    """Keep the progress; work that is in the middle of reading goes on reading, its progress is written beside it."""
    with journal() if only_reading() else transaction() as session:
        job = session.get_one(Job, job_id)
        job.done, job.total, job.locked_until = done, total, datetime.now(UTC) + LEASE


def _finish(job_id: int, state: str, message: str) -> None:
    with transaction():
        job = db.session.get_one(Job, job_id)
        job.state, job.message, job.locked_until, job.finished_at = state, message[:300], None, clock.now()


def _retry(job_id: int, message: str) -> None:
    with transaction():
        job = db.session.get_one(Job, job_id)
        if job.attempts >= ATTEMPTS:
            job.state, job.message, job.finished_at = "failed", f"没有完成（{message}），请联系系统管理员", clock.now()
        else:
            job.state, job.available_at = "waiting", datetime.now(UTC) + timedelta(seconds=30 * job.attempts)
        job.locked_until = None
