"""Files of contracts, figures and their rows, the monthly table and report, the 发榜公告; each download is noted in the access log."""

from __future__ import annotations

import io
from pathlib import Path

from flask import abort, current_app, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from market.actions import exports, large_exports, reports
from market.actions.large_exports import Wanted
from market.domain import clock, codes
from market.domain import crosstabs as tables
from market.domain import statistics as rules
from market.domain.contracts import CONTRACT, FLOW_WORDS
from market.domain.permissions import Permission as P
from market.queries import challenges, health
from market.queries import export_jobs as queries
from market.queries.contracts import ListFilter
from market.web import access
from market.web.statistics.blueprint import bp
from market.web.statistics.tables import asked


@bp.route("/statistics/export")
@access.requires(P.EXPORT)
def export() -> ResponseReturnValue:
    """Send statistics, contracts, the rows behind a figure or the monthly table as XLSX or CSV; offer a long one in the background."""
    what, form, year = request.args.get("what", "statistics"), _form(exports.FORMATS, "xlsx"), _year()
    who = access.actor()
    if what == "statistics":
        return _send(exports.statistics_file(year, form, who), what)
    if what == "monthly":
        return _send(exports.monthly_file(year or clock.today().year, _month(), form, who), what)
    if what == "crosstab":
        row, column, _measure = tables.pick(request.args)
        return _send(exports.crosstab_file(asked(), row, column, form, who), what)
    ledger = _wanted(what).ledger()
    if ledger.total > exports.LARGE:
        return render_template("statistics/export_large.html", ledger=ledger, form=form, fields=request.args.to_dict())
    return _send(exports.ledger_file(ledger, form, who), what)


@bp.route("/statistics/exports", methods=["POST"])
@access.requires(P.EXPORT)
def start_export() -> ResponseReturnValue:
    """Ask the worker for a long file."""
    wanted, form = _wanted(request.form.get("what", "contracts")), _form(exports.FORMATS, "xlsx")

    def work() -> str:
        job = large_exports.start(wanted, form, access.actor(), request.remote_addr or "")
        return url_for("statistics.export_job", job_id=job.id)

    return access.once(work)


@bp.route("/statistics/exports/<int:job_id>")
@access.requires(P.EXPORT)
def export_job(job_id: int) -> ResponseReturnValue:
    """How far a long file is, and the file once it is there."""
    job = access.load(queries.get, job_id, P.EXPORT).job
    there = job.state == "done" and large_exports.path(job.payload, _folder()).exists()
    return render_template("statistics/export_job.html", job=job, there=there, service=health.read())


@bp.route("/statistics/exports/<int:job_id>/file")
@access.requires(P.EXPORT)
def export_file(job_id: int) -> ResponseReturnValue:
    """Send the finished file."""
    job = access.load(queries.get, job_id, P.EXPORT).job
    file = large_exports.path(job.payload, _folder())
    if job.state != "done" or not file.exists():
        flash("文件还没有写好，或已过保留期，请重新导出。", "info")
        return redirect(url_for("statistics.export_job", job_id=job_id))
    name, form = job.payload["name"], job.payload["format"]
    exports.note_export(access.actor(), "export", f"{name}，{job.total} 行", request.remote_addr or "", job.id)
    return send_file(file, mimetype=exports.FORMATS[form], as_attachment=True, download_name=name, max_age=0)


@bp.route("/statistics/report")
@access.requires(P.EXPORT)
def report() -> ResponseReturnValue:
    """Send the monthly report of the leadership as DOCX or PDF."""
    form = _form(reports.FORMATS, "pdf")
    return _send(reports.monthly(_year() or clock.today().year, _month(), form, access.actor(), g.site), "report")


@bp.route("/statistics/announcements/<int:challenge_id>")
@access.requires(P.EXPORT)
def announcement(challenge_id: int) -> ResponseReturnValue:
    """Send the 发榜公告 of a published challenge as DOCX."""
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    return _send(exports.announcement_file(challenge, access.actor(), g.site), "announcement", challenge_id)


def _form(known: dict[str, str], default: str) -> str:
    form = request.values.get("format", default)
    return form if form in known else abort(404)


def _year() -> int | None:
    year = request.values.get("year", type=int)
    return year if year is None or 1985 <= year <= clock.today().year else abort(404)


def _month() -> int:
    month = request.values.get("month", clock.today().month, int)
    return month if 1 <= month <= 12 else abort(404)


def _wanted(what: str) -> Wanted:
    """Return which rows are asked for, by the filters of the page they stand on; 404 for anything else."""
    values = request.values
    if what == "rows":
        return Wanted(rows=rules.parse(values, clock.today().year))
    if what != "contracts":
        abort(404)
    state, flow, kind = values.get("state", ""), values.get("flow", ""), values.get("type", "")
    return Wanted(
        contracts=ListFilter(
            q=values.get("q", "").strip()[:100],
            state=state if state in CONTRACT.states else "",
            type=kind if kind in codes.CONTRACT_TYPES else "",
            flow=flow if flow in FLOW_WORDS else "",
            year=_year(),
            flagged=values.get("flagged") == "1",
        )
    )


def _folder() -> Path:
    return current_app.config["MARKET"].exports  # type: ignore[no-any-return]


def _send(file: exports.File, what: str, subject_id: int | None = None) -> ResponseReturnValue:
    exports.note_export(access.actor(), what, f"{file.name}，{file.rows} 行", request.remote_addr or "", subject_id)
    return send_file(io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)
