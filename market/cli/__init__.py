"""Terminal commands of ten lines that call one action or query. Each module offers `register(app)`."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add all commands to the application."""
