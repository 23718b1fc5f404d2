"""The desk without the model."""

from __future__ import annotations

from tests.web.quiet import quiet_engine

__all__ = ["quiet_engine"]
