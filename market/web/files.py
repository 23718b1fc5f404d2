"""Files that people send in and take away: read from a form, given only as downloads that no browser runs."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote

from flask import Response, abort, request

from market.actions import attachments as noting
from market.domain.permissions import Actor
from market.queries import attachments
from market.queries.visit_files import VisitFile


class Row(Protocol):
    """What a file says about itself."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str: ...


def as_download(row: Row, content: bytes) -> Response:
    """Return a file always as a download, sandboxed, never kept by a cache."""
    response = Response(content, mimetype=row.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename=\"attachment-{row.id}\"; filename*=UTF-8''{quote(row.name, safe='')}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def noted_download(file: VisitFile, owner_id: int, actor: Actor) -> Response:
    """Return a file that was loaded for `actor` as a download and note it in the access log; 404 unless `owner_id` holds it."""
    if file.owner_id != owner_id:
        abort(404)
    content = attachments.content(file.row.id)
    noting.note_download(file, actor, request.remote_addr or "")
    return as_download(file.row, content)


def uploads(field: Any) -> list[tuple[str, bytes]]:
    """Return name and bytes of the files a form's field carries; a field left empty carries none."""
    return [(one.filename, one.read()) for one in field.data or [] if getattr(one, "filename", "")]
