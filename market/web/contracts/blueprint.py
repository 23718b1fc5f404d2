"""The blueprint of the room contracts; the modules beside it register their pages on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("contracts", __name__)
