"""Pages of the room matches: recommendations for one's own listings, a word on a pair, how matching works."""

from __future__ import annotations

from flask import Blueprint, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market import matching
from market.actions import matches as actions
from market.domain.permissions import Permission as P
from market.queries import matches
from market.web import access

bp = Blueprint("matches", __name__)


@bp.route("/recommendations")
@access.requires(P.SEE_RECOMMENDATIONS)
def recommendations() -> ResponseReturnValue:
    """What fits the organisation's own listings best today, and why."""
    actor = access.actor()
    mine, offered = matches.own_listings(actor.organisation_id or 0)
    mine, offered = mine[:10], offered[:20]
    of_mine = matches.for_challenges([c.id for c in mine], actor, g.site.confirmation_months, 5)
    of_offered = matches.for_capabilities([c.id for c in offered], actor, 5)
    groups = [("challenge", c.id, c.title, of_mine[c.id]) for c in mine]
    groups += [("capability", c.id, c.title, of_offered[c.id]) for c in offered]
    note(groups)
    return render_template("matches/recommendations.html", groups=groups, has_listings=bool(mine or offered))


@bp.route("/matches/<int:match_id>/feedback", methods=["POST"])
@access.requires(P.JUDGE_MATCH)
def feedback(match_id: int) -> ResponseReturnValue:
    """Keep 有用 or 不合适 with its reason, and go back to where it was said."""
    line = access.load(matches.get, match_id, P.JUDGE_MATCH).line
    useful = request.form.get("verdict") == "useful"
    reason = request.form.get("reason") or None
    back = access.safe_next(request.form.get("next"), _page_of(line.query_kind, line.query_id))

    def work() -> str:
        actions.judge(line, useful, reason, request.form.get("note", ""), access.actor())
        return back

    answer = access.once(work)
    flash("谢谢，已记下。它会用来改进以后的排序。", "success")
    return answer


@bp.route("/how-matching-works")
@access.public
def how() -> ResponseReturnValue:
    """匹配怎么算的: what is used, what never is, the version, and what has been judged so far."""
    return render_template("matches/how.html", version=matching.ENGINE_VERSION, counts=matches.counts())


def _page_of(kind: str, item_id: int) -> str:
    if kind == "challenge":
        return url_for("challenges.detail", challenge_id=item_id, _anchor="matches")
    return url_for("capabilities.detail", capability_id=item_id, _anchor="matches")


def note(groups: list[tuple[str, int, str, list[matches.MatchRow]]]) -> None:
    """Record what a person was shown, all lists of the page together."""
    shown = [
        actions.Shown(
            kind,
            item_id,
            "capability" if kind == "challenge" else "challenge",
            [(row.item_id, row.rank) for row in rows],
            rows[0].engine_version,
        )
        for kind, item_id, _title, rows in groups
        if rows
    ]
    actions.note_lists("recommendations", access.actor(), shown)
