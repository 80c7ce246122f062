"""`python -m myapp.public`: get a deployment ready, check its settings, make the first owner."""

import getpass
import os
import sys
from pathlib import Path

import click

from myapp.accounts import Invitations, Passwords, People, Role, open_accounts
from myapp.store import AppError

from .preparing import prepare_data
from .settings import Settings, UnsafeSettings, read_settings

LINK_SECONDS = 86_400


@click.group()
def main() -> None:
    """For whoever runs the server. Settings come from the environment: see docs/deploy.md."""


@main.command()
def prepare() -> None:
    """Make the data file named by MYAPP_DATA, or make one that is there ready."""
    text = os.environ.get("MYAPP_DATA", "")
    if not text or not Path(text).is_absolute():
        raise click.ClickException("MYAPP_DATA must name the data file by its whole path.")
    try:
        done = prepare_data(Path(text))
    except (AppError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(done)


@main.command()
def check() -> None:
    """Say whether the settings are safe, without starting anything."""
    safe_settings()
    click.echo("These settings are safe.")


@main.command("create-owner")
@click.argument("name", default="")
@click.option("--link", is_flag=True, help="Print a one-time link instead of asking a password.")
def create_owner(name: str, link: bool) -> None:
    """Make an account that may do everything. The password is asked, or read from stdin."""
    settings = safe_settings()
    file = open_accounts(settings.accounts, settings.secret)
    people = People(file, Passwords())
    try:
        if link:
            made = Invitations(file, people).make(Role.OWNER, name, LINK_SECONDS)
            click.echo(f"Open this within a day. It works once:\n{settings.address}/join/{made}")
            return
        if not name:
            raise click.ClickException("Give the owner's name, or --link.")
        people.add(name, ask_password(), Role.OWNER)
        click.echo(f"{name} is an owner now, and can sign in at {settings.address}.")
    except AppError as error:
        raise click.ClickException(error.sentence) from error
    finally:
        file.close()


def safe_settings() -> Settings:
    try:
        return read_settings()
    except UnsafeSettings as error:
        raise click.ClickException(str(error)) from error


def ask_password() -> str:
    """Never an argument: other users see those."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise click.ClickException("The two differ. Nothing was made.")
    return password


if __name__ == "__main__":
    main()
