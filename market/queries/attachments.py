"""Attachments of a challenge: their names for its page, and one file for those whom the owner admits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from market.db import db
from market.domain.permissions import Subject
from market.models import Attachment, AttachmentGrant, Bid, Challenge, Contact, Organisation
from market.queries import challenges

KIND = "challenge"


@dataclass(frozen=True)
class FileRow:
    """What a list of files shows; never the content."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime


@dataclass(frozen=True)
class AttachedFile:
    """One file with the challenge it belongs to; `subject` adds the admitted organisations as parties."""

    row: FileRow
    challenge: Challenge
    subject: Subject


def of_challenge(challenge_id: int) -> list[FileRow]:
    """Return the files of a challenge, oldest first, without their content."""
    columns = (Attachment.id, Attachment.name, Attachment.media_type, Attachment.size, Attachment.sha256, Attachment.created_at)
    query = select(*columns).where(Attachment.subject_kind == KIND, Attachment.subject_id == challenge_id).order_by(Attachment.id)
    return [FileRow(*row) for row in db.session.execute(query)]


def get(attachment_id: int) -> AttachedFile | None:
    """Return a challenge's file with whom its owner admitted, or None (unknown, or of something else)."""
    columns = (Attachment.id, Attachment.name, Attachment.media_type, Attachment.size, Attachment.sha256, Attachment.created_at)
    found = db.session.execute(
        select(*columns, Attachment.subject_kind, Attachment.subject_id).where(Attachment.id == attachment_id)
    ).first()
    if found is None or found.subject_kind != KIND:
        return None
    challenge = challenges.get(found.subject_id)
    if challenge is None:
        return None
    admitted = frozenset(db.session.scalars(select(AttachmentGrant.organisation_id).where(AttachmentGrant.attachment_id == attachment_id)))
    return AttachedFile(FileRow(*found[:6]), challenge, replace(challenge.subject, parties=admitted))


def content(attachment_id: int) -> bytes:
    """Return a file's bytes; the caller has asked the permission."""
    query = select(Attachment).where(Attachment.id == attachment_id).options(undefer(Attachment.content))
    return db.session.scalars(query).one().content


def sizes(challenge: Challenge) -> tuple[int, int]:
    """Return the bytes kept for a challenge, and for all challenges of its organisation."""
    total = func.coalesce(func.sum(Attachment.size), 0)
    own = select(total).where(Attachment.subject_kind == KIND, Attachment.subject_id == challenge.id)
    of_all = (
        select(total)
        .join(Challenge, Challenge.id == Attachment.subject_id)
        .where(Attachment.subject_kind == KIND, Challenge.organisation_id == challenge.organisation_id)
    )
    return int(db.session.scalar(own) or 0), int(db.session.scalar(of_all) or 0)


def admitted(challenge_id: int) -> dict[int, list[Organisation]]:
    """Return for each file of a challenge the organisations its owner admitted."""
    query = (
        select(AttachmentGrant.attachment_id, Organisation)
        .join(Organisation, Organisation.id == AttachmentGrant.organisation_id)
        .join(Attachment, Attachment.id == AttachmentGrant.attachment_id)
        .where(Attachment.subject_kind == KIND, Attachment.subject_id == challenge_id)
        .order_by(Organisation.name)
    )
    found: dict[int, list[Organisation]] = {}
    for attachment_id, organisation in db.session.execute(query):
        found.setdefault(attachment_id, []).append(organisation)
    return found


def may_open(challenge_id: int, organisation_id: int | None) -> set[int]:
    """Return the ids of the files that an organisation was admitted to."""
    if organisation_id is None:
        return set()
    query = (
        select(AttachmentGrant.attachment_id)
        .join(Attachment, Attachment.id == AttachmentGrant.attachment_id)
        .where(Attachment.subject_kind == KIND, Attachment.subject_id == challenge_id, AttachmentGrant.organisation_id == organisation_id)
    )
    return set(db.session.scalars(query))


def candidates(challenge: Challenge) -> list[Organisation]:
    """Return the organisations the owner may want to admit: those in contact, and bidders it can already see."""
    ids = set(
        db.session.scalars(
            select(Contact.provider_id).where(Contact.challenge_id == challenge.id, Contact.state.in_(("asked", "accepted")))
        )
    )
    visible = ("opened", "reserve", "chosen") + (("intention", "invited", "submitted") if challenge.visibility == "on_arrival" else ())
    ids |= set(db.session.scalars(select(Bid.organisation_id).where(Bid.challenge_id == challenge.id, Bid.state.in_(visible))))
    query = select(Organisation).where(Organisation.id.in_(ids), Organisation.id != challenge.organisation_id).order_by(Organisation.name)
    return list(db.session.scalars(query))


def organisation_named(text: str) -> Organisation | None:
    """Return the verified organisation of exactly this name or credit code."""
    query = select(Organisation).where(
        (Organisation.name == text) | (Organisation.credit_code == text.upper()), Organisation.state == "verified"
    )
    return db.session.scalars(query.limit(1)).first()
