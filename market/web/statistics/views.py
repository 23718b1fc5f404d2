"""The goal cockpit, the rows behind each figure, the year's goal, what is released to the public."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import goals as actions
from market.domain import clock, money
from market.domain import statistics as rules
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import figure_rows, forecasts
from market.queries import statistics as queries
from market.web import access, forms
from market.web.statistics import downloads, outlook, shown, tables, year_end
from market.web.statistics.blueprint import bp
from market.web.statistics.forms import GoalForm, ReleaseForm

__all__ = ["bp", "downloads", "outlook", "tables"]  # which stand on the same blueprint
PAGE = 100


def _year() -> int | None:
    year = request.args.get("year", type=int)
    return year if year and 1985 <= year <= clock.today().year else None


@bp.route("/cockpit")
@access.requires(P.SEE_STATISTICS)
def cockpit() -> ResponseReturnValue:
    """The year's goal and everything that is known of it."""
    within = tables.within()
    view = queries.cockpit(_year(), within)
    kept = forecasts.latest(view.year) if may(access.actor(), P.SEE_FORECAST) else None
    run_rate = kept.figures["seasonal"]["value_fen"] if kept else None
    asks_goal = not within and view.goal.target_fen is None and may(access.actor(), P.SET_GOAL)
    return render_template(
        "statistics/cockpit.html",
        view=view,
        within=within,
        sentence=shown.top_sentence(view, run_rate) if not within else None,
        gauge=shown.gauge(view, kept.figures["seasonal"] if kept else None) if not within else None,
        kept=kept,
        outlook=year_end.rows(kept.figures) if kept else None,
        curve_source=kept.figures["curve"]["source"] if kept else None,
        stages=shown.stage_figures(view),
        more=shown.more_figures(view),
        flows=shown.flow_figures(view),
        months=shown.month_figure(view),
        bars=shown.bars(view),
        released=queries.latest_release(view.year),
        years=sorted({*view.years[:5], view.year, clock.today().year}, reverse=True),
        form=_goal_form(view.goal, queries.season_curve()) if asks_goal else None,
    )


@bp.route("/statistics/rows")
@access.requires(P.SEE_STATISTICS)
def rows() -> ResponseReturnValue:
    """The rows behind a figure, by the filter that the figure itself was counted with."""
    wanted = rules.parse(request.args, clock.today().year, tables.within())
    whole = queries.figure(wanted)
    page = max(request.args.get("page", 1, int), 1)
    found = figure_rows.rows(wanted, PAGE, (page - 1) * PAGE)
    total = figure_rows.count(wanted)
    return render_template(
        "statistics/rows.html",
        wanted=wanted,
        whole=whole,
        rows=found,
        page=page,
        pages=max(1, -(-total // PAGE)),
        total=total,
        definition=rules.DEFINITIONS["first_reported" if wanted.stage == "registered" and wanted.basis == "first" else wanted.stage],
        sample=queries.has_sample(),
        sentence=shown.row_sentence(wanted, whole, queries.has_sample()),
        exact=lambda fen: money.in_unit(fen, money.WAN, 6),  # these sum to the figure to the last 分
    )


@bp.route("/statistics/goals/<int:year>", methods=["GET", "POST"])
@access.requires(P.SET_GOAL)
def goal(year: int) -> ResponseReturnValue:
    """Enter a year's baseline and increment with their sources, and the season curve."""
    facts, curve = queries.goal(year), queries.season_curve()
    form = _goal_form(facts, curve)

    def work() -> str:
        if "curve" in request.form and (form.shares(), form.curve_source.data or "") != (curve or ([], "")):
            actions.set_season_curve(form.shares(), form.curve_source.data or "", access.actor())
        actions.set_goal(year, form.values(), access.actor())
        flash(f"{year} 年的目标已保存。", "success")
        return url_for("statistics.cockpit", year=year)

    return forms.submit(form, work) or render_template("statistics/goal.html", form=form, year=year, facts=facts)


def _goal_form(facts: queries.GoalFacts, curve: tuple[list[int], str] | None) -> GoalForm:
    """Return the form of a year's goal with what is entered so far."""
    known = {
        "baseline": facts.baseline_fen,
        "baseline_source": facts.baseline_source,
        "increment": facts.increment_fen,
        "increment_source": facts.increment_source,
        "curve": "，".join(str(share) for share in curve[0]) if curve else "",
        "curve_source": curve[1] if curve else "",
    }
    return GoalForm(data=known if request.method == "GET" else None)


@bp.route("/statistics/release", methods=["GET", "POST"])
@access.requires(P.RELEASE_FIGURES)
def release() -> ResponseReturnValue:
    """See what the public would see, and release it."""
    year = _year() or clock.today().year
    until = rules.as_of(year, clock.today())
    form = ReleaseForm(data={"data_until": until} if request.method == "GET" else None)

    def work() -> str:
        actions.release(year, form.data_until.data, access.actor())
        flash("已发布到公开数据页。", "success")
        return url_for("statistics.public")

    done = forms.submit(form, work)
    if done:
        return done
    figures = actions.public_figures(year, form.data_until.data or until)
    return render_template(
        "statistics/release.html", form=form, year=year, figures=figures, until=form.data_until.data or until, definitions=rules.DEFINITIONS
    )


@bp.route("/data")
@access.public
def public() -> ResponseReturnValue:
    """The totals that the leader has released, with their definitions."""
    found = queries.latest_release()
    return render_template("statistics/public.html", released=found, definitions=rules.DEFINITIONS)
