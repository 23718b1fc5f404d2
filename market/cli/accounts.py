"""`flask accounts`: the first administrator, the sample accounts, a list. `flask permissions`: the table as a document."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from config import ROOT
from market.actions import first_admin, sample_accounts
from market.domain import permission_document
from market.domain.errors import MarketError
from market.domain.permissions import ROLE_WORDS, roles_from
from market.queries import people

group = AppGroup("accounts", help="People with accounts: create-admin, reset, reset-second-factor, list.")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)
    app.cli.add_command(permissions)


@group.command("create-admin")
@click.option("--email", required=True, help="The administrator's e-mail address.")
@click.option("--name", required=True, help="The administrator's name.")
@click.option("--organisation", default="", help="Name of the commission, where there is none yet.")
@click.option("--ask-password", is_flag=True, help="Ask for a password here instead of printing an invitation link.")
def create_admin(email: str, name: str, organisation: str, ask_password: bool) -> None:
    """Create a system administrator; prints an invitation link, or asks for a password (never a default one)."""
    try:
        if ask_password:
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
            first_admin.create(name, email, organisation, password)
            click.echo(f"{email} can sign in; the first sign-in asks for a second factor.")
        else:
            path = first_admin.invite(name, email, organisation)
            click.echo(f"Open within 7 days to set the password: {current_app.config['MARKET'].public_url}{path}")
    except MarketError as error:
        raise click.ClickException(str(error)) from error


@group.command("reset")
def reset() -> None:
    """Give the sample accounts new passwords; prints them and writes instance/sample-accounts.txt (mode 0600)."""
    config = current_app.config["MARKET"]
    made = sample_accounts.renew(ROOT / "seed_data" / "people.csv")
    if not made:
        raise click.ClickException("There are no sample accounts; load the sample market first.")
    path = config.instance / "sample-accounts.txt"
    sample_accounts.write(path, made, config.public_url)
    show_sample_accounts(made)
    click.echo(f"Also in {path}")


def show_sample_accounts(made: list[sample_accounts.SampleAccount]) -> None:
    """Print the accounts as a table."""
    table = Table(show_lines=False)
    for words, whole in (("邮箱", True), ("密码", True), ("角色", False), ("可以做什么", False)):
        table.add_column(words, no_wrap=whole, overflow="fold")
    for one in made:
        table.add_row(one.email, one.password, one.roles, one.says)
    console = Console()
    console.width = max(console.width, 100)  # an address or a password cut off is of no use
    console.print(table)


@group.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the second factor from somebody who lost phone and recovery codes."""
    try:
        first_admin.reset_second_factor(email)
    except MarketError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{email} enrols again at the next sign-in.")


@group.command("list")
def list_staff() -> None:
    """List the people of the commission with their roles."""
    for user in people.staff():
        words = "、".join(ROLE_WORDS[role] for role in sorted(roles_from(role.role for role in user.roles)))
        state = "停用" if user.disabled_at else ("在用" if user.password_hash else "待开通")
        click.echo(f"{user.email}\t{user.name}\t{words}\t{state}")


@click.command("permissions")
@click.option("--write", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write the document to this file.")
def permissions(path: Path | None) -> None:
    """Print the table of permissions as Markdown, or write it (docs/permissions.md; a test compares)."""
    text = permission_document.markdown()
    if path is None:
        click.echo(text)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
