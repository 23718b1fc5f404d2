"""What the one worker process does, again and again: mails, jobs, rankings, reminders, tidying up.

Each part is on its own: one that fails is logged and tried again the next time, the others go on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from market import db as database
from market.actions import capabilities, forecasts, goals, jobs, limits, match_stores, matches, outbox, reembedding, reminders
from market.actions.outbox import MailServer
from market.db import db, reading, release, transaction
from market.domain import clock
from market.models import WorkerBeat
from market.queries import engine as engines
from market.queries import settings

HOURLY = 3600.0
FORECAST = 60.0  # seconds between two looks whether the year's end must be worked out anew
SNAPSHOT = 300.0  # seconds between two snapshots of the matching index, which holds public texts: what was withdrawn goes with the next


@dataclass
class Worker:
    """The state of a running worker."""

    server: MailServer
    handlers: Mapping[str, jobs.Handler]
    say: Callable[[str], None]
    last_hourly: float = field(default=-HOURLY)
    last_snapshot: float = field(default=-SNAPSHOT)
    last_forecast: float = field(default=-FORECAST)
    last_day: str = ""

    def tick(self) -> bool:
        """Do everything that waits; True when something was done (then the next tick need not wait)."""
        database.use_read_only(False)
        with reading():
            site = settings.current()
        clock.set_offset(site.clock_offset_days if site.sample_market else 0)
        busy = self._part("beat", _beat)
        busy = bool(self._part("mails", lambda: outbox.deliver(self.server)))
        busy |= bool(self._part("jobs", lambda: jobs.run_next(self.handlers)))
        busy |= bool(self._part("rankings", matches.refresh_changed))
        busy |= bool(self._part("embeddings of the new model", reembedding.step))
        self._part("terms", match_stores.count_terms)
        self._daily()
        if time.monotonic() - self.last_forecast > FORECAST:
            self.last_forecast = time.monotonic()
            self._part("forecast", forecasts.refresh)
        if time.monotonic() - self.last_snapshot > SNAPSHOT:
            self.last_snapshot = time.monotonic()
            self._part("snapshot", _snapshot)
        if time.monotonic() - self.last_hourly > HOURLY:
            self.last_hourly = time.monotonic()
            self._part("deadlines", reminders.deadlines)
            self._part("contacts", reminders.unanswered_contacts)
            self._part("renewals", capabilities.remind_renewals)
            self._part("limits", limits.purge)
            self._part("changes of figures", goals.forget_old_changes)
        db.session.remove()
        return busy

    def _daily(self) -> None:
        """A new day (or a moved clock) closes some listings: rank everything anew and remind."""
        today = clock.today().isoformat()
        if self.last_day and self.last_day != today:
            self._part("rankings of the new day", matches.rank_everything)
            self.last_hourly = -HOURLY
        self.last_day = today

    def _part(self, name: str, work: Callable[[], object]) -> object:
        try:
            done = work()
        except Exception:
            db.session.rollback()
            logging.getLogger("market").exception("worker: %s failed", name)
            return None
        finally:
            release()
        if done and name not in {"beat"}:
            self.say(f"{name}: {done}")
        return done


def _snapshot() -> str:
    with reading():
        return engines.save_snapshot()


def _beat() -> None:
    with transaction() as session:
        row = session.get(WorkerBeat, "worker")
        if row is None:
            session.add(WorkerBeat(name="worker", at=datetime.now(UTC)))
        else:
            row.at = datetime.now(UTC)
