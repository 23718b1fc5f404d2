"""One page of a long list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from market.db import db

PAGE_SIZE = 50


@dataclass(frozen=True)
class Listed:
    """One page of rows."""

    rows: list[Any]
    total: int
    page: int
    pages: int


def listed(query: Any, page: int, size: int = PAGE_SIZE) -> Listed:
    """Return page `page` (from 1; one that is not there becomes the nearest) of a query's rows; single columns are unpacked."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max((total + size - 1) // size, 1)
    page = min(max(page, 1), pages)
    rows = db.session.execute(query.limit(size).offset((page - 1) * size)).all()
    return Listed([row[0] if len(row) == 1 else row for row in rows], total, page, pages)
