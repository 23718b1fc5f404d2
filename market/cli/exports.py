"""flask export: statistics and contracts from the terminal, the same files as from the pages."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from market.actions import exports
from market.domain.permissions import SYSTEM

group = AppGroup("export", help="导出统计和合同。")
_year = click.option("--year", type=click.IntRange(1985, 2100), default=None, help="年份，默认是最近有数据的一年")
_format = click.option("--format", "form", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True)
_out = click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True)


@group.command("statistics")
@_year
@_format
@_out
def statistics(year: int | None, form: str, out: Path) -> None:
    """Write the figures of a year."""
    _write(exports.statistics_file(year, form, SYSTEM), out)


@group.command("contracts")
@_year
@_format
@_out
def contracts(year: int | None, form: str, out: Path) -> None:
    """Write the contracts of a year."""
    _write(exports.contracts_file(year, form, SYSTEM), out)


def _write(file: exports.File, out: Path) -> None:
    out.write_bytes(file.content)
    click.echo(f"{out}：{file.name}，{file.rows} 行")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
