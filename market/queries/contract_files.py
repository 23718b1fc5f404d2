"""Files of a contract: the signed text, the proof of a 公示, the registration's papers. Names for the page, one file with whose it is."""

from __future__ import annotations

from sqlalchemy import func, select

from market.db import db
from market.domain.contract_terms import FILE_KINDS
from market.models import Attachment, Contract, User
from market.queries.attachments import FileRow
from market.queries.visit_files import VisitFile

_COLUMNS = (Attachment.id, Attachment.name, Attachment.media_type, Attachment.size, Attachment.sha256, Attachment.created_at)


def of_contract(contract_id: int) -> list[tuple[str, FileRow]]:
    """Return the files of a contract with their kind (FILE_KINDS), oldest first, without their content."""
    query = select(Attachment.subject_kind, *_COLUMNS).where(
        Attachment.subject_kind.in_(list(FILE_KINDS)), Attachment.subject_id == contract_id
    )
    return [(row[0], FileRow(*row[1:])) for row in db.session.execute(query.order_by(Attachment.id))]


def get(attachment_id: int) -> VisitFile | None:
    """Return a file of some contract with the contract's id and subject, or None."""
    query = (
        select(Contract, *_COLUMNS)
        .join(Attachment, Attachment.subject_id == Contract.id)
        .where(Attachment.subject_kind.in_(list(FILE_KINDS)), Attachment.id == attachment_id)
    )
    found = db.session.execute(query).first()
    return VisitFile(FileRow(*found[1:]), found[0].id, found[0].subject) if found else None


def sizes(contract_id: int, organisation_id: int | None) -> tuple[int, int]:
    """Return the bytes kept with a contract, and those that an organisation's people keep with all contracts."""
    total = func.coalesce(func.sum(Attachment.size), 0)
    kept = Attachment.subject_kind.in_(list(FILE_KINDS))
    own = db.session.scalar(select(total).where(kept, Attachment.subject_id == contract_id))
    people = select(User.id).where(User.organisation_id == organisation_id)
    of_all = db.session.scalar(select(total).where(kept, Attachment.by_id.in_(people))) if organisation_id else 0
    return int(own or 0), int(of_all or 0)
