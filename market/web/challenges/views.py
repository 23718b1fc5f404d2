"""Pages of the room challenges: importing this module registers them all."""

from __future__ import annotations

from market.web.challenges import amending, attachments, reading, writing
from market.web.challenges.blueprint import bp

__all__ = ["amending", "attachments", "bp", "reading", "writing"]
