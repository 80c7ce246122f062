"""The rooms of the accounts that the pages ask."""

from typing import NamedTuple, cast

from flask import current_app

from myapp.accounts import Invitations, People, Sessions, SigningIn

from .settings import Settings


class Accounts(NamedTuple):
    settings: Settings
    people: People
    sessions: Sessions
    invitations: Invitations
    signing_in: SigningIn


def accounts() -> Accounts:
    return cast(Accounts, current_app.extensions["accounts"])
