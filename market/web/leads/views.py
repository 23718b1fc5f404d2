"""The room leads: pages without an account in asking.py, those of the people who follow leads in working.py."""

from __future__ import annotations

from market.web.leads import asking, working
from market.web.leads.blueprint import bp

__all__ = ["asking", "bp", "working"]
