"""What the commission keeps until its people come (待认领), and what a claim link hands over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.models import Capability, Challenge, HistoryEntry, ImportBatch, ImportRow, Organisation, Token

NOBODY = "未注明单位"
Listing = Challenge | Capability
_MODELS: dict[str, Any] = {"challenge": Challenge, "capability": Capability}
_OF_BATCH = {"challenges": "challenge", "capabilities": "capability"}


@dataclass(frozen=True)
class Kept:
    """One line of a batch's page: an organisation, or a listing that named none, with its last link.

    `state`: none (no link yet), open, expired, claimed.
    """

    id: int
    name: str
    titles: tuple[str, ...]
    state: str
    until: datetime | None = None
    organisation_id: int | None = None


def is_nobody(organisation: Organisation) -> bool:
    """True for the organisation under which listings stand that named none."""
    return organisation.name == NOBODY


def kind_of(listing: Listing) -> str:
    """Return challenge or capability."""
    return "challenge" if isinstance(listing, Challenge) else "capability"


def listing(kind: str | None, listing_id: int | None) -> Listing | None:
    """Return one listing; None when there is no such."""
    model = _MODELS.get(kind or "")
    return db.session.get(model, listing_id) if model is not None and listing_id else None


def listings_of(organisation_id: int) -> list[Listing]:
    """Return every listing of an organisation, the oldest first."""
    found: list[Listing] = []
    for model in _MODELS.values():
        found += db.session.scalars(select(model).where(model.organisation_id == organisation_id).order_by(model.id))
    return found


def handed_over(token: Token) -> list[Listing]:
    """Return what a claim link hands over."""
    if token.subject_kind is not None:
        one = listing(token.subject_kind, token.subject_id)
        return [one] if one else []
    return listings_of(token.organisation_id) if token.organisation_id else []


def kept_of(batch: ImportBatch) -> tuple[list[Kept], list[Kept]]:
    """Return the organisations of a written batch that wait for their people (or came by a link), and its loose listings."""
    ids = select(ImportRow.item_id).where(ImportRow.batch_id == batch.id, ImportRow.state == "written", ImportRow.item_id.is_not(None))
    kind = _OF_BATCH.get(batch.kind)
    if batch.organisation_id is not None or (kind is None and batch.kind != "organisations"):
        return [], []
    if kind is None:
        organisations = list(db.session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))
        return [_kept(one, []) for one in organisations], []
    model = _MODELS[kind]
    rows: list[Listing] = list(db.session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)))
    claimed = _claimed_from(kind, [row.id for row in rows])
    owners = {one.id: one for one in db.session.scalars(select(Organisation).where(Organisation.id.in_({r.organisation_id for r in rows})))}
    by_owner: dict[int, list[Listing]] = {}
    loose: list[Kept] = []
    for row in rows:
        owner = owners[row.organisation_id]
        if is_nobody(owner):
            loose.append(_loose(kind, row))
        elif owner.state == "unclaimed" or row.id in claimed:
            by_owner.setdefault(owner.id, []).append(row)
    return [_kept(owners[owner_id], found) for owner_id, found in by_owner.items()], loose


def _claimed_from(kind: str, ids: list[int]) -> set[int]:
    steps = select(HistoryEntry.subject_id).where(HistoryEntry.subject_kind == kind, HistoryEntry.step == "hand_over")
    return set(db.session.scalars(steps.where(HistoryEntry.subject_id.in_(ids))))


def _kept(organisation: Organisation, found: list[Listing]) -> Kept:
    titles = tuple(one.title for one in found)
    if organisation.state != "unclaimed":
        return Kept(organisation.id, organisation.name, titles, "claimed", organisation_id=organisation.id)
    state, until = _last_link(organisation.id, None, None)
    return Kept(organisation.id, organisation.name, titles, state, until, organisation.id)


def _loose(kind: str, row: Listing) -> Kept:
    state, until = _last_link(row.organisation_id, kind, row.id)
    return Kept(row.id, row.title, (row.title,), state, until)


def _last_link(organisation_id: int, kind: str | None, listing_id: int | None) -> tuple[str, datetime | None]:
    query = select(Token).where(Token.purpose == "claim", Token.organisation_id == organisation_id, Token.used_at.is_(None))
    about = (
        query.where(Token.subject_kind.is_(None))
        if kind is None
        else query.where(Token.subject_kind == kind, Token.subject_id == listing_id)
    )
    token = db.session.scalar(about.order_by(Token.id.desc()).limit(1))
    if token is None:
        return "none", None
    return ("open" if token.expires_at > clock.now() else "expired"), token.expires_at
