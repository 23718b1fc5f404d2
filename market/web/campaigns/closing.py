"""年底截止: until when contracts must be filed to count this year, which are not, and one click that reminds their sellers."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import filing_reminders
from market.domain import cutoff, rules_of_law
from market.domain.errors import IllegalStep
from market.domain.permissions import ANYTHING, demand, may
from market.domain.permissions import Permission as P
from market.domain.statistics import Cell
from market.queries import cutoffs
from market.web import access
from market.web.campaigns.blueprint import bp


@bp.route("/cutoff")
@access.requires(P.SEE_CAMPAIGN)
def cutoff_calendar() -> ResponseReturnValue:
    """The calendar with its countdown, and the contracts behind each figure."""
    demand(access.actor(), P.SEE_CAMPAIGN, ANYTHING)
    calendar = cutoffs.calendar()
    stage, kind = request.args.get("stage", "waiting"), request.args.get("kind", "")
    stage, kind = stage if stage in cutoffs.STAGES else "waiting", kind if kind in cutoff.WORDS else ""
    figures = cutoffs.figures(calendar.limit)
    totals = {one: figures[one, cutoff.ORDINARY] + figures[one, cutoff.LARGE] for one in cutoffs.STAGES}
    return render_template(
        "campaigns/cutoff.html",
        calendar=calendar,
        words=cutoff.WORDS,
        stages=cutoffs.STAGES,
        figures=figures,
        totals=totals,
        none=Cell(),
        said=rules_of_law.words,
        rule_of=cutoff.RULE_OF,
        stage=stage,
        kind=kind,
        found=cutoffs.rows(calendar.year, calendar.limit, stage, kind, request.args.get("page", 1, int)),
        to_remind=cutoffs.to_remind(calendar.year),
        reminds=may(access.actor(), P.REMIND_SELLERS, ANYTHING),
    )


@bp.route("/cutoff/remind", methods=["POST"])
@access.requires(P.REMIND_SELLERS)
def remind() -> ResponseReturnValue:
    """Remind every seller once."""

    def work() -> str:
        try:
            done = filing_reminders.remind_sellers(access.actor())
        except IllegalStep as refused:
            flash(str(refused), "error")
            return url_for("campaigns.cutoff_calendar")
        said = f"已提醒 {done.sellers} 家卖方，共 {done.contracts} 份合同" if done.sellers else "没有要提醒的：有账号的卖方今年都提醒过了"
        if done.unreached:
            said += f"；{'、'.join(done.unreached[:5])}{'等' if len(done.unreached) > 5 else ''}没有能办理的账号，请打电话"
        flash(said, "success")
        return url_for("campaigns.cutoff_calendar")

    return access.once(work)
