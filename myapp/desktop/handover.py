"""The second start gives its files to the first, and gets an entry link for it.

Neither side trusts whoever answers on a port: each proves with an HMAC that it has read the file
that only this user can read, and the secret itself is never sent.
"""

import hashlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .errors import InstanceHangs
from .instance import InstanceLock, RunInfo

PATIENCE = 15.0
ANSWER_SECONDS = 4.0
LARGEST_ANSWER = 100_000


def prove(secret: str, role: str, text: str) -> str:
    return hmac.new(secret.encode(), f"{role}:{text}".encode(), hashlib.sha256).hexdigest()


def hand_over(
    lock: InstanceLock, name: str, files: Sequence[Path], *, end: bool = False
) -> str | None:
    """Reach the first instance; gives the link to open, or None where the lock came free. The link
    is empty where the first one has shown the page in its own window.

    With `end` it is asked to end instead, and the lock is waited for. Raises InstanceHangs when it
    does not answer, or end, within PATIENCE seconds.
    """
    until = time.monotonic() + PATIENCE
    info = None
    while time.monotonic() < until:
        info = lock.read_info()
        if info is not None:
            link = ask(info, files, end=end)
            if link is not None and not end:
                return link
        if lock.take():
            return None
        time.sleep(0.05)
    raise InstanceHangs(name, info.pid if info else None)


def ask(info: RunInfo, files: Sequence[Path], *, end: bool = False) -> str | None:
    """Its entry link; None where it is not ours, or does not answer as it should."""
    try:
        nonce = secrets.token_hex(16)
        offered = json.loads(exchange(info.port, "GET", f"?nonce={nonce}"))
        if not hmac.compare_digest(offered["proof"], prove(info.secret, "first", nonce)):
            return None
        paths = [str(each) for each in files]
        body = json.dumps({"nonce": offered["nonce"], "files": paths, "end": end})
        proof = prove(info.secret, "second", body)
        link = json.loads(exchange(info.port, "POST", "", body.encode(), proof))["link"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(link)


def exchange(port: int, method: str, query: str, body: bytes = b"", proof: str = "") -> bytes:
    """One request to the first instance; gives the answer's body.

    Plain HTTP over a socket: a second start spends a third of its time on loading http.client.
    """
    until = time.monotonic() + ANSWER_SECONDS
    head = (
        f"{method} /_desktop/handover{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Connection: close\r\nContent-Type: application/json\r\n"
        + (f"Content-Length: {len(body)}\r\nX-Desktop-Proof: {proof}\r\n" if body else "")
        + "\r\n"
    )
    answer = b""
    with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection:
        connection.sendall(head.encode() + body)
        while piece := connection.recv(65536):
            answer += piece
            connection.settimeout(max(until - time.monotonic(), 0.001))
            if len(answer) > LARGEST_ANSWER:
                raise ValueError("the answer is too long")
    return answer.partition(b"\r\n\r\n")[2]


class Handed(NamedTuple):
    """Files to open, or the wish that the program ends."""

    files: list[Path]
    end: bool


class Welcomer:
    """The first instance's side."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.nonces: list[str] = []

    def offer(self, nonce: str) -> dict[str, str]:
        mine = secrets.token_hex(16)
        self.nonces = [*self.nonces[-63:], mine]
        return {"proof": prove(self.secret, "first", nonce[:64]), "nonce": mine}

    def accept(self, body: bytes, proof: str) -> "Handed | None":
        """What was handed over; None for a request that proves nothing or comes again."""
        expected = prove(self.secret, "second", body.decode("utf-8", "replace"))
        if not hmac.compare_digest(expected.encode(), proof.encode()):
            return None
        try:
            given = json.loads(body)
            self.nonces.remove(given["nonce"])
            return Handed([Path(each) for each in given["files"]], given["end"] is True)
        except (ValueError, KeyError, TypeError):
            return None
