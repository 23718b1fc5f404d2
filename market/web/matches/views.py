"""Pages of the room matches: recommendations for one's own listings, a word on a pair, how matching works."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market import matching
from market.actions import matches as actions
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import match_records, matches, pairs, quality, suggestions
from market.web import access
from market.web.matches import shown

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
    profile = None if mine or offered else _by_profile()
    return render_template("matches/recommendations.html", groups=groups, has_listings=bool(mine or offered), profile=profile)


def _by_profile() -> dict[str, Any] | None:
    """For an organisation that has posted nothing: what fits the text it wrote of itself; None where it wrote none."""
    who = access.actor()
    kind, text = matches.profile_of(who.organisation_id or 0)
    if not text:
        return None
    seeks = kind == "enterprise"
    item_kind = "capability" if seeks else "challenge"
    found = suggestions.capabilities_for(text, g.site.confirmation_months) if seeks else suggestions.challenges_for(text, who)
    actions.note_shown(
        "profile", who, "profile", who.organisation_id, item_kind, [(row.id, row.rank) for row in found.rows], found.engine_version
    )
    return {"seeks": seeks, "text": text, "found": found}


@bp.route("/matches/<int:match_id>")
@access.public
def pair(match_id: int) -> ResponseReturnValue:
    """One pair, whole: both texts with the words that met, each element, each share of the score."""
    who = access.actor()
    found = pairs.pair(match_id, who, g.site.confirmation_months)
    if found is None:
        abort(404)
    actions.note_opened(match_id, who)
    side = found.challenge.organisation_id if found.query_kind == "challenge" else found.capability.organisation_id
    return render_template(
        "matches/pair.html",
        pair=found,
        asks=may(who, P.ASK_CONTACT) and who.organisation_id == side,
        asks_href=url_for("contacts.create", capability_id=found.capability.id, challenge_id=found.challenge.id, rank=found.rank),
        may_judge=may(who, P.JUDGE_MATCH, found.subject),
        reasons=matches.FEEDBACK_REASONS,
    )


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
    """匹配怎么算的: what is used, what never is, what a score stands for, and what was measured."""
    (calibrated, bars), found = quality.reliability(), quality.measured()
    return render_template(
        "matches/how.html",
        version=matching.ENGINE_VERSION,
        counts=matches.counts(),
        calibrated=calibrated,
        bars=bars,
        diagram=shown.reliability(bars),
        quality=found,
        tables=shown.measured(found.figures),
    )


@bp.route("/matches/records")
@access.requires(P.SEE_MATCH_RECORDS)
def records() -> ResponseReturnValue:
    """By engine version: lists shown, opened, contacts, bids, contracts, and what people said; each figure opens its rows."""
    act, version = request.args.get("act", ""), request.args.get("version", "")
    page = max(request.args.get("page", 1, int), 1)
    chosen = act in match_records.ACTS
    rows, total = match_records.records(version, act, page) if chosen else (None, 0)
    return render_template(
        "matches/records.html",
        versions=match_records.versions(),
        acts=match_records.ACTS,
        act=act,
        version=version,
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // match_records.PAGE),
    )


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
