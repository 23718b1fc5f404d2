"""Terminal commands of ten lines that call one action or query. Each module offers `register(app)`."""

from __future__ import annotations

from flask import Flask

from market.cli import accounts, backups, clock, docs, exports, imports, matching, sample, serve, verify

MODULES = (accounts, backups, clock, docs, exports, imports, matching, sample, serve, verify)


def register(app: Flask) -> None:
    """Add all commands to the application."""
    for module in MODULES:
        module.register(app)
