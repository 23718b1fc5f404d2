"""Where contracts came from: totals of each class apart, the rows behind them, and the 促成证明 of one contract."""

from __future__ import annotations

import io

from flask import Blueprint, abort, g, render_template, request, send_file
from flask.typing import ResponseReturnValue

from market.actions import exports, reports
from market.domain import attribution as rules
from market.domain import clock
from market.domain import statistics as figures
from market.domain.permissions import Permission as P
from market.domain.permissions import Scope, scope_of
from market.domain.statistics import Filter
from market.queries import attribution as queries
from market.queries import figure_rows
from market.queries import statistics as counted
from market.web import access
from market.web.attribution import shown

bp = Blueprint("attribution", __name__)
STAGES = {"registered": "按登记", "signed": "按签约"}
FLOWS = {"all": "全部", "counted": "卖方在普陀区", "intake": "吸纳"}
PAGE = 100


@bp.route("/attribution")
@access.requires(P.SEE_STATISTICS)
def index() -> ResponseReturnValue:
    """The figures of each class of a year, never added up, with the rules that class a contract."""
    wanted = _wanted()
    found = queries.chains(wanted)
    return render_template(
        "attribution/index.html",
        wanted=wanted,
        stages=STAGES,
        flows=FLOWS,
        years=sorted({*counted.years_with_data(wanted.within)[:5], wanted.year, clock.today().year}, reverse=True),
        classes=shown.classes(wanted, queries.totals(wanted, found)),
        people=shown.people(wanted, found, figure_rows.rows(wanted, only=queries.LINKED)),
        rules=rules.RULES,
        words=rules.CLASSES,
        sample=counted.has_sample(),
    )


@bp.route("/attribution/rows")
@access.requires(P.SEE_STATISTICS)
def rows() -> ResponseReturnValue:
    """The contracts of one class, or of one person through whom they came, with what is missing of their chains."""
    wanted, kind = _wanted(), request.args.get("kind", "recorded")
    if kind not in rules.CLASSES:
        abort(404)
    found = queries.chains(wanted)
    through = request.args.get("through", type=int)
    if through is not None:
        found = {key: chain for key, chain in found.items() if any(person.id == through for person in chain.people)}
    only = queries.of_class(kind, found, linked_only=through is not None)
    page = max(request.args.get("page", 1, int), 1)
    total = figure_rows.count(wanted, only)
    return render_template(
        "attribution/rows.html",
        wanted=wanted,
        kind=kind,
        word=rules.CLASSES[kind],
        stage=STAGES[wanted.stage],
        through=next((person.name for chain in found.values() for person in chain.people if person.id == through), None),
        rows=figure_rows.rows(wanted, PAGE, (page - 1) * PAGE, only),
        chains=found,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE)),
        sample=counted.has_sample(),
    )


@bp.route("/contracts/<int:contract_id>/proof")
@access.requires(P.SEE_ATTRIBUTION)
def proof(contract_id: int) -> ResponseReturnValue:
    """Send the one-page 促成证明 of a contract as PDF or DOCX."""
    deal = access.load(queries.deal, contract_id, P.SEE_ATTRIBUTION, see=P.SEE_CONTRACT)
    form = request.args.get("format", "pdf")
    if form not in reports.FORMATS:
        abort(404)
    file = reports.proof_of(deal, form, access.actor(), g.site)
    exports.note_export(access.actor(), "proof", file.name, request.remote_addr or "", contract_id)
    return send_file(io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)


def _wanted() -> Filter:
    """Return the year and the stage that the page is about; a bureau sees its own city's."""
    who = access.actor()
    within = "" if scope_of(who, P.SEE_STATISTICS) is Scope.ANY else (who.city or "none")
    year = request.args.get("year", type=int)
    year = year if year and 1985 <= year <= clock.today().year else clock.today().year
    stage = request.args.get("stage", "registered")
    until = figures.as_of(year, clock.today())
    flow = request.args.get("flow", "all")
    stage, flow = stage if stage in STAGES else "registered", flow if flow in FLOWS else "all"
    return Filter(year=year, stage=stage, flow=flow, until=until, within=within)
