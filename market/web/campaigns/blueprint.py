"""The blueprint of the room campaigns; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("campaigns", __name__)
