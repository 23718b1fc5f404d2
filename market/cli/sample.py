"""`flask sample`: load the sample market, take it out, say what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from tqdm import tqdm

from config import ROOT
from market.actions import sample, sample_accounts
from market.cli.accounts import show_sample_accounts
from market.domain.errors import MarketError

group = AppGroup("sample", help="The sample market: load, remove, status.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


def _bar(what: str, rows: Sequence[Any]) -> Iterable[Any]:
    return tqdm(rows, desc=what, ncols=80)


def _removed() -> Path:
    """The mark that the sample was taken out on purpose: the next start leaves the market empty."""
    return Path(current_app.config["MARKET"].instance) / "sample-removed"


@group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing in a market that is in use, or whose sample was taken out.")
def load(if_empty: bool) -> None:
    """Load the sample market and give its demonstration accounts passwords; prints them and keeps them in one file."""
    if if_empty and (not sample.untouched() or _removed().exists()):
        return
    started = perf_counter()
    try:
        entries = sample.load(_bar)
        _removed().unlink(missing_ok=True)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    config = current_app.config["MARKET"]
    made = sample_accounts.renew(ROOT / "seed_data" / "people.csv")
    path = config.instance / "sample-accounts.txt"
    sample_accounts.write(path, made, config.public_url)
    show_sample_accounts(made)
    click.echo(f"Loaded with {entries} history entries in {perf_counter() - started:.1f} s. Accounts also in {path}")


@group.command("remove")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(yes: bool) -> None:
    """Take out all sample rows; what is real stays."""
    if not yes:
        click.confirm("Take out all sample rows?", abort=True)
    try:
        gone = sample.remove(_bar)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    (current_app.config["MARKET"].instance / "sample-accounts.txt").unlink(missing_ok=True)
    _removed().touch()
    click.echo(f"Took out {gone} rows.")


@group.command("status")
def status() -> None:
    """Say whether the sample market is loaded, and how many rows it has."""
    if not sample.present():
        click.echo("No sample market is loaded.")
        return
    for name, count in sample.counts().items():
        click.echo(f"{name}\t{count}")
