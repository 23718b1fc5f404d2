"""Pages of the room capabilities: importing this module registers them all."""

from __future__ import annotations

from market.web.capabilities import reading, writing
from market.web.capabilities.blueprint import bp

__all__ = ["bp", "reading", "writing"]
