"""Files of a visit: their names for the page of the contact or lead, and one file with whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from market.db import db
from market.domain.permissions import Subject
from market.models import Attachment, Contact, ContactLine, Lead
from market.queries.attachments import FileRow

_COLUMNS = (Attachment.id, Attachment.name, Attachment.media_type, Attachment.size, Attachment.sha256, Attachment.created_at)


@dataclass(frozen=True)
class VisitFile:
    """One file with the contact or lead it belongs to, whose subject says who may open it."""

    row: FileRow
    owner_id: int
    subject: Subject


def of(kind: str, ids: Iterable[int]) -> dict[int, list[FileRow]]:
    """Return the files of each subject (lead, contact_line), oldest first, without their content."""
    query = select(Attachment.subject_id, *_COLUMNS).where(Attachment.subject_kind == kind, Attachment.subject_id.in_(list(ids)))
    found: dict[int, list[FileRow]] = {}
    for row in db.session.execute(query.order_by(Attachment.id)):
        found.setdefault(row[0], []).append(FileRow(*row[1:]))
    return found


def of_contact(attachment_id: int) -> VisitFile | None:
    """Return a file of some contact's line."""
    query = (
        select(Contact, *_COLUMNS)
        .join(ContactLine, ContactLine.contact_id == Contact.id)
        .join(Attachment, Attachment.subject_id == ContactLine.id)
        .where(Attachment.subject_kind == "contact_line", Attachment.id == attachment_id)
    )
    found = db.session.execute(query).first()
    return VisitFile(FileRow(*found[1:]), found[0].id, found[0].subject) if found else None


def of_lead(attachment_id: int) -> VisitFile | None:
    """Return a file of some lead."""
    query = (
        select(Lead, *_COLUMNS)
        .join(Attachment, Attachment.subject_id == Lead.id)
        .where(Attachment.subject_kind == "lead", Attachment.id == attachment_id)
    )
    found = db.session.execute(query).first()
    return VisitFile(FileRow(*found[1:]), found[0].id, found[0].subject) if found else None


def size_of(kind: str, subject_id: int) -> int:
    """Return the bytes kept with one subject."""
    query = select(func.coalesce(func.sum(Attachment.size), 0))
    return int(db.session.scalar(query.where(Attachment.subject_kind == kind, Attachment.subject_id == subject_id)) or 0)


def size_of_contact(contact_id: int) -> int:
    """Return the bytes kept with all lines of a contact."""
    lines = select(ContactLine.id).where(ContactLine.contact_id == contact_id)
    query = select(func.coalesce(func.sum(Attachment.size), 0))
    return int(db.session.scalar(query.where(Attachment.subject_kind == "contact_line", Attachment.subject_id.in_(lines))) or 0)
