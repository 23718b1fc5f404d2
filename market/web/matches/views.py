"""Pages of the room matches."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("matches", __name__)
