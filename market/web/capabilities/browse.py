"""The public list of capabilities."""

from __future__ import annotations

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.domain import browsing
from market.queries import browse
from market.web.access import public
from market.web.capabilities.blueprint import bp


@bp.route("/capabilities")
@public
def index() -> ResponseReturnValue:
    """Show the capabilities that the address asks for."""
    filters = browsing.read("capability", request.args.getlist)
    found = browse.results(filters, g.site.confirmation_months, url_for("capabilities.index"))
    return render_template("capabilities/index.html", found=found, filters=filters)
