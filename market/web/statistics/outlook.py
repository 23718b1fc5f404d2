"""The page of the year's end: reads what the worker kept, never works anything out; who may see the chance of making the goal."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerRangeField
from wtforms.validators import NumberRange, Optional

from market.actions import forecasts as actions
from market.domain import clock
from market.domain.permissions import Permission as P
from market.domain.permissions import Subject, may
from market.queries import forecasts as queries
from market.queries import statistics
from market.web import access
from market.web.forms import MarketForm, WanField, whole
from market.web.statistics import year_end as shown
from market.web.statistics.blueprint import bp

MOST = 500  # contracts on the slider


class GapForm(MarketForm):
    """How many more contracts of which average."""

    more = IntegerRangeField("再登记几份", [Optional(), NumberRange(0, MOST, f"请填 0 到 {MOST} 之间的整数")])
    average = WanField("平均每份")

    class Meta(MarketForm.Meta):
        """A question by address: nothing is changed, so it carries no token."""

        csrf = False


def sees_chance() -> bool:
    """True for the leader and for whom the leader named."""
    return may(access.actor(), P.SEE_CHANCE, Subject(assigned=queries.readers()))


def _round(fen: int | None) -> int | None:
    """Return an average rounded to 百元: what the field shows is what is reckoned with."""
    return None if fen is None else (fen + 5_000) // 10_000 * 10_000


@bp.route("/cockpit/forecast")
@access.requires(P.SEE_FORECAST)
def forecast() -> ResponseReturnValue:
    """The three forecasts of the running year as the worker last kept them, with deals, gap and back-test."""
    year = clock.today().year
    kept = queries.latest(year)
    chance = sees_chance()
    page: dict[str, Any] = {"year": year, "kept": kept, "may_name": may(access.actor(), P.SET_GOAL)}
    if page["may_name"]:
        page |= {"people": queries.nameable(), "readers": queries.readers()}
    if kept is None:
        return render_template("statistics/forecast.html", **page)
    view = statistics.cockpit(year)
    asked = {"more", "average"} & set(request.args)
    form = GapForm(request.args) if asked else GapForm(data={"more": 0, "average": _round(kept.figures["average_fen"])})
    return render_template(
        "statistics/forecast.html",
        **page,
        form=form,
        outlook=shown.outlook(kept, view),
        gap=shown.gap(kept.figures, form),
        chance=shown.chance(kept) if chance else None,
        sample=view.sample,
    )


@bp.route("/cockpit/forecast/readers", methods=["POST"])
@access.requires(P.SET_GOAL)
def name_readers() -> ResponseReturnValue:
    """Name who may see the chance of making the goal."""
    ids = [number for text in request.form.getlist("readers") if (number := whole(text)) is not None]

    def work() -> str:
        actions.name_readers(ids, access.actor())
        flash("已保存可以看“达到目标的可能性”的人员。", "success")
        return url_for("statistics.forecast") + "#readers"

    return access.once(work)
