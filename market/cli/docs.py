"""`flask lifecycles`: the seven state machines as a document."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask

from config import ROOT
from market.domain import lifecycle_document


@click.command("lifecycles")
@click.option("--write", is_flag=True, help="Write docs/lifecycles.md instead of printing.")
def lifecycles(write: bool) -> None:
    """Print the lifecycles as Mermaid diagrams, or write docs/lifecycles.md (a test compares)."""
    text = lifecycle_document.markdown()
    if write:
        path = Path(ROOT) / "docs" / "lifecycles.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    else:
        click.echo(text)


def register(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(lifecycles)
