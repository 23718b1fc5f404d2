"""`flask worker` and `flask serve`: the processes of a running market."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from market.actions import imports, large_exports
from market.actions.jobs import Handler
from market.actions.outbox import MailServer
from market.actions.worker import Worker

HANDLERS: dict[str, Handler] = {**imports.HANDLERS}  # kind of job → what does it
PAUSE = 2.0  # seconds between two looks when there is nothing to do


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what waits now, then stop.")
@with_appcontext
def worker(once: bool) -> None:
    """Deliver mails, run imports, keep rankings in step, remind."""
    config = current_app.config["MARKET"]
    handlers = {**HANDLERS, **large_exports.handlers(config.exports)}
    running = Worker(MailServer(config.smtp_url, config.mail_from, config.public_url), handlers, lambda line: click.echo(f"worker: {line}"))
    signal.signal(signal.SIGTERM, _leave)
    while True:
        busy = running.tick()
        if once and not busy:
            return
        if not busy:
            time.sleep(PAUSE)


@click.command("serve")
@click.option("--workers", default=2, show_default=True, help="gunicorn worker processes.")
@click.option("--port", type=int, default=None, help="Port on 127.0.0.1; from MARKET_PUBLIC_URL, else 8000.")
@with_appcontext
def serve(workers: int, port: int | None) -> None:
    """Start gunicorn and the worker; both stop together."""
    config = current_app.config["MARKET"]
    port = port or urlsplit(config.public_url).port or 8000
    settings = str(Path(__file__).with_name("gunicorn_settings.py"))
    commands = (
        [sys.executable, "-m", "gunicorn", "-c", settings, "-w", str(workers), "-b", f"127.0.0.1:{port}", "wsgi:app"],
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
    )
    signal.signal(signal.SIGTERM, _leave)
    children = [subprocess.Popen(command) for command in commands]  # noqa: S603
    _welcome(port)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        _stop(children)
    raise SystemExit(max(child.returncode or 0 for child in children) if any(c.returncode and c.returncode > 0 for c in children) else 0)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=35)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _welcome(port: int) -> None:
    click.echo(f"\n科创集市  http://127.0.0.1:{port}\n")
    accounts = Path(current_app.config["MARKET"].instance) / "sample-accounts.txt"
    if accounts.exists():
        click.echo(accounts.read_text(encoding="utf8"))
        click.echo(f"(also in {accounts}; `flask accounts reset` makes new passwords)\n")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(worker)
    app.cli.add_command(serve)
