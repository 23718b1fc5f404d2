"""Pages of the room leads."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("leads", __name__)
