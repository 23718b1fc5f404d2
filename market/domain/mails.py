"""The words of a mail as others may see them: links that open an account are hidden."""

from __future__ import annotations

import re

_SECRET = re.compile(r"(\{site\}/[a-z-]+/)[A-Za-z0-9_-]{40,}")
HIDDEN = "（链接已隐去）"


def masked(body: str) -> str:
    """Return a mail's text with the secret part of every single-use link replaced."""
    return _SECRET.sub(lambda found: found.group(1) + HIDDEN, body)


def has_secret(body: str) -> bool:
    """True when the text holds a single-use link."""
    return _SECRET.search(body) is not None


def addressed(body: str, site: str) -> str:
    """Return the text as it is sent: `{site}` becomes the site's address."""
    return body.replace("{site}", site.rstrip("/"))
