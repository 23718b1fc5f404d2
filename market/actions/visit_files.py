"""Photos and papers of a visit: kept with a line of a contact or with a lead, opened by those who may see it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from market.actions import history
from market.db import transaction
from market.domain import attachments as rules
from market.domain import photos
from market.domain.errors import Invalid
from market.domain.permissions import Actor, demand
from market.domain.permissions import Permission as P
from market.models import Attachment, Contact, ContactLine, Lead
from market.queries import visit_files as queries

AT_ONCE = 5
Upload = tuple[str, bytes]


def check(uploads: Sequence[Upload]) -> None:
    """Raise Invalid beside `files` when one of the files may not be kept (kind, content, size) or they are too many."""
    if len(uploads) > AT_ONCE:
        raise Invalid({"files": f"一次最多传 {AT_ONCE} 个文件"})
    for name, content in uploads:
        try:
            rules.inspect(name, content)
        except Invalid as error:
            raise Invalid({"files": f"{rules.clean_name(name)}：{error.fields['file']}"}) from error


def with_line(contact: Contact, line: ContactLine, uploads: Sequence[Upload], actor: Actor) -> None:
    """Keep files with a line of a contact. Raises Forbidden, Invalid beside `files`."""
    demand(actor, P.NOTE_CONTACT, contact.subject)
    if uploads:
        kept = queries.size_of_contact(contact.id)
        _keep("contact_line", line.id, uploads, actor, kept=kept, sample=contact.is_sample, chain=("contact", contact.id))


def with_lead(lead: Lead, uploads: Sequence[Upload], actor: Actor) -> None:
    """Keep files with a lead. Raises Forbidden, Invalid beside `files`."""
    demand(actor, P.WORK_LEAD, lead.subject)
    if uploads:
        _keep("lead", lead.id, uploads, actor, kept=queries.size_of("lead", lead.id), sample=lead.is_sample, chain=("lead", lead.id))


def _keep(kind: str, subject_id: int, uploads: Sequence[Upload], actor: Actor, *, kept: int, sample: bool, chain: tuple[str, int]) -> None:
    check(uploads)
    if kept + sum(len(content) for _, content in uploads) > rules.SUBJECT_LIMIT:
        raise Invalid({"files": "这里的附件合计不超过 100 MB"})
    with transaction() as session:
        for filename, content in uploads:
            name, media_type = rules.inspect(filename, content)
            content = photos.without_traces(media_type, content)
            digest = hashlib.sha256(content).hexdigest()
            row = Attachment(
                subject_kind=kind, subject_id=subject_id, name=name, media_type=media_type, size=len(content), sha256=digest,
                content=content, by_id=actor.id, is_sample=sample,
            )  # fmt: skip
            session.add(row)
            session.flush()
            detail = {"name": name, "sha256": digest, "size": len(content)}
            history.record(*chain, "attach", actor, detail=detail, is_sample=sample)
