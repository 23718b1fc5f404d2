"""Reading bids: the list of one's own, and one bid."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from market.domain.permissions import Permission as P
from market.web import access
from market.web.bids.blueprint import bp


@bp.route("/bids")
@access.requires(P.SIGNED_IN)
def index() -> ResponseReturnValue:
    """The bids of one's organisation."""
    abort(404)


@bp.route("/bids/<int:bid_id>")
@access.requires(P.SIGNED_IN)
def detail(bid_id: int) -> ResponseReturnValue:
    """One bid."""
    abort(404)
