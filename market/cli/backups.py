"""`flask backup` and `flask restore`: the whole market in one file, and back."""

from __future__ import annotations

import os
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from market.actions import backups
from market.domain.errors import MarketError

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=_FILE)
@click.option("--with-key", is_flag=True, help="Put the secret key in too; whoever holds the file can then sign in as anybody.")
@with_appcontext
def backup(file: Path, with_key: bool) -> None:
    """Write the database with attachments and a manifest into FILE; the market may go on running."""
    try:
        made = backups.write(file, current_app.config["MARKET"].key() if with_key else None)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    size = file.stat().st_size / 1_000_000
    click.echo(f"{file}：{len(made.content.tables)} 张表，{made.rows} 行，{size:.1f} MB，{made.made_at}")
    if with_key:
        click.echo("备份里有密钥，请像保管密钥一样保管它。")
    else:
        click.echo("备份里没有密钥（instance/secret-key）。请另外保管：没有它，恢复后二次验证要重新绑定。")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what the database holds now.")
@click.option("--with-key", is_flag=True, help="Also put the secret key of the backup into the instance folder.")
@with_appcontext
def restore(file: Path, yes: bool, with_key: bool) -> None:
    """Check FILE byte by byte, put it into the (empty) database, then verify. Stop web and worker processes first."""
    try:
        made, key, reports = backups.restore(file, replace=yes)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已恢复 {made.made_at} 的备份：{len(made.content.tables)} 张表，{made.rows} 行")
    if with_key:
        _put_key(key)
    for report in reports:
        click.echo(report.words)
        for problem in report.problems[:20]:
            click.echo(f"  {problem}")
    if any(report.problems for report in reports):
        raise SystemExit(1)


def _put_key(key: str | None) -> None:
    if key is None:
        raise click.ClickException("这份备份里没有密钥")
    path = current_app.config["MARKET"].instance / "secret-key"
    beside = path.with_name("secret-key.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf8") as written:
        written.write(key)
    beside.replace(path)
    click.echo(f"密钥已放到 {path}，请重新启动服务")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)
