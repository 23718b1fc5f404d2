"""Pages of the room imports."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from market.domain.permissions import Permission as P
from market.web import access

bp = Blueprint("imports", __name__)


@bp.route("/imports")
@access.requires(P.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Says that lists are not taken yet."""
    return render_template("imports/index.html")
