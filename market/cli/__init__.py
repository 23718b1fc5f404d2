"""Terminal commands of ten lines that call one action or query. Each module offers `register(app)`."""

from __future__ import annotations

from flask import Flask

from market.cli import accounts, clock, exports, sample, verify

MODULES = (accounts, clock, exports, sample, verify)


def register(app: Flask) -> None:
    """Add all commands to the application."""
    for module in MODULES:
        module.register(app)
