"""Which texts somebody accepts on a form: their version as set, and the hash of the words as they stand."""

from __future__ import annotations

import hashlib

from flask import current_app, g

from market.actions.people import Accepted


def accepted() -> list[Accepted]:
    """Return terms and privacy policy as accepted now; the hash is of the page's template (SHA-256, hex)."""
    return [_accepted("terms", g.site.terms_version), _accepted("privacy", g.site.privacy_version)]


def _accepted(document: str, version: str) -> Accepted:
    loader, environment = current_app.jinja_env.loader, current_app.jinja_env
    assert loader is not None
    source = loader.get_source(environment, f"home/{document}.html")[0]
    return Accepted(document, version, hashlib.sha256(source.encode()).hexdigest())
