"""The blueprint of the room capabilities; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("capabilities", __name__)
