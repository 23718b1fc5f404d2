"""The public list of challenges."""

from __future__ import annotations

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.domain import browsing
from market.queries import browse
from market.web.access import public
from market.web.challenges.views import bp


@bp.route("/challenges")
@public
def index() -> ResponseReturnValue:
    """Show the challenges that the address asks for."""
    filters = browsing.read("challenge", request.args.getlist)
    found = browse.results(filters, g.site.confirmation_months, url_for("challenges.index"))
    return render_template("challenges/index.html", found=found, filters=filters)
