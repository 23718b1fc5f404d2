"""Registration of contracts: the board, the pre-check and the form of one contract, suspected duplicates."""

from __future__ import annotations

from market.web.registration import board, deciding, preparing
from market.web.registration.blueprint import bp

__all__ = ["board", "bp", "deciding", "preparing"]
