"""Passwords: which ones fit, and their argon2id hashes."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .errors import PasswordNotFit

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
FEWEST_DIFFERENT = 5
AT_ONCE = 2
"""Hashes computed at a time in one process: each takes 64 MB of memory."""


def check_password(password: str, name: str) -> None:
    """Raises PasswordNotFit."""
    if len(password) < SHORTEST:
        raise PasswordNotFit(f"A password has at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise PasswordNotFit(f"A password has at most {LONGEST} characters.")
    if len(set(password.casefold())) < FEWEST_DIFFERENT:
        raise PasswordNotFit("This password repeats itself too much. Choose another one.")
    if len(name) > 2 and name.casefold() in password.casefold():
        raise PasswordNotFit("This password holds your name. Choose another one.")


class Costs(NamedTuple):
    """More than OWASP asks for at least (19 MiB, 2 rounds, 1 lane), and a tenth of a second."""

    rounds: int = 2
    kibibytes: int = 65_536
    lanes: int = 1


class Passwords:
    """Kept as argon2id hashes."""

    def __init__(self, costs: Costs | None = None) -> None:
        self.costs = costs or Costs()
        self.turns = threading.BoundedSemaphore(AT_ONCE)
        self.making = threading.Lock()

    @cached_property
    def hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher

        return PasswordHasher(*self.costs)

    @cached_property
    def nobody(self) -> str:
        """What an unknown name is compared with, so that it takes as long as a known one."""
        return self.hash("nobody has this password")

    def hash(self, password: str) -> str:
        with self.turns:
            return self.hasher.hash(password.encode("utf-8", "surrogatepass"))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of the hash; without a hash never, after as long a time."""
        from argon2.exceptions import InvalidHashError, VerificationError

        with self.making:
            nobody = self.nobody
        given = password[: LONGEST + 1].encode("utf-8", "surrogatepass")
        with self.turns:
            try:
                return self.hasher.verify(kept or nobody, given) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        return self.hasher.check_needs_rehash(kept)
