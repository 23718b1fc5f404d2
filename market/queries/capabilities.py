"""Capabilities with what their pages read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.models import Capability


def get(capability_id: int) -> Capability | None:
    """Return one capability with its organisation, people and IP rights."""
    query = select(Capability).where(Capability.id == capability_id)
    options = (joinedload(Capability.organisation), joinedload(Capability.author), joinedload(Capability.adviser))
    return db.session.scalar(query.options(*options, selectinload(Capability.ip_rights)))
