"""The devices that joined: their names, roles and sessions, kept from one sharing to the next.

Of a session only its hash is kept, so that who reads the file cannot come in with it.
"""

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from myapp.likeness import likeness

from .folders import write_private
from .sessions import DAY, SESSION_SECONDS, is_private

log = logging.getLogger(__name__)
ROLES = ("viewer", "editor", "owner")
MOST_DEVICES = 500
LONGEST_NAME = 40


class Device(NamedTuple):
    """`mark` is the hash of its session; `joined` and `seen` are seconds since 1970.

    `secure` says that its session has gone over TLS alone, ever since it was made.
    """

    id: str
    name: str
    role: str
    mark: str
    joined: int
    seen: int
    secure: bool = False


def mark_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def clean_name(text: str) -> str | None:
    """A name as it may be shown, without what could make it look like another; None for none."""
    name = " ".join(text.split())
    return name if name and name.isprintable() and len(name) <= LONGEST_NAME else None


class Devices:
    """With `secure`, no session counts that was ever sent without encryption; without, no other."""

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.time, *, secure: bool = False
    ) -> None:
        self.path, self.clock, self.secure = path, clock, secure
        self.lock = threading.RLock()
        self.by_mark = {each.mark: each for each in self.read()}

    def read(self) -> list[Device]:
        """None of a file that somebody else could have written, or that is broken."""
        try:
            told = json.loads(self.path.read_text("utf-8")) if is_private(self.path) else []
            found = [device_of(each) for each in told]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            log.warning("%s cannot be read; every device joins anew", self.path, exc_info=True)
            return []
        oldest = self.clock() - SESSION_SECONDS
        return [each for each in found if each.seen > oldest][:MOST_DEVICES]

    def write(self) -> None:
        kept = [each._asdict() for each in self.by_mark.values()]
        try:
            write_private(self.path, json.dumps(kept, indent=1).encode())
        except OSError:
            log.warning("%s cannot be written", self.path, exc_info=True)

    def all(self) -> list[Device]:
        with self.lock:
            return sorted(self.by_mark.values(), key=lambda each: each.name.lower())

    def named(self, name: str) -> bool:
        return any(self.is_called(each, name) and self.counts(each) for each in self.all())

    def is_called(self, device: Device, name: str) -> bool:
        return likeness(device.name) == likeness(name)

    def counts(self, device: Device) -> bool:
        """Whether it can come in as things are, or has to join anew."""
        return device.secure == self.secure

    def find(self, token: str) -> Device | None:
        """The device whose session this is. A hash is looked up: its time tells nothing of it."""
        with self.lock:
            device = self.by_mark.get(mark_of(token))
            now = int(self.clock())
            if device is None or not self.counts(device) or now - device.seen >= SESSION_SECONDS:
                return None
            if now - device.seen > DAY:
                self.keep(device._replace(seen=now))
            else:
                self.by_mark[device.mark] = device._replace(seen=now)
            return device

    def add(self, name: str, role: str) -> str:
        """A new device, kept; gives its session, which is told to it alone.

        One of this name that has to join anew has done so by this.
        """
        token = secrets.token_urlsafe(32)
        now = int(self.clock())
        with self.lock:
            kept = self.by_mark.items()
            self.by_mark = {mark: d for mark, d in kept if not self.is_called(d, name)}
            id_ = secrets.token_hex(8)
            self.keep(Device(id_, name, role, mark_of(token), now, now, self.secure))
        return token

    def keep(self, device: Device) -> None:
        self.by_mark[device.mark] = device
        self.write()

    def set_role(self, id_: str, role: str) -> None:
        """Changes nothing where the device has gone or there is no such role."""
        with self.lock:
            for each in self.all():
                if each.id == id_ and role in ROLES:
                    self.keep(each._replace(role=role))

    def end(self, id_: str) -> None:
        """Its session is worth nothing from now on."""
        with self.lock:
            self.by_mark = {mark: d for mark, d in self.by_mark.items() if d.id != id_}
            self.write()


def device_of(told: Any) -> Device:
    """Raises ValueError, KeyError, TypeError for what is no device."""
    device = Device(
        str(told["id"]),
        clean_name(str(told["name"])) or "",
        str(told["role"]),
        str(told["mark"]),
        int(told["joined"]),
        int(told["seen"]),
        told.get("secure") is True,
    )
    if device.role not in ROLES or not device.name or len(device.mark) != 64:
        raise ValueError(told)
    return device
