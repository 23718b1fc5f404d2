"""Sessions and accounts: what changes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from market.db import journal
from market.models import UserSession


def touch_session(session_id: int, seen_at: datetime) -> None:
    """Note that a session was used, at most once a minute, in a short write of its own (wall time)."""
    now = datetime.now(UTC)
    if now - seen_at < timedelta(minutes=1):
        return
    with journal() as session:
        session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))
