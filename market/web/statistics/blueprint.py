"""The blueprint that the pages and the downloads of this room share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("statistics", __name__)
