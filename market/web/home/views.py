"""The first page, search over both kinds, the texts about the site, 待办 and the two health checks."""

from __future__ import annotations

import logging
from dataclasses import replace

from flask import Blueprint, abort, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import health as probes
from market.domain import browsing, permissions
from market.domain.permission_words import PERMISSION_WORDS
from market.domain.permissions import Permission as P
from market.queries import accounts, browse, health, statistics
from market.queries import home as queries
from market.web.access import actor, public, requires, tasks
from market.web.home import gallery as gallery_sample

bp = Blueprint("home", __name__)
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FOUND = 10


@bp.route("/")
@public
def index() -> ResponseReturnValue:
    """Show the first page."""
    page = queries.first_page(g.site.confirmation_months)
    return render_template("home/index.html", page=page, released=statistics.latest_release())


@bp.route("/search")
@public
def search() -> ResponseReturnValue:
    """Search challenges (also ended ones) and capabilities for the same words."""
    found = {}
    for kind, endpoint in (("challenge", "challenges.index"), ("capability", "capabilities.index")):
        filters = replace(browsing.read(kind, lambda name: request.args.getlist(name) if name == "q" else []), status="all")
        found[kind] = browse.results(filters, g.site.confirmation_months, url_for(endpoint), _FOUND) if filters.q else None
    return render_template("home/search.html", q=browsing.read("challenge", request.args.getlist).q, **found)


@bp.route("/about")
@public
def about() -> ResponseReturnValue:
    """Say what this is and whom it serves."""
    return render_template("home/about.html")


@bp.route("/terms")
@public
def terms() -> ResponseReturnValue:
    """Show the user agreement in its present version."""
    return render_template("home/terms.html")


@bp.route("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Show the privacy policy in its present version."""
    return render_template("home/privacy.html")


@bp.route("/permissions", endpoint="permissions")
@public
def show_permissions() -> ResponseReturnValue:
    """Print the table of permissions that the code itself asks."""
    return render_template(
        "home/permissions.html",
        rows=permissions.table(),
        words=PERMISSION_WORDS,
        roles=permissions.ROLE_WORDS,
        scopes=permissions.SCOPE_WORDS,
    )


@bp.route("/todo", endpoint="todo")
@requires(P.SIGNED_IN)
def show_todo() -> ResponseReturnValue:
    """Show what waits for the signed-in person."""
    who = actor()
    absent = [person.name for person in accounts.stood_in_for(who.id)] if who.id and who.stands_in_for else []
    return render_template("home/todo.html", tasks=tasks(), absent=absent)


@bp.route("/gallery")
@public
def gallery() -> ResponseReturnValue:
    """Show every component once (development only)."""
    if not current_app.config["MARKET"].development:
        abort(404)
    return render_template("home/gallery.html", **gallery_sample.context())


@bp.route("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the process answers; asks nothing of the database."""
    return jsonify(status="ok")


@bp.route("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Say whether the service can work: 200 or 503. On this machine itself a write is tried and the details are told."""
    here = request.remote_addr in _LOOPBACK and "X-Forwarded-For" not in request.headers
    try:
        found = health.read()
        if here:
            probes.probe()
    except Exception:
        logging.getLogger("market").exception("not ready")
        return jsonify(status="failed", reason="database"), 503
    status = "ok" if found.migrated else "failed"
    detail = (
        {"worker_age_seconds": found.worker_age, "worker_late": found.worker_late, "outbox_age_seconds": found.outbox_age} if here else {}
    )
    return jsonify(status=status, migrated=found.migrated, **detail), 200 if found.migrated else 503
