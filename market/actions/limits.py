"""Rate limits, counted in the database so that all workers share them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from market.db import db, transaction
from market.domain import clock
from market.domain.errors import TooMany
from market.models import RateBucket

KEPT = timedelta(days=2)


def hit(name: str, key: str, limit: int, window: timedelta, message: str = "操作太频繁，请稍后再试") -> None:
    """Count one use of the limit `name` by `key` (an account, an address, "all") in the present window.

    Raises TooMany beyond `limit` uses in `window`. Outside a transaction the count is kept at once,
    whatever happens next; inside one it is kept only when the whole work is: there it limits what succeeded.
    """
    start = window_start(clock.now(), window)
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    with transaction() as session:
        statement = (
            insert(RateBucket)
            .values(name=name, key=_stored(key), window_start=start, count=1)
            .on_conflict_do_update(index_elements=["name", "key", "window_start"], set_={"count": RateBucket.count + 1})
            .returning(RateBucket.count)
        )
        count = session.execute(statement).scalar_one()
    if count > limit:
        raise TooMany(message, retry_after=max(int((start + window - clock.now()).total_seconds()), 1))


def give_back(name: str, key: str, window: timedelta) -> None:
    """Take back one use that turned out to be harmless (a right password)."""
    rows = update(RateBucket).where(RateBucket.name == name, RateBucket.key == _stored(key), RateBucket.count > 0)
    with transaction() as session:
        session.execute(
            rows.where(RateBucket.window_start == window_start(clock.now(), window))
            .values(count=RateBucket.count - 1)
            .execution_options(synchronize_session=False)
        )


def forget(name: str, key: str) -> None:
    """Clear all counts of `key` (after a password reset)."""
    with transaction() as session:
        session.execute(
            delete(RateBucket).where(RateBucket.name == name, RateBucket.key == _stored(key)).execution_options(synchronize_session=False)
        )


def purge() -> int:
    """Delete windows older than two days; returns how many. The worker calls it."""
    with transaction() as session:
        gone = session.execute(
            delete(RateBucket).where(RateBucket.window_start < clock.now() - KEPT).execution_options(synchronize_session=False)
        )
        return int(getattr(gone, "rowcount", 0))


def window_start(moment: datetime, window: timedelta) -> datetime:
    """Return when the window that holds `moment` began; windows count from 1970-01-01 UTC."""
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


def _stored(key: str) -> str:
    """Return the key as stored: a hash, so that the table names no addresses and no accounts."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
