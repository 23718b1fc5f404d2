"""The blueprint of the room leads; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("leads", __name__)
