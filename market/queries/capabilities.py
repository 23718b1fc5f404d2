"""Capabilities with what their pages read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from market.db import db
from market.domain.capabilities import PUBLIC_STATES
from market.models import Capability, HistoryEntry
from market.queries.pages import Listed, listed


def get(capability_id: int) -> Capability | None:
    """Return one capability with its organisation, people and IP rights."""
    query = select(Capability).where(Capability.id == capability_id)
    options = (joinedload(Capability.organisation), joinedload(Capability.author), joinedload(Capability.adviser))
    return db.session.scalar(query.options(*options, selectinload(Capability.ip_rights)).execution_options(populate_existing=True))


def of_organisation(organisation_id: int) -> list[Capability]:
    """Return the capabilities of an organisation, last changed first."""
    query = (
        select(Capability).where(Capability.organisation_id == organisation_id).order_by(Capability.changed_at.desc(), Capability.id.desc())
    )
    return list(db.session.scalars(query))


def page_of_organisation(organisation_id: int, page: int) -> Listed:
    """Return one page of an organisation's capabilities, last changed first."""
    own = select(Capability).where(Capability.organisation_id == organisation_id)
    return listed(own.order_by(Capability.changed_at.desc(), Capability.id.desc()), page)


def confirmable(organisation_id: int) -> list[Capability]:
    """Return the public capabilities of an organisation, longest unconfirmed first."""
    query = select(Capability).where(Capability.organisation_id == organisation_id, Capability.state.in_(PUBLIC_STATES))
    return list(db.session.scalars(query.order_by(Capability.confirmed_on, Capability.id)))


def history(capability_id: int) -> list[HistoryEntry]:
    """Return what happened to a capability, oldest first."""
    query = select(HistoryEntry).where(HistoryEntry.subject_kind == "capability", HistoryEntry.subject_id == capability_id)
    return list(db.session.scalars(query.order_by(HistoryEntry.seq)))
