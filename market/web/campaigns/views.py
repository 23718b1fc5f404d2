"""The room campaigns: those who run one in running.py, who works its candidates in working.py, the year-end cut-off in closing.py."""

from __future__ import annotations

from market.web.campaigns import closing, running, working
from market.web.campaigns.blueprint import bp

__all__ = ["bp", "closing", "running", "working"]
