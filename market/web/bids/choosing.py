"""Opening bids, comparing them and choosing one."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from market.domain.permissions import Permission as P
from market.web import access
from market.web.bids.blueprint import bp


@bp.route("/challenges/<int:challenge_id>/bids")
@access.requires(P.SIGNED_IN)
def compare(challenge_id: int) -> ResponseReturnValue:
    """The bids of a challenge side by side."""
    abort(404)


@bp.route("/bids/<int:bid_id>/invite", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def invite(bid_id: int) -> ResponseReturnValue:
    """Ask for the full answer."""
    abort(404)


@bp.route("/challenges/<int:challenge_id>/bids/open", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def open_all(challenge_id: int) -> ResponseReturnValue:
    """Open all bids at once."""
    abort(404)


@bp.route("/bids/<int:bid_id>/choose", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def choose(bid_id: int) -> ResponseReturnValue:
    """Choose one bid."""
    abort(404)


@bp.route("/bids/<int:bid_id>/reserve", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def reserve(bid_id: int) -> ResponseReturnValue:
    """Keep a bid in reserve."""
    abort(404)


@bp.route("/challenges/<int:challenge_id>/bids/no-award", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def no_award(challenge_id: int) -> ResponseReturnValue:
    """End without a choice."""
    abort(404)


@bp.route("/challenges/<int:challenge_id>/bids/confirm", methods=["POST"])
@access.requires(P.CHOOSE_BID)
def confirm_choice(challenge_id: int) -> ResponseReturnValue:
    """Confirm the choice after the publicity window."""
    abort(404)
