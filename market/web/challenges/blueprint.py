"""The blueprint of the room challenges; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("challenges", __name__)
