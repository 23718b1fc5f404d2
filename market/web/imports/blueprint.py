"""The blueprint of the room imports; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("imports", __name__)
