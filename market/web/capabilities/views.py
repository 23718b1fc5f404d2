"""Pages of the room capabilities."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("capabilities", __name__)
