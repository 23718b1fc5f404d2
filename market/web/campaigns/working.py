"""Pages of who works candidates, made for the phone: the own list, one candidate with its evidence, a contact, an outcome."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import campaigns as actions
from market.domain import clock
from market.domain.campaigns import CALL_KINDS, CANDIDATE, SIGNALS
from market.domain.lifecycle import Step
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.domain.statistics import Cell
from market.models import Candidate
from market.queries import campaigns as queries
from market.web import access, forms
from market.web.campaigns.blueprint import bp
from market.web.campaigns.forms import CallForm, OutcomeForm

_OUTCOMES = ("plan", "register", "unfit", "refuse", "reopen")
_STEP_WORDS = {one.name: one.label for one in CANDIDATE.steps} | {"reassign": "改派", "note": "记一次联系", "create": "列入"}


@bp.route("/campaigns/mine")
@access.requires(P.WORK_CANDIDATE)
def mine() -> ResponseReturnValue:
    """The candidates one works oneself, the most urgent first."""
    whole = request.args.get("all") == "1"
    found = queries.mine(access.actor(), whole, request.args.get("page", 1, int))
    return render_template("campaigns/mine.html", found=found, whole=whole, signals=SIGNALS)


@bp.route("/campaigns/candidates/<int:candidate_id>")
@access.requires(P.SEE_CAMPAIGN)
def candidate(candidate_id: int) -> ResponseReturnValue:
    """One candidate."""
    return _page(access.load(queries.get, candidate_id, P.SEE_CAMPAIGN))


def _page(one: Candidate, call: CallForm | None = None, outcome: OutcomeForm | None = None) -> ResponseReturnValue:
    works = may(access.actor(), P.WORK_CANDIDATE, one.subject) and one.campaign.closed_at is None
    start = {"on": clock.today(), "contact_name": one.contact_name, "contact_phone": one.contact_phone, "due": one.due}
    steps = _steps(one)
    shown = outcome or OutcomeForm(
        formdata=None, data={"version": one.version, "planned_on": one.planned_on, "planned_fen": one.planned_fen}
    )
    shown.step.choices = forms.choices([(step.name, step.label) for step in steps])
    return render_template(
        "campaigns/candidate.html",
        candidate=one,
        recovered=queries.recovered_by_candidate([one.id]).get(one.id, Cell()),
        registered=queries.recovered_rows(one.campaign_id, one.id, request.args.get("page", 1, int)),
        timeline=_timeline(one),
        signals=SIGNALS,
        kinds=CALL_KINDS,
        call=(call or CallForm(formdata=None, data=start)) if works else None,
        outcome=shown if works and steps else None,
        contracts=may(access.actor(), P.SEE_CONTRACT),
    )


def _steps(one: Candidate) -> list[Step]:
    return [step for step in CANDIDATE.steps_from(one.state) if step.name in _OUTCOMES]


def _timeline(one: Candidate) -> list[dict[str, object]]:
    return [
        {"at": row.at, "title": _STEP_WORDS.get(row.step, row.step), "who": row.actor_name, "note": row.reason or row.detail.get("note", ""),
         "tone": "done" if row.to_state == "registered" else None}
        for row in queries.timeline(one.id)
    ]  # fmt: skip


@bp.route("/campaigns/candidates/<int:candidate_id>/calls", methods=["POST"])
@access.requires(P.WORK_CANDIDATE)
def note(candidate_id: int) -> ResponseReturnValue:
    """Keep what was said."""
    one = access.load(queries.get, candidate_id, P.WORK_CANDIDATE, see=P.SEE_CAMPAIGN)
    form = CallForm()

    def work() -> str:
        actions.note(one, form.values(), access.actor())
        flash("已记下", "success")
        return url_for("campaigns.candidate", candidate_id=candidate_id)

    return forms.submit(form, work) or _page(one, call=form)


@bp.route("/campaigns/candidates/<int:candidate_id>/outcome", methods=["POST"])
@access.requires(P.WORK_CANDIDATE)
def settle(candidate_id: int) -> ResponseReturnValue:
    """Say what came of it."""
    one = access.load(queries.get, candidate_id, P.WORK_CANDIDATE, see=P.SEE_CAMPAIGN)
    form = OutcomeForm()
    form.step.choices = forms.choices([(step.name, step.label) for step in _steps(one)])

    def work() -> str:
        actions.settle(one, str(form.step.data), form.values(), access.actor(), forms.whole(form.version.data))
        flash("结果已记下", "success")
        return url_for("campaigns.candidate", candidate_id=candidate_id)

    return forms.submit(form, work) or _page(one, outcome=form)
