"""flask export: statistics, contracts, open contracting data and the monthly report, the same files as from the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from tqdm import tqdm

from market.actions import exports, open_data, reports
from market.db import reading
from market.domain import clock
from market.domain.errors import Invalid
from market.domain.permissions import SYSTEM
from market.queries import settings
from market.queries.contracts import ListFilter

group = AppGroup("export", help="导出统计、合同、开放数据和月报。")
_year = click.option("--year", type=click.IntRange(1985, 2100), default=None, help="年份；统计默认是最近有数据的一年，合同默认全部")
_form = click.option("--format", "form", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True)
_out = click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True)


@group.command("statistics")
@_year
@_form
@_out
def statistics(year: int | None, form: str, out: Path) -> None:
    """Write the figures of a year."""
    with _file(out) as file, reading():
        file.write(_told(exports.statistics_file(year, form, SYSTEM), out))


@group.command("contracts")
@_year
@_form
@_out
def contracts(year: int | None, form: str, out: Path) -> None:
    """Write the contracts of a year, row by row."""
    with _file(out) as file, reading():
        ledger = exports.contracts_ledger(ListFilter(year=year))
        with tqdm(desc="合同", unit=" 份", total=ledger.total, ncols=80) as bar:
            name = exports.write_ledger(file, ledger, form, SYSTEM, _follow(bar))
        click.echo(f"{out}：{name}，{ledger.total} 行")


@group.command("ocds")
@_year
@click.option("--kind", type=click.Choice(list(open_data.KINDS)), default="releases", show_default=True, help="发布包或记录包")
@_out
def ocds(year: int | None, kind: str, out: Path) -> None:
    """Write the published challenges of a year as an OCDS 1.1 package."""
    base = current_app.config["MARKET"].public_url.rstrip("/")
    place = open_data.Place(
        page=f"{base}/open-data",
        package=lambda kind, year, part: f"{base}/open-data/ocds?kind={kind}&year={year}&part={part}",
        challenge=lambda key: f"{base}/challenges/{key}",
    )
    with _file(out) as file, reading(), tqdm(desc="项目", unit=" 个", ncols=80) as bar:
        found = open_data.contracting_file(kind, year or clock.today().year, settings.current(), place, progress=_follow(bar))
        file.write(found.content)
    click.echo(f"{out}：{found.name}，{found.rows} 个项目")


@group.command("report")
@click.option("--month", required=True, help="哪个月，例如 2025-11")
@click.option("--format", "form", type=click.Choice(list(reports.FORMATS)), default="pdf", show_default=True)
@_out
def report(month: str, form: str, out: Path) -> None:
    """Write the monthly report of the leadership."""
    year, _, number = month.partition("-")
    if not (year.isdecimal() and number.isdecimal() and 1985 <= int(year) <= 2100 and 1 <= int(number) <= 12):
        raise click.BadParameter("请写成 2025-11 的样子", param_hint="--month")
    with _file(out) as file, reading():
        file.write(_told(reports.monthly(int(year), int(number), form, SYSTEM, settings.current()), out))


def _follow(bar: tqdm) -> exports.Progress:  # type: ignore[type-arg]
    """Return the progress that moves a bar."""

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return show


@contextmanager
def _file(out: Path) -> Iterator[BinaryIO]:
    """Write beside and move into place: a command that is broken off leaves no half file."""
    beside = out.with_name(out.name + ".part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(out)
    except Invalid as error:
        raise click.ClickException("；".join(error.fields.values())) from error
    finally:
        beside.unlink(missing_ok=True)


def _told(file: exports.File, out: Path) -> bytes:
    click.echo(f"{out}：{file.name}，{file.rows} 行")
    return file.content


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
