"""Files that people send in and take away: read from a form, given only as downloads that no browser runs."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote

from flask import Response


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


def uploads(field: Any) -> list[tuple[str, bytes]]:
    """Return name and bytes of the files a form's field carries; a field left empty carries none."""
    return [(one.filename, one.read()) for one in field.data or [] if getattr(one, "filename", "")]
