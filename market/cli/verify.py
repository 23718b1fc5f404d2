"""flask verify: check the chains of the history, the totals and the search index."""

from __future__ import annotations

import click
from flask import Flask

from market.queries import verify as queries


@click.command("verify")
@click.option("--show", default=20, show_default=True, help="每项最多列出几处")
def verify(show: int) -> None:
    """Check that history, totals and index are what they should be; ends with 1 when something is wrong."""
    reports = queries.everything()
    for report in reports:
        click.echo(report.words)
        for problem in report.problems[:show]:
            click.echo(f"  {problem}")
    if any(report.problems for report in reports):
        raise SystemExit(1)


def register(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(verify)
