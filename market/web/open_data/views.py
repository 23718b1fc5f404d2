"""Open data: the page that lists it, the released totals, and published challenges as open contracting data."""

from __future__ import annotations

import io

from flask import Blueprint, abort, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from market.actions import open_data as actions
from market.actions.exports import FORMATS, File
from market.domain import clock
from market.exports import dictionary, ocds, released
from market.queries import open_data as queries
from market.web import access

bp = Blueprint("open_data", __name__)


@bp.route("/open-data")
@access.public
def index() -> ResponseReturnValue:
    """What there is, under which licence, updated when."""
    years = queries.years()
    return render_template(
        "open_data/index.html",
        releases=queries.releases_of_data(),
        packages=[(year, queries.changed_at(year), queries.count(year)) for year in years[:10]],
        part=queries.PAGE,
        kinds=actions.KINDS,
        version=ocds.VERSION,
        prefix=g.site.ocds_prefix,
        entries=dictionary.entries(released.COLUMNS),
        hidden=released.HIDDEN,
    )


@bp.route("/open-data/totals")
@access.public
def totals() -> ResponseReturnValue:
    """Send the released totals of a year as CSV or XLSX."""
    form, found = request.args.get("format", "csv"), queries.releases_of_data()
    if not found:
        return redirect(url_for("open_data.index"))
    release = next((one for one in found if one.year == request.args.get("year", found[0].year, int)), None)
    if release is None or form not in FORMATS:
        abort(404)
    return _send(actions.released_file(release, form, g.site))


@bp.route("/open-data/ocds")
@access.public
def contracting() -> ResponseReturnValue:
    """Send a release or record package of a year."""
    kind, year = request.args.get("kind", "releases"), request.args.get("year", clock.today().year, int)
    part = request.args.get("part", 1, int)
    if kind not in actions.KINDS or not 1985 <= year <= clock.today().year or not 1 <= part <= 1_000:
        abort(404)
    place = actions.Place(
        page=url_for("open_data.index", _external=True),
        package=lambda kind, year, part: url_for("open_data.contracting", kind=kind, year=year, part=part, _external=True),
        challenge=lambda key: url_for("challenges.detail", challenge_id=key, _external=True),
    )
    return _send(actions.contracting_file(kind, year, g.site, place, part))


def _send(file: File) -> ResponseReturnValue:
    return send_file(io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)
