"""Files of contracts, figures and their rows, the monthly 汇总表, the 发榜公告; each download is noted in the access log."""

from __future__ import annotations

import io

from flask import abort, g, request, send_file
from flask.typing import ResponseReturnValue

from market.actions import exports
from market.domain import clock
from market.domain import statistics as rules
from market.domain.permissions import Permission as P
from market.queries import challenges
from market.web import access
from market.web.statistics.blueprint import bp


@bp.route("/statistics/export")
@access.requires(P.EXPORT)
def export() -> ResponseReturnValue:
    """Send statistics, contracts, the rows behind a figure or the monthly table as XLSX or CSV."""
    what, form = request.args.get("what", "statistics"), request.args.get("format", "xlsx")
    if form not in exports.FORMATS:
        abort(404)
    year = request.args.get("year", type=int)
    if year is not None and not 1985 <= year <= clock.today().year:
        abort(404)
    who = access.actor()
    if what == "statistics":
        return _send(exports.statistics_file(year, form, who), what)
    if what == "contracts":
        return _send(exports.contracts_file(year, form, who), what)
    if what == "rows":
        return _send(exports.rows_file(rules.parse(request.args, clock.today().year), form, who), what)
    if what == "monthly":
        month = request.args.get("month", clock.today().month, int)
        if not 1 <= month <= 12:
            abort(404)
        return _send(exports.monthly_file(year or clock.today().year, month, form, who), what)
    abort(404)


@bp.route("/statistics/announcements/<int:challenge_id>")
@access.requires(P.EXPORT)
def announcement(challenge_id: int) -> ResponseReturnValue:
    """Send the 发榜公告 of a published challenge as DOCX."""
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    return _send(exports.announcement_file(challenge, access.actor(), g.site), "announcement", challenge_id)


def _send(file: exports.File, what: str, subject_id: int | None = None) -> ResponseReturnValue:
    exports.note_export(access.actor(), what, f"{file.name}，{file.rows} 行", request.remote_addr or "", subject_id)
    return send_file(io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)
