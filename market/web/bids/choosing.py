"""Opening bids, comparing them and choosing one."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import bids as bid_actions
from market.actions import selection as actions
from market.domain import bids as rules
from market.domain import clock, codes
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Bid, Challenge
from market.queries import bids, challenges, objections
from market.web import access, forms
from market.web.bids import shown
from market.web.bids.blueprint import bp


@bp.route("/challenges/<int:challenge_id>/bids")
@access.requires(P.SIGNED_IN)
def compare(challenge_id: int) -> ResponseReturnValue:
    """The bids of a challenge side by side, to its enterprise and, after opening, to staff."""
    who = access.actor()
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    inside = bids.is_enterprise(challenge, who)
    count = bids.count_visible(challenge, who)
    if challenge.procedure != "open_call" or not (inside or count is not None):
        abort(404)
    read = [(bid, body) for bid in bids.of_challenge(challenge, who) if (body := bid_actions.body_for(bid, who)) is not None]
    columns, rows = shown.comparison(challenge, read)
    closed = rules.bids_closed(challenge.closes_at, clock.now())
    chooses = inside and may(who, P.CHOOSE_BID, challenge.subject)
    undone = challenge.state in {"publicity", "selected"} and may(who, P.REOPEN_CHOICE, challenge.subject)
    return render_template(
        "bids/compare.html",
        challenge=challenge,
        found=[bid for bid, _body in read],
        columns=columns,
        rows=rows,
        count=count,
        closed=closed,
        chooses=chooses,
        may_open=chooses and closed and challenge.state == "published",
        may_end=chooses and (challenge.state == "selecting" or (closed and challenge.state == "published")),
        may_confirm=chooses and challenge.state == "publicity" and challenge.publicity_until and clock.today() > challenge.publicity_until,
        may_reopen=undone,
        objections=objections.of_challenge(challenge_id),
        handles=may(who, P.SEE_QUEUE),
        standing=objections.standing(challenge_id),
        withdrawn=bids.withdrawn_count(challenge, who),
        chosen=next((bid for bid, _body in read if bid.state == "chosen"), None),
        loss_reasons=list(codes.BID_LOSS_REASONS.items()),
    )


def _act(challenge_id: int, work: Callable[[Challenge], str]) -> ResponseReturnValue:
    """Run a step of the enterprise on its challenge once and go back to the comparison."""
    challenge = access.load(challenges.get, challenge_id, P.CHOOSE_BID, see=P.SEE_CHALLENGE)
    here = url_for("bids.compare", challenge_id=challenge_id)

    def once() -> str:
        flash(work(challenge), "success")
        return here

    return access.once(once)


def _act_on(bid_id: int, work: Callable[[Bid], str]) -> ResponseReturnValue:
    """Run a step of the enterprise on one bid that it may know of."""
    who = access.actor()
    bid = bids.seen(bid_id, who)
    if bid is None:
        abort(404)
    if not (bids.is_enterprise(bid.challenge, who) and may(who, P.CHOOSE_BID, bid.challenge.subject)):
        abort(403)
    here = url_for("bids.compare", challenge_id=bid.challenge_id)

    def once() -> str:
        flash(work(bid), "success")
        return here

    return access.once(once)


@bp.route("/bids/<bid:bid_id>/invite", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def invite(bid_id: int) -> ResponseReturnValue:
    """Ask for the full answer."""

    def work(bid: Bid) -> str:
        actions.invite(bid, access.actor())
        return "已邀请对方提交完整方案"

    return _act_on(bid_id, work)


@bp.route("/challenges/<int:challenge_id>/bids/open", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def open_all(challenge_id: int) -> ResponseReturnValue:
    """Open all bids at once, after the deadline."""

    def work(challenge: Challenge) -> str:
        return f"已开启 {actions.open_all(challenge, access.actor())} 份申报"

    return _act(challenge_id, work)


@bp.route("/bids/<bid:bid_id>/choose", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def choose(bid_id: int) -> ResponseReturnValue:
    """Choose one bid with a reason; `loss_<id>` says for each other one why not."""
    reasons = {
        number: value
        for name, value in request.form.items()
        if name.startswith("loss_") and (number := forms.whole(name.removeprefix("loss_"))) is not None and value
    }

    def work(bid: Bid) -> str:
        actions.choose(bid, access.actor(), request.form.get("reason", ""), reasons, request.form.get("version", type=int))
        return "已选定，各申报方都会收到通知"

    return _act_on(bid_id, work)


@bp.route("/bids/<bid:bid_id>/reserve", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def reserve(bid_id: int) -> ResponseReturnValue:
    """Keep a bid in reserve."""

    def work(bid: Bid) -> str:
        actions.reserve(bid, access.actor())
        return "已列为候补"

    return _act_on(bid_id, work)


@bp.route("/challenges/<int:challenge_id>/bids/no-award", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def no_award(challenge_id: int) -> ResponseReturnValue:
    """End without a choice, with the reason."""

    def work(challenge: Challenge) -> str:
        actions.no_award(challenge, access.actor(), request.form.get("reason", ""))
        return "已流榜，各申报方都会收到通知"

    return _act(challenge_id, work)


@bp.route("/challenges/<int:challenge_id>/bids/confirm", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def confirm_choice(challenge_id: int) -> ResponseReturnValue:
    """Confirm the choice after the publicity window."""

    def work(challenge: Challenge) -> str:
        actions.confirm_choice(challenge, access.actor())
        return "选定已生效，可以录入合同"

    return _act(challenge_id, work)
