"""`flask clock`: look at the market's clock, and move that of a sample market forward."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from market.actions import market_clock
from market.domain import clock
from market.domain.errors import MarketError
from market.queries import settings

group = AppGroup("clock", help="The market's clock: show, advance (sample markets only).")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("show")
def show() -> None:
    """Print the market's present moment and by how many days it is ahead."""
    now = settings.current()
    clock.set_offset(now.clock_offset_days if now.sample_market else 0)
    click.echo(f"{clock.local(clock.now()):%Y-%m-%d %H:%M} Asia/Shanghai, {now.clock_offset_days} days ahead")


@group.command("advance")
@click.option("--days", type=int, required=True, help="How many days further ahead.")
def advance(days: int) -> None:
    """Move the clock of a sample market forward; refused where the data are real."""
    try:
        ahead = market_clock.advance(days)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The market's clock is {ahead} days ahead.")
