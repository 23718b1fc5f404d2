"""Pages of the room challenges: importing this module registers them all."""

from __future__ import annotations

from market.web.challenges import attachments, reading, writing
from market.web.challenges.blueprint import bp

__all__ = ["attachments", "bp", "reading", "writing"]
