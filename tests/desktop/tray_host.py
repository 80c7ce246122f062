"""A desktop's bar without the drawing: a watcher and host of status items on a bus of its own."""

import contextlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.threading import DBusConnection, ReceiveStopped, open_dbus_connection

from tests.conftest import LIMIT

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, MENU = "/StatusNotifierItem", "/MenuBar"
PROPERTIES = "org.freedesktop.DBus.Properties"
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


@contextlib.contextmanager
def running_bus() -> Iterator[str]:
    """A session's bus, which starts nothing; gives its address."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not here")
    # A test's own folder may be too long for the path of a socket.
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bus.conf"
        config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
        with subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            text=True,
        ) as daemon:
            assert daemon.stdout is not None
            try:
                yield daemon.stdout.readline().strip()
            finally:
                daemon.terminate()


class Host:
    """Owns the watcher's name, and asks each item as a bar does that draws it."""

    def __init__(self, address: str, *, hosts: bool = True) -> None:
        self.hosts = hosts
        self.registered: Queue[str] = Queue()
        self.signals: Queue[str] = Queue()
        self.replies: Queue[Message] = Queue()
        self.connection: DBusConnection = open_dbus_connection(address)
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "RequestName", "su", WATCHER, 0)
        rule = "type='signal',path_namespace='/'"
        self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "AddMatch", "s", rule)

    def listen(self) -> None:
        with contextlib.suppress(ReceiveStopped, ConnectionResetError):
            while True:
                self.hear(self.connection.receive())

    def hear(self, message: Message) -> None:
        kind, fields = message.header.message_type, message.header.fields
        if kind is MessageType.signal:
            self.signals.put(fields[HeaderFields.member])
        elif kind is not MessageType.method_call:
            self.replies.put(message)
        elif fields[HeaderFields.member] == "RegisterStatusNotifierItem":
            self.connection.send(new_method_return(message))
            self.registered.put(message.body[0])
        else:
            assert message.body == (WATCHER, "IsStatusNotifierHostRegistered")
            self.connection.send(new_method_return(message, "v", (("b", self.hosts),)))

    def call(self, name: str, path: str, member: str, signature: str = "", *body: Any) -> Any:
        """Gives the answer's body, or the name of the error."""
        interface = {
            ITEM: "org.kde.StatusNotifierItem",
            MENU: "com.canonical.dbusmenu",
        }.get(path, name)
        if member in ("Get", "GetAll", "Set"):
            interface = PROPERTIES
        address = DBusAddress(path, name, interface)
        self.connection.send(new_method_call(address, member, signature or None, body))
        reply = self.replies.get(timeout=LIMIT)
        if reply.header.message_type is MessageType.error:
            return reply.header.fields[HeaderFields.error_name]
        return reply.body

    def say(self, member: str) -> None:
        address = DBusAddress(WATCHER_PATH, interface=WATCHER)
        self.connection.send(new_signal(address, member))

    def wait_for_signal(self, member: str) -> None:
        while self.signals.get(timeout=LIMIT) != member:
            pass

    def properties(self, item: str) -> dict[str, Any]:
        all_ = self.call(item, ITEM, "GetAll", "s", "org.kde.StatusNotifierItem")[0]
        return {name: value for name, (_, value) in all_.items()}

    def menu(self, item: str) -> dict[str, int]:
        """Each label and its number, from the top."""
        _, (_, _, children) = self.call(item, MENU, "GetLayout", "iias", 0, -1, [])
        return {
            properties.get("label", ("s", "—"))[1]: number
            for _, (number, properties, _) in children
        }

    def click(self, item: str, number: int) -> None:
        assert self.call(item, MENU, "Event", "isvu", number, "clicked", ("i", 0), 0) == ()

    def end(self) -> None:
        self.connection.interrupt()
        self.thread.join(LIMIT)
        self.connection.close()
