"""The accounts of a public deployment: people, passwords, sessions, invitations, counted tries.

They lie in a file of their own beside the data file, never in the person's database. Plain Python:
no Flask, no HTML. Nothing here is loaded by the program on the desktop.
"""

from .errors import (
    AccountEnded,
    InvitationOver,
    LastOwner,
    NameNotFit,
    NameTaken,
    NoSuchAccount,
    NotSignedIn,
    PasswordNotFit,
    TooManyTries,
)
from .file import AccountsFile, open_accounts
from .invitations import Invitation, Invitations
from .passwords import Costs, Passwords
from .people import Account, People
from .roles import Role
from .sessions import Session, Sessions
from .signing_in import SigningIn, network_of

__all__ = [
    "Account",
    "AccountEnded",
    "AccountsFile",
    "Costs",
    "Invitation",
    "InvitationOver",
    "Invitations",
    "LastOwner",
    "NameNotFit",
    "NameTaken",
    "NoSuchAccount",
    "NotSignedIn",
    "PasswordNotFit",
    "Passwords",
    "People",
    "Role",
    "Session",
    "Sessions",
    "SigningIn",
    "TooManyTries",
    "network_of",
    "open_accounts",
]
