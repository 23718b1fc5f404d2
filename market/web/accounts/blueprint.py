"""The blueprint that every page of the room accounts registers on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
