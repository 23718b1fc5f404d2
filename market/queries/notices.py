"""In-app notices of a person."""

from __future__ import annotations

from sqlalchemy import func, select

from market.db import db
from market.models import Notice


def unread_count(user_id: int) -> int:
    """Return how many notices the person has not read."""
    return db.session.scalar(select(func.count()).select_from(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))) or 0
