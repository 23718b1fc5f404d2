"""Writing a bid."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from market.domain.permissions import Permission as P
from market.web import access
from market.web.bids.blueprint import bp


@bp.route("/challenges/<int:challenge_id>/bids/new", methods=["GET", "POST"])
@access.requires(P.CREATE_BID)
def create(challenge_id: int) -> ResponseReturnValue:
    """A new bid."""
    abort(404)


@bp.route("/bids/<int:bid_id>/edit", methods=["GET", "POST"])
@access.requires(P.EDIT_BID)
def edit(bid_id: int) -> ResponseReturnValue:
    """Change a bid."""
    abort(404)


@bp.route("/bids/<int:bid_id>/steps/<string:step>", methods=["POST"])
@access.requires(P.EDIT_BID)
def take_step(bid_id: int, step: str) -> ResponseReturnValue:
    """Withdraw or write anew."""
    abort(404)


@bp.route("/bids/<int:bid_id>/member", methods=["POST"])
@access.requires(P.CONFIRM_MEMBERSHIP)
def confirm_member(bid_id: int) -> ResponseReturnValue:
    """Confirm or decline one's part in a consortium."""
    abort(404)
