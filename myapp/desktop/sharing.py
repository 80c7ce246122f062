"""Sharing on the local network: off until the owner switches it on, and ended with one click.

Owns the second server, its address and port, and what the owner decides about devices.
"""

import hashlib
import json
import logging
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from myapp import identity

from .devices import Device, Devices
from .errors import DesktopError
from .interfaces import Interface, find_interfaces
from .joining import Asking, Joining
from .network_guard import NetworkGuard
from .server import Server
from .sockets import bind_remembered

if TYPE_CHECKING:
    from .gate import Gate

log = logging.getLogger(__name__)
FIRST_PORT = identity.PORT + 100
FIRST_PROXIED_PORT = identity.PORT + 200
CONNECTIONS = 1_000
THREADS = 24
"""Those who write wait for each other and the disk; meanwhile others read."""

FLUSH_SECONDS = 0.5
LOOK_SECONDS = 5
"""How often it is made sure that the shared address is still this computer's."""


class ProxiedPortTaken(DesktopError):
    def __init__(self, port: str) -> None:
        super().__init__(
            f"Port {port}, which the proxy passes on to, is taken by another program. End that "
            "one, then share again. Nothing is shared."
        )


class Shared(NamedTuple):
    """`origin` is the address to be typed; `behind` where a proxy passes on to, "" without one."""

    interface: Interface
    origin: str
    behind: str
    server: Server


class Sharing:
    """`proxy` is the https address of a reverse proxy, as it was set; None without one."""

    def __init__(self, folder: Path, gate: "Gate", proxy: str | None = None) -> None:
        self.folder, self.gate, self.proxy = folder, gate, proxy
        self.devices = Devices(folder / "devices.json", secure=proxy is not None)
        self.joining = Joining(self.devices)
        self.lock = threading.RLock()
        self.shared: Shared | None = None
        self.trouble = ""
        self.remark = ""
        self.ticks = 0

    @property
    def on(self) -> bool:
        return self.shared is not None

    @property
    def origin(self) -> str:
        """The address to be typed; "" while nothing is shared."""
        return self.shared.origin if self.shared else ""

    @property
    def behind(self) -> str:
        return self.shared.behind if self.shared else ""

    def carry_out(self, form: Mapping[str, str]) -> None:
        """What the owner's page sends; a word that is not known changes nothing."""
        action, id_ = form.get("action", ""), form.get("id", "")
        with self.lock:
            self.trouble = self.remark = ""
            if action == "start":
                self.start(form.get("address", ""))
            elif action == "stop":
                self.stop()
            elif action == "confirm" and form.get("role") in ("viewer", "editor", "owner"):
                self.joining.confirm(id_, form["role"])
            elif action == "refuse":
                self.joining.refuse(id_)
            elif action == "role":
                self.devices.set_role(id_, form.get("role", ""))
            elif action == "end":
                self.devices.end(id_)
                if self.shared is not None:
                    self.shared.server.cut_off(id_)

    def interfaces(self) -> list[Interface]:
        """Those to choose from, that of last time first."""
        last = self.read_memory()
        return sorted(find_interfaces(), key=lambda each: each.address != last)

    def start(self, address: str) -> None:
        """At `address`, or the first that can be shared at. `trouble` says why it did not begin."""
        if self.shared is not None:
            return
        offered = self.interfaces()
        chosen = next((each for each in offered if address in ("", each.address)), None)
        if chosen is None:
            self.trouble = (
                "This computer is in no network that can be shared in. Connect it to one, then "
                "try again."
            )
            return
        try:
            if self.proxy is None:
                bound, guard = self.open_to_all(chosen)
            else:
                bound, guard = self.open_to_proxy(chosen, self.proxy)
        except DesktopError as error:
            self.trouble = error.sentence
            return
        from .network_gate import NetworkGate

        server = Server(NetworkGate(self.gate, guard, self.joining), bound, CONNECTIONS, THREADS)
        server.start()
        host = f"{bound.getsockname()[0]}:{bound.getsockname()[1]}"
        if self.proxy is None:
            self.shared = Shared(chosen, f"http://{host}", "", server)
        else:
            (name,) = guard.hosts
            self.shared = Shared(chosen, f"https://{name}", host, server)
        self.write_memory("sharing.json", json.dumps({"address": chosen.address}))
        log.info("shared at %s in %s", self.origin, chosen.subnet)

    def open_to_all(self, chosen: Interface) -> tuple[socket.socket, NetworkGuard]:
        """A door at the network's own address. Raises DesktopError."""
        memory = self.folder / "network-port"
        known = memory.exists()
        bound, remark = bind_remembered(memory, FIRST_PORT, chosen.address)
        port: int = bound.getsockname()[1]
        # The first port that was free is as good as any, and stays; later ones are for once.
        self.remark = remark or "" if known else ""
        if remark is None or not known:
            self.write_memory("network-port", str(port))
        gate = self.gate
        return bound, NetworkGuard(gate.sessions, self.devices, chosen, port, gate.allows)

    def open_to_proxy(self, chosen: Interface, proxy: str) -> tuple[socket.socket, NetworkGuard]:
        """A door for a proxy on this computer. Raises DesktopError.

        Its port is written in the proxy's own settings, so another one would be of no use.
        """
        from .proxied_guard import ProxiedGuard, parse_address

        address = parse_address(proxy)
        memory = self.folder / "proxied-port"
        bound, remark = bind_remembered(memory, FIRST_PROXIED_PORT)
        port: int = bound.getsockname()[1]
        if memory.exists() and remark is not None:
            bound.close()
            raise ProxiedPortTaken(memory.read_text("ascii"))
        self.write_memory("proxied-port", str(port))
        gate = self.gate
        return bound, ProxiedGuard(gate.sessions, self.devices, chosen, port, gate.allows, address)

    def stop(self) -> None:
        with self.lock:
            shared, self.shared = self.shared, None
            self.joining.forget()
        if shared is not None:
            # What was done is told to who asked for it, where they take it.
            shared.server.flush(FLUSH_SECONDS)
            shared.server.stop_whole()
            log.info("not shared any more")

    def look_after(self) -> None:
        """Called once a second: a computer that left its network shares in no other by itself."""
        self.ticks += 1
        shared = self.shared
        if shared is None or self.ticks % LOOK_SECONDS:
            return
        there = {(each.address, each.subnet) for each in find_interfaces()}
        if (shared.interface.address, shared.interface.subnet) not in there:
            self.stop()
            self.trouble = (
                f"This computer has left the network {shared.interface.subnet}, so sharing "
                "has stopped."
            )
            log.warning("%s", self.trouble)

    def state(self) -> str:
        """Changes with what the owner's page shows; also makes a new code where it is time."""
        told = (self.origin, self.code(), self.trouble, self.waiting(), self.device_states())
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def code(self) -> str:
        """What a device enters to ask; nothing while it is not shared."""
        return self.joining.code() if self.on else ""

    def waiting(self) -> list[Asking]:
        return self.joining.waiting()

    def device_states(self) -> list[tuple[Device, bool]]:
        """Each device, and whether it has a page open."""
        pages = list(self.gate.presence.pages)
        return [
            (each._replace(seen=0), any(page.startswith(f"{each.id}:") for page in pages))
            for each in self.devices.all()
        ]

    def read_memory(self) -> str:
        try:
            told = json.loads((self.folder / "sharing.json").read_text("utf-8"))
            return str(told["address"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def write_memory(self, name: str, told: str) -> None:
        try:
            (self.folder / name).write_text(told, "utf-8")
        except OSError:
            log.warning("the address and port of sharing cannot be kept", exc_info=True)
