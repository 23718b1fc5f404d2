"""Who may enter a view, and the only place that says 401, 403 and 404.

Every view carries `@public` or `@requires(P.X)` below its route; a view without is refused. Objects
come only through `load`, which answers 404 for what the person cannot know of, 403 for what they may
see but not do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from market.actions import idempotency
from market.domain.permissions import PUBLIC, Actor, Permission, Subject, may
from market.queries import accounts, settings, todo

View = TypeVar("View", bound=Callable[..., Any])
FREE = frozenset({"static", "bootstrap.static", "home.healthz"})
SECOND_FACTOR = frozenset({"accounts.totp", "accounts.begin_totp", "accounts.sign_out"})  # all that a half signed-in person may open

BEFORE_CONSENT = SECOND_FACTOR | {"accounts.consent"}


class Guarded(Protocol):
    """Anything permissions can ask about."""

    @property
    def subject(self) -> Subject: ...


Thing = TypeVar("Thing", bound=Guarded)


def public(view: View) -> View:
    """Declare that everybody may open the view."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare that only people who hold `permission` for something may open the view."""

    def declare(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return declare


def read_only(view: View) -> View:
    """Declare that a POST only reads (it carries a long text, it changes nothing): no write lock is taken."""
    view.read_only = True  # type: ignore[attr-defined]
    return view


def actor() -> Actor:
    """Return who is asking."""
    return current_user.actor if current_user.is_authenticated else PUBLIC


def tasks() -> list[todo.Task]:
    """Return what waits for who is asking, counted once a request: the number in the header is the one on the page."""
    kept: dict[str, list[todo.Task]] = request.environ.setdefault("market.tasks", {})
    if "tasks" not in kept:
        who, site = actor(), getattr(g, "site", None) or settings.MarketSettings()
        kept["tasks"] = todo.waiting_for(who, site.confirmation_months) if who.id is not None else []
    return kept["tasks"]


def check_request() -> BaseResponse | None:
    """Refuse undeclared views, send strangers to sign in, answer 403 to those without the permission."""
    if request.endpoint is None or request.endpoint in FREE:
        return None
    declared = getattr(current_app.view_functions[request.endpoint], "access", None)
    if declared is None:
        abort(403)
    if declared == "public":
        return None
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if current_user.must_enrol_totp:
        return None if request.endpoint in SECOND_FACTOR else redirect(url_for("accounts.totp"))
    if not may(actor(), declared):
        abort(403)
    if request.method == "GET" and request.endpoint not in BEFORE_CONSENT and owed_texts():
        return redirect(url_for("accounts.consent", next=request.full_path.rstrip("?")))
    return None


def owed_texts() -> list[str]:
    """Return which texts (terms, privacy) the signed-in person has not accepted in the version in force.

    Asked for on opening a page, never on sending a form: what was typed is not lost.
    """
    versions = {"terms": g.site.terms_version, "privacy": g.site.privacy_version}
    return accounts.owed_texts(current_user.id, versions, is_sample=current_user.user.is_sample)


def load(fetch: Callable[[int], Thing | None], key: int, permission: Permission, see: Permission | None = None) -> Thing:
    """Return the object with id `key`, or answer 404 (unknown or invisible) or 403 (visible, not permitted).

    `see` is the permission that makes a non-public object visible; without it, lacking `permission` is a 404.
    An object whose `is_public` is true is visible to everybody.
    """
    thing = fetch(key)
    if thing is None:
        abort(404)
    who = actor()
    if may(who, permission, thing.subject):
        return thing
    visible = getattr(thing, "is_public", False) or (see is not None and may(who, see, thing.subject))
    if visible and not current_user.is_authenticated:
        abort(redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?"))) if request.method == "GET" else 401)
    abort(403 if visible else 404)


def load_visible(fetch: Callable[[int], Thing | None], key: int, see: Permission) -> Thing:
    """Return an object that is public or that the person may see by `see`; 404 otherwise."""
    thing = fetch(key)
    if thing is None or not (getattr(thing, "is_public", False) or may(actor(), see, thing.subject)):
        abort(404)
    return thing


def once(work: Callable[[], str]) -> BaseResponse:
    """Run `work` (which returns where to go next) once for this form's idempotency key, then redirect.

    A double click or a retry with the same key is sent to the first one's result and changes nothing.
    """
    key = request.form.get("idempotency_key", "")[:64]
    owner = f"user:{actor().id}" if actor().id else f"address:{request.remote_addr}"
    body = repr(sorted((k, v) for k, v in request.form.items(multi=True) if k != "csrf_token"))
    digest = hashlib.sha256((request.path + body).encode("utf-8", "surrogatepass")).hexdigest()
    return redirect(idempotency.run(owner, str(request.endpoint), key, digest, work))


def safe_next(target: str | None, fallback: str) -> str:
    """Return `target` when it is a path of this site that a GET route answers; else `fallback`."""
    if not target or not target.startswith("/") or target.startswith("//") or any(c in target for c in "\\\r\n\t \x00"):
        return fallback
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return fallback
    try:
        current_app.url_map.bind("").match(parts.path, method="GET")
    except HTTPException:
        return fallback
    return target


def secure_headers(response: Response) -> Response:
    """Put the security headers on every response."""
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if not current_app.config["MARKET"].loopback:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint not in FREE and (getattr(g, "personal", False) or current_user.is_authenticated):
        headers["Cache-Control"] = "no-store"
    return response
