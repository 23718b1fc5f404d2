"""Pages of the room contacts."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("contacts", __name__)
