"""Sample attachments: small tables kept with challenges (opened by those whom the owner admits) and with visits."""

from __future__ import annotations

import hashlib
from operator import itemgetter
from typing import Any

from market.actions.sample.shelf import Row, Shelf
from market.db import transaction
from market.domain.attachments import MEDIA_TYPES
from market.exports.writers import Column, Conditions, Sheet, to_xlsx
from market.models import Attachment, AttachmentGrant


def load_papers(shelf: Shelf) -> None:
    """Write the files; each is a workbook made here from the rows of papers.jsonl."""
    with transaction() as session:
        for row in shelf.progress("附件", shelf.lines("papers.jsonl")):
            kind, subject_id, by_id, at = _about(shelf, row)
            content = _workbook(shelf, row)
            paper = Attachment(
                subject_kind=kind,
                subject_id=subject_id,
                name=f"{row['name']}（示例）.xlsx",
                media_type=MEDIA_TYPES["xlsx"],
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                by_id=by_id,
                created_at=at,
                is_sample=True,
            )
            session.add(paper)
            session.flush()
            granted = [shelf.organisations[key].id for key in row.get("admit", [])]
            session.add_all(AttachmentGrant(attachment_id=paper.id, organisation_id=one) for one in granted)


def _about(shelf: Shelf, row: Row) -> tuple[str, int, int | None, Any]:
    """Return kind and id of what a file belongs to, who brought it, and when."""
    if row["about"] == "challenge":
        challenge = shelf.challenges[row["key"]]
        return "challenge", challenge.id, challenge.author_id, challenge.created_at
    line = shelf.contacts[row["key"]].lines[row["line"]]
    return "contact_line", line.id, line.by_id, line.created_at


def _workbook(shelf: Shelf, row: Row) -> bytes:
    columns = [Column(header, itemgetter(n)) for n, header in enumerate(row["headers"])]
    conditions = Conditions(row["name"], "示例", "示例市场", shelf.now, True)
    return to_xlsx([Sheet("记录", columns, row["rows"])], conditions)
