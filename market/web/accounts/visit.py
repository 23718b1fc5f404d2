"""Where a request comes from, the browser an account is known to use, and the start of a session in a cookie."""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, current_app, g, request, session
from flask_login import login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

from market.actions.sign_in import Visit
from market.web import extensions

_KEPT = 180 * 24 * 3600  # seconds a browser stays known
_ACCOUNTS = 6  # accounts one browser is known to


def visit(email: str = "") -> Visit:
    """Return the address and agent of this request, and the device when `email` has signed in here before."""
    device, known = _device()
    return Visit(
        address=request.remote_addr or "",
        agent=request.headers.get("User-Agent", "")[:200],
        device=device if device and _mark(email) in known else None,
    )


def begin(token: str) -> None:
    """Make the session of `token` this browser's, in a fresh cookie."""
    session.clear()
    g.pop("csrf_token", None)  # the page of this very request must carry the new session's token
    person = extensions.load_signed_in(token)
    if person is not None:
        login_user(person)


def end() -> None:
    """Empty this browser's cookie; the session row is ended by the action."""
    logout_user()
    session.clear()


def remember_device(response: Response, email: str) -> None:
    """Note in a signed cookie that `email` has signed in from this browser (no right follows from it)."""
    device, known = _device()
    accounts = [_mark(email), *(mark for mark in known if mark != _mark(email))][:_ACCOUNTS]
    value = _serializer().dumps([device or secrets.token_urlsafe(12), accounts])
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(_cookie(), str(value), max_age=_KEPT, httponly=True, secure=secure, samesite="Lax", path="/")


def _device() -> tuple[str, list[str]]:
    try:
        device, known = _serializer().loads(request.cookies.get(_cookie(), ""))
        return str(device), [str(mark) for mark in known]
    except (BadSignature, ValueError, TypeError):
        return "", []


def _mark(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:16]


def _cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known device")
