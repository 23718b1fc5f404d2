"""Attachments of a challenge: add, take away, admit an organisation, note who opened one."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete, select

from market.actions import history
from market.db import journal, transaction
from market.domain import attachments as rules
from market.domain import clock, photos
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import AccessLog, Attachment, AttachmentGrant, Challenge, Organisation
from market.queries import attachments as queries
from market.queries.visit_files import VisitFile


def add(challenge: Challenge, filename: str, content: bytes, actor: Actor) -> Attachment:
    """Keep a file with a challenge. Raises Forbidden, Invalid (kind, structure, size) beside `file`."""
    demand(actor, P.EDIT_CHALLENGE, challenge.subject)
    name, media_type = rules.inspect(filename, content)
    content = photos.without_traces(media_type, content)
    with transaction() as session:
        own, of_all = queries.sizes(challenge)
        if own + len(content) > rules.SUBJECT_LIMIT:
            raise Invalid({"file": "一条需求的附件合计不超过 100 MB"})
        if of_all + len(content) > rules.ORGANISATION_LIMIT:
            raise Invalid({"file": "本单位的附件合计不超过 1 GB，请先删去不再需要的"})
        attachment = Attachment(
            subject_kind=queries.KIND,
            subject_id=challenge.id,
            name=name,
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            by_id=actor.id,
            is_sample=challenge.is_sample,
        )
        session.add(attachment)
        session.flush()
        detail = {"name": name, "sha256": attachment.sha256, "size": attachment.size}
        history.record(queries.KIND, challenge.id, "attach", actor, detail=detail, is_sample=challenge.is_sample)
        return attachment


def remove(file: queries.AttachedFile, actor: Actor) -> None:
    """Take a file away; the history keeps its name and hash."""
    demand(actor, P.EDIT_CHALLENGE, file.challenge.subject)
    with transaction() as session:
        session.execute(delete(Attachment).where(Attachment.id == file.row.id))
        detail = {"name": file.row.name, "sha256": file.row.sha256}
        history.record(queries.KIND, file.challenge.id, "detach", actor, detail=detail, is_sample=file.challenge.is_sample)


def admit(file: queries.AttachedFile, organisation: Organisation, actor: Actor) -> None:
    """Let an organisation open a file; a second time changes nothing."""
    demand(actor, P.EDIT_CHALLENGE, file.challenge.subject)
    with transaction() as session:
        query = select(AttachmentGrant.id).where(
            AttachmentGrant.attachment_id == file.row.id, AttachmentGrant.organisation_id == organisation.id
        )
        if session.scalar(query):
            return
        session.add(AttachmentGrant(attachment_id=file.row.id, organisation_id=organisation.id))
        detail = {"name": file.row.name, "organisation": organisation.id}
        history.record(queries.KIND, file.challenge.id, "admit", actor, detail=detail, is_sample=file.challenge.is_sample)


def dismiss(file: queries.AttachedFile, organisation_id: int, actor: Actor) -> None:
    """Take an organisation's leave to open a file back."""
    demand(actor, P.EDIT_CHALLENGE, file.challenge.subject)
    with transaction() as session:
        session.execute(
            delete(AttachmentGrant).where(AttachmentGrant.attachment_id == file.row.id, AttachmentGrant.organisation_id == organisation_id)
        )
        detail = {"name": file.row.name, "organisation": organisation_id}
        history.record(queries.KIND, file.challenge.id, "dismiss", actor, detail=detail, is_sample=file.challenge.is_sample)


def note_download(file: queries.AttachedFile | VisitFile, actor: Actor, address: str) -> None:
    """Write into the access log who opened which file (name and hash); one short write during a GET."""
    with journal() as session:
        session.add(
            AccessLog(
                at=clock.now(),
                user_id=actor.id,
                act="download",
                subject_kind="attachment",
                subject_id=file.row.id,
                address=address[:64],
                detail=f"{file.row.name} {file.row.sha256[:16]}"[:300],
            )
        )
