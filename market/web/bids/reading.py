"""Reading bids: the list of one's own, and one bid."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from market.actions import bids as actions
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import bids, challenges, people
from market.web import access
from market.web.bids import shown
from market.web.bids.blueprint import bp


@bp.route("/bids")
@access.requires(P.SEE_BID)
def index() -> ResponseReturnValue:
    """The bids of one's organisation, the invitations to a consortium, and the calls that it posted itself."""
    who = access.actor()
    found = bids.mine(who)
    return render_template(
        "bids/index.html",
        asked=[bid for bid in found if shown.own_answer_missing(bid, who)],
        rows=[shown.own_row(bid, who) for bid in found],
        calls=[(call, bids.count_visible(call, who)) for call in bids.calls_of(who)],
    )


@bp.route("/bids/<bid:bid_id>")
@access.requires(P.SIGNED_IN)
def detail(bid_id: int) -> ResponseReturnValue:
    """One bid, to its bidder, its members and those it has been opened to."""
    who = access.actor()
    bid = bids.seen(bid_id, who)
    body = actions.body_for(bid, who) if bid else None
    if bid is None or body is None:
        abort(404)
    challenge = bid.challenge
    leads = bid.organisation_id == who.organisation_id
    return render_template(
        "bids/detail.html",
        bid=bid,
        body=body,
        challenge=challenge,
        poster=challenges.poster(challenge, who),
        leads=leads,
        inside=bids.is_bidder(bid, who),
        responses=shown.responses(challenge.indicators, body),
        parts=shown.milestones(body),
        chooses=bids.is_enterprise(challenge, who) and may(who, P.CHOOSE_BID, challenge.subject),
        action=shown.next_action(bid, who),
        answers=shown.own_answer_missing(bid, who) and may(who, P.CONFIRM_MEMBERSHIP),
        unsent=leads and actions.has_unsent(bid),
        takes_bids=shown.takes_bids(challenge),
        may_discard=leads and bid.state == "draft" and may(who, P.EDIT_BID),
        may_withdraw=leads
        and shown.takes_bids(challenge)
        and bid.state in ("intention", "invited", "submitted")
        and may(who, P.SUBMIT_BID),
        entries=shown.timeline(people.history_of("bid", bid.id), bids.is_bidder(bid, who)),
    )
