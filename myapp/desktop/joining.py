"""How a device joins: a code that works once and for a short time, then the owner's yes.

Whoever guesses is stopped: after a few wrong codes the device, after some more everybody, waits.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from myapp.likeness import likeness, misleads

from .devices import Devices, clean_name, mark_of

CODE_SECONDS = 300.0
WRONG_SECONDS = 300.0
WRONG_OF_A_PEER, WRONG_OF_ALL = 5, 20
"""Wrong codes within WRONG_SECONDS; with as many, one in 50,000 guesses at the door succeeds."""

WAIT_SECONDS = 600.0
MOST_WAITING = 8


class JoinRefused(Exception):
    """The message is for the person at the device; `of` is the input that it is about."""

    def __init__(self, sentence: str, status: str = "403 Forbidden", of: str = "code") -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.of = sentence, status, of


class Asking(NamedTuple):
    """A device that knew the code and waits for the owner; `mark` is the hash of its secret."""

    id: str
    name: str
    peer: str
    mark: str
    end: float


class Joining:
    def __init__(self, devices: Devices, ticking: Callable[[], float] = time.monotonic) -> None:
        self.devices, self.ticking = devices, ticking
        self.lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Codes and those who wait end with the sharing."""
        with self.lock:
            self.current, self.ends = "", 0.0
            self.asking: dict[str, Asking] = {}
            self.sessions: dict[str, str] = {}
            """Of the confirmed, by their mark, until they fetch it."""
            self.wrong: list[tuple[float, str]] = []

    def code(self) -> str:
        """The code of now, made anew where the last one was used or is too old."""
        with self.lock:
            if not self.current or self.ticking() >= self.ends:
                self.current = f"{secrets.randbelow(1_000_000):06d}"
                self.ends = self.ticking() + CODE_SECONDS
            return self.current

    def seconds_left(self) -> int:
        return max(0, int(self.ends - self.ticking()))

    def wrong_codes(self) -> list[tuple[float, str]]:
        """When and from where, of late."""
        oldest = self.ticking() - WRONG_SECONDS
        self.wrong = [each for each in self.wrong if each[0] > oldest]
        return self.wrong

    def ask(self, code: str, name: str, peer: str) -> str:
        """Wait for the owner's yes; gives the secret by which the device asks for it.

        Raises JoinRefused.
        """
        with self.lock:
            self.refuse_guessing(peer)
            offered = "".join(code.split()).encode("utf-8", "replace")
            fits = hmac.compare_digest(self.current.encode(), offered)
            if not (fits and self.current and self.ticking() < self.ends):
                self.wrong.append((self.ticking(), peer))
                raise JoinRefused(
                    "This code is not right, or not any more. Read it again from the page Share "
                    "on the owner's computer."
                )
            wanted = self.name_for(name)
            waiting = self.waiting()
            if len(waiting) >= MOST_WAITING:
                raise JoinRefused(
                    "Too many devices wait already. Ask the owner to answer them first.",
                    "429 Too Many Requests",
                )
            self.current = ""
            secret = secrets.token_urlsafe(32)
            end = self.ticking() + WAIT_SECONDS
            asking = Asking(secrets.token_hex(8), wanted, peer, mark_of(secret), end)
            self.asking[asking.mark] = asking
            return secret

    def name_for(self, name: str, besides: str = "") -> str:
        """The name that a device will have, if nobody else has it but the one of this id.

        Raises JoinRefused.
        """
        wanted = clean_name(name)
        if wanted is None or misleads(wanted):
            raise JoinRefused(
                "Give this device a name of up to 40 letters, by which its owner knows it: each "
                "word in one alphabet, and nothing that cannot be seen.",
                "422 Unprocessable Content",
                "name",
            )
        others = (each.name for each in self.waiting() if each.id != besides)
        if self.devices.named(wanted) or likeness(wanted) in map(likeness, others):
            raise JoinRefused(
                f"Another device is called {wanted}. Choose another name.", "409 Conflict", "name"
            )
        return wanted

    def rename(self, secret: str, name: str) -> None:
        """Of one that waits. The owner's yes to the old name is none to the new one.

        Raises JoinRefused.
        """
        with self.lock:
            mark = mark_of(secret)
            asking = next((each for each in self.waiting() if each.mark == mark), None)
            if asking is not None:
                wanted = self.name_for(name, asking.id)
                self.asking[mark] = asking._replace(id=secrets.token_hex(8), name=wanted)

    def refuse_guessing(self, peer: str) -> None:
        wrong = self.wrong_codes()
        if sum(who == peer for _, who in wrong) >= WRONG_OF_A_PEER or len(wrong) >= WRONG_OF_ALL:
            # What was guessed at so often is not to be guessed at any longer.
            self.current = "" if len(wrong) >= WRONG_OF_ALL else self.current
            raise JoinRefused(
                "Too many wrong codes were tried. Wait five minutes, then try a new code.",
                "429 Too Many Requests",
            )

    def waiting(self) -> list[Asking]:
        """Those whom the owner has not answered."""
        with self.lock:
            now = self.ticking()
            self.asking = {mark: each for mark, each in self.asking.items() if each.end > now}
            kept = self.sessions.items()
            self.sessions = {mark: token for mark, token in kept if mark in self.asking}
            return [each for mark, each in self.asking.items() if mark not in self.sessions]

    def confirm(self, id_: str, role: str) -> None:
        with self.lock:
            for each in self.waiting():
                if each.id == id_:
                    self.sessions[each.mark] = self.devices.add(each.name, role)

    def refuse(self, id_: str) -> None:
        with self.lock:
            self.asking = {mark: each for mark, each in self.asking.items() if each.id != id_}

    def find(self, secret: str) -> Asking | None:
        """Who asks with this secret, while it is waited for or confirmed."""
        with self.lock:
            self.waiting()
            return self.asking.get(mark_of(secret))

    def fetch(self, secret: str) -> str | None:
        """The session of a confirmed device, once: a secret that was seen before is none."""
        with self.lock:
            mark = mark_of(secret)
            token = self.sessions.pop(mark, None)
            if token is not None:
                self.asking.pop(mark, None)
            return token
