"""Frozen copies of a listing's words at each submission, so that a reviewer sees side by side what changed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Stale
from market.domain.permissions import Actor
from market.models import Capability, Challenge, Version
from market.queries.versions import LABELS, content, kind_of


def freeze(listing: Challenge | Capability, actor: Actor) -> int:
    """Store the words as they stand now under the next number, and return it."""
    kind = kind_of(listing)
    with transaction() as session:
        query = select(func.max(Version.number)).where(Version.subject_kind == kind, Version.subject_id == listing.id)
        number = (db.session.scalar(query) or 0) + 1
        session.add(
            Version(subject_kind=kind, subject_id=listing.id, number=number, at=clock.now(), by_id=actor.id, content=content(listing))
        )
        session.flush()
        return number


def check(listing: Challenge | Capability, typed: Callable[[], Challenge | Capability], version: int | None) -> None:
    """Raise Stale when a form is older than its listing (None: it carries no version); `changes` say what stands and what was typed."""
    if version is None or version == listing.version:
        return
    now, mine, labels = content(listing), content(typed()), LABELS[kind_of(listing)]
    raise Stale(
        changes=[
            f"{labels[key]}：现在是「{now[key] or '未填'}」，您填的是「{mine[key] or '未填'}」" for key in labels if now[key] != mine[key]
        ]
    )
