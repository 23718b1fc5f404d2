"""Pages of the room bids: importing this module registers them all."""

from __future__ import annotations

from market.web.bids import choosing, objecting, reading, writing
from market.web.bids.blueprint import bp

__all__ = ["bp", "choosing", "objecting", "reading", "writing"]
