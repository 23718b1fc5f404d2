"""Pages of those who run a campaign: all of them, one with its candidates, gathering, assigning, lists, what was recovered."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import campaigns as actions
from market.actions import imports
from market.domain import clock
from market.domain.campaigns import CANDIDATE, SIGNALS
from market.domain.errors import Invalid
from market.domain.permissions import ANYTHING, demand, may
from market.domain.permissions import Permission as P
from market.models import Campaign
from market.queries import campaigns as queries
from market.queries import cutoffs
from market.web import access, forms
from market.web.campaigns.blueprint import bp
from market.web.campaigns.forms import AssignForm, CampaignForm, ListForm


def load(campaign_id: int) -> Campaign:
    """Return a campaign for those who may see all of them; 404 otherwise."""
    return access.load(queries.get_campaign, campaign_id, P.SEE_CAMPAIGN)


@bp.route("/campaigns")
@access.requires(P.SEE_CAMPAIGN)
def index() -> ResponseReturnValue:
    """Every campaign with its figures, and how long until the year-end cut-off; a liaison goes to the own list."""
    if not may(access.actor(), P.SEE_CAMPAIGN, ANYTHING):
        return redirect(url_for("campaigns.mine"))
    return render_template("campaigns/index.html", overviews=queries.overviews(), calendar=cutoffs.calendar())


@bp.route("/campaigns/new", methods=["GET", "POST"])
@access.requires(P.RUN_CAMPAIGN)
def create() -> ResponseReturnValue:
    """Open a campaign."""
    year = clock.today().year
    form = CampaignForm(name=f"{year} 年应登未登", year=year)

    def work() -> str:
        campaign = actions.create(str(form.name.data), int(form.year.data), str(form.note.data or ""), access.actor())
        return url_for("campaigns.detail", campaign_id=campaign.id)

    return forms.submit(form, work) or render_template("campaigns/create.html", form=form)


def _wanted(args: Any) -> queries.CandidateFilter:
    assignee = args.get("assignee", "")
    signal, state = args.get("signal", ""), args.get("state", "")
    return queries.CandidateFilter(
        q=args.get("q", "").strip()[:60],
        state=state if state in (*CANDIDATE.states, queries.SPOKEN) else "",
        signal=signal if signal in SIGNALS else "",
        assignee=forms.whole(assignee) if assignee else None,
    )


@bp.route("/campaigns/<int:campaign_id>")
@access.requires(P.SEE_CAMPAIGN)
def detail(campaign_id: int) -> ResponseReturnValue:
    """One campaign: figures, candidates by filters, bulk assignment."""
    return _detail(load(campaign_id), None)


def _detail(campaign: Campaign, form: AssignForm | None) -> ResponseReturnValue:
    wanted, people = _wanted(request.args), queries.assignable()
    runs = may(access.actor(), P.RUN_CAMPAIGN, ANYTHING) and campaign.closed_at is None
    overview = queries.overview(campaign)
    return render_template(
        "campaigns/detail.html",
        overview=overview,
        counts={queries.SPOKEN: overview.contacted, **overview.states},
        campaign=campaign,
        found=queries.candidates(campaign.id, wanted, request.args.get("page", 1, int)),
        wanted=wanted,
        people=people,
        signals=SIGNALS,
        states={queries.SPOKEN: "联系过", **CANDIDATE.states},
        form=(form or _assign_form(people, formdata=None)) if runs else None,
    )


def _assign_form(people: list[tuple[int, str]], **more: Any) -> AssignForm:
    form = AssignForm(**more)
    form.assignee_id.choices = forms.choices([(0, "请选择"), *people])
    return form


@bp.route("/campaigns/<int:campaign_id>/assign", methods=["POST"])
@access.requires(P.RUN_CAMPAIGN)
def assign(campaign_id: int) -> ResponseReturnValue:
    """Give the ticked candidates, or all of the filter, to one person."""
    campaign = load(campaign_id)
    form = _assign_form(queries.assignable())

    def work() -> str:
        ticked = [found for one in request.form.getlist("candidate") if (found := forms.whole(one))]
        if request.form.get("all") == "1":
            ticked = queries.ids(campaign.id, _wanted(request.form), actions.MOST_AT_ONCE)
        changed = actions.assign(campaign, ticked, form.assignee_id.data, form.due.data, access.actor())
        flash(f"已分派 {changed} 家" if changed else "没有改动：勾选的已经归这个人，或已有结果", "success")
        return url_for("campaigns.detail", campaign_id=campaign_id)

    done = forms.submit(form, work)
    return done or _detail(campaign, form)


@bp.route("/campaigns/<int:campaign_id>/gather", methods=["POST"])
@access.requires(P.RUN_CAMPAIGN)
def gather(campaign_id: int) -> ResponseReturnValue:
    """Look for candidates in what the market knows."""
    campaign = load(campaign_id)

    def work() -> str:
        found = actions.gather(campaign, access.actor())
        said = "，".join(f"{SIGNALS[signal]} {number} 条" for signal, number in found.items())
        flash(f"新增线索：{said}" if found else "没有新的线索", "success")
        return url_for("campaigns.detail", campaign_id=campaign_id)

    return access.once(work)


@bp.route("/campaigns/<int:campaign_id>/close", methods=["POST"])
@access.requires(P.RUN_CAMPAIGN)
def close(campaign_id: int) -> ResponseReturnValue:
    """End the campaign."""
    campaign = load(campaign_id)

    def work() -> str:
        actions.close(campaign, access.actor())
        flash("行动已结束，数字还在", "success")
        return url_for("campaigns.detail", campaign_id=campaign_id)

    return access.once(work)


@bp.route("/campaigns/<int:campaign_id>/lists", methods=["GET", "POST"])
@access.requires(P.RUN_CAMPAIGN)
def take_list(campaign_id: int) -> ResponseReturnValue:
    """Take a list of organisations in; it is checked and confirmed like every list."""
    campaign = load(campaign_id)
    demand(access.actor(), P.IMPORT_LISTS)
    form = ListForm()

    def work() -> str:
        content = form.file.data.read()
        upload = imports.Upload("candidates", form.file.data.filename or "", content, form.money.data or "", campaign.id, form.signal.data)
        batch, new = imports.start(upload, access.actor())
        if not new:
            flash("这份名单已经传过，没有再导入一遍", "info")
        return url_for("imports.detail", batch_id=batch.id)

    return forms.submit(form, work) or render_template("campaigns/take_list.html", form=form, campaign=campaign)


@bp.route("/campaigns/<int:campaign_id>/recovered")
@access.requires(P.SEE_CAMPAIGN)
def recovered(campaign_id: int) -> ResponseReturnValue:
    """The contracts behind what was recovered, of the whole campaign or of one candidate."""
    campaign = load(campaign_id)
    candidate = queries.get(request.args.get("candidate", 0, int)) if request.args.get("candidate") else None
    if candidate is not None and candidate.campaign_id != campaign.id:
        raise Invalid({"candidate": "这家单位不在这次行动里"})
    found = queries.recovered_rows(campaign.id, candidate.id if candidate else None, request.args.get("page", 1, int))
    figure = queries.recovered_by_candidate([candidate.id]).get(candidate.id) if candidate else queries.overview(campaign).recovered
    return render_template("campaigns/recovered.html", campaign=campaign, candidate=candidate, found=found, figure=figure)
