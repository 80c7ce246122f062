"""The icon on a Linux desktop: an item that a watcher on the session's bus is told of.

KDE, XFCE, Cinnamon, MATE, LXQt and others have such a watcher, GNOME with its extension
AppIndicator. Where there is none yet, the icon waits for it. The only module that knows jeepney.
"""

import contextlib
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from myapp import identity

from .pages import read_static
from .reporting import say
from .status_item import (
    ITEM,
    ITEM_INTERFACE,
    MENU,
    MENU_INTERFACE,
    StatusItem,
    UnknownCall,
    read_pixmaps,
)
from .tray import Choose, Told

if TYPE_CHECKING:
    from jeepney import Message

log = logging.getLogger(__name__)
WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
END_SECONDS = 1.0
Heard = Callable[["Message"], None]


class LinuxIcon:
    """One thread reads the bus and answers; others only send."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.chosen: list[str] = []
        self.there = False
        self.settled = threading.Event()
        self.ended = False
        self.connection: Any = None
        self.item: StatusItem | None = None
        self.lock = threading.Lock()
        self.waiting: dict[int, Heard] = {}
        self.name = f"{ITEM_INTERFACE}-{os.getpid()}-1"
        self.thread = threading.Thread(target=self.run, name="tray", daemon=True)

    def show(self, told: Told) -> None:
        try:
            pixmaps = read_pixmaps(read_static("tray.ico"))
        except (OSError, struct.error):
            log.warning("the icon's picture cannot be read", exc_info=True)
            pixmaps = []
        self.item = StatusItem(self.chosen.append, told, pixmaps)
        self.thread.start()

    def tell(self, told: Told) -> None:
        item = self.item
        if item is None or self.connection is None:
            return
        menu_changed = item.told.items != told.items
        item.told = told
        self.signal(ITEM, ITEM_INTERFACE, "NewToolTip")
        if menu_changed:
            item.revision += 1
            self.signal(MENU, MENU_INTERFACE, "LayoutUpdated", "ui", (item.revision, 0))

    def hide(self) -> None:
        """What leaves the bus leaves the desktop."""
        self.ended = True
        connection = self.connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        if self.thread.is_alive() and self.thread is not threading.current_thread():
            self.thread.join(END_SECONDS)

    def run(self) -> None:
        try:
            self.connection = connect()
        except ImportError:
            tell_missing("the package jeepney is not here")
        except Exception as error:
            # No bus, none for this user, or one that answers nonsense.
            tell_missing("this session has no bus (D-Bus) that could be reached")
            log.info("the bus: %s", error)
        else:
            try:
                self.live()
            except Exception as error:
                if not self.ended:
                    log.warning("the icon in the tray is gone: %s", error or type(error).__name__)
            finally:
                self.there = False
                self.connection.close()
        self.settled.set()

    def live(self) -> None:
        """Until the connection ends. Raises what reading it raises then."""
        self.call(BUS, BUS_PATH, BUS, "RequestName", "su", (self.name, 0))
        owner = f"sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{WATCHER}'"
        for rule in (owner, f"sender='{WATCHER}',interface='{WATCHER}'"):
            self.call(BUS, BUS_PATH, BUS, "AddMatch", "s", (f"type='signal',{rule}",))
        self.register()
        while not self.ended:
            self.hear(self.connection.receive())

    def register(self) -> None:
        body = (self.name,)
        call = "RegisterStatusNotifierItem"
        self.call(WATCHER, WATCHER_PATH, WATCHER, call, "s", body, self.registered)

    def registered(self, answer: "Message") -> None:
        from jeepney import MessageType

        if answer.header.message_type is MessageType.error:
            log.info("no icon in the tray: this desktop has no place for one, or not yet")
            self.settle(False)
        else:
            self.ask_for_host()

    def ask_for_host(self) -> None:
        """A watcher may watch for nobody."""
        body = (WATCHER, "IsStatusNotifierHostRegistered")
        self.call(WATCHER, WATCHER_PATH, PROPERTIES, "Get", "ss", body, self.told_of_host)

    def told_of_host(self, answer: "Message") -> None:
        from jeepney import MessageType

        returned = answer.header.message_type is MessageType.method_return
        self.settle(returned and answer.body[0][1] is True)

    def settle(self, there: bool) -> None:
        if not there and not self.settled.is_set():
            # Who asked for it at a terminal looks for it now.
            say(
                "This desktop has no place for an icon in the tray now; it appears when there is "
                "one."
            )
        if there != self.there:
            log.info("the icon is %s the tray", "in" if there else "no longer in")
        self.there = there
        self.settled.set()

    def hear(self, message: "Message") -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        kind = message.header.message_type
        if kind is MessageType.method_call:
            self.answer(message)
        elif kind is MessageType.signal:
            self.hear_signal(fields.get(HeaderFields.member, ""), message.body)
        else:
            heard = self.waiting.pop(fields.get(HeaderFields.reply_serial, 0), None)
            if heard is not None:
                heard(message)

    def hear_signal(self, member: str, body: tuple[Any, ...]) -> None:
        if member == "NameOwnerChanged" and body[0] == WATCHER:
            if body[2]:
                self.register()
            else:
                self.settle(False)
        elif member in ("StatusNotifierHostRegistered", "StatusNotifierHostUnregistered"):
            self.ask_for_host()

    def answer(self, message: "Message") -> None:
        from jeepney import HeaderFields, MessageFlag, new_error, new_method_return

        assert self.item is not None
        fields = message.header.fields
        path, member = fields[HeaderFields.path], fields[HeaderFields.member]
        try:
            answer = new_method_return(message, *self.item.answer(path, member, message.body))
        except UnknownCall as error:
            answer = new_error(message, f"{BUS}.Error.UnknownMethod", "s", (str(error),))
        except Exception as error:
            # Another program's nonsense must not cost the icon.
            log.warning("%s of %s was asked wrongly: %r", member, path, error)
            answer = new_error(message, f"{BUS}.Error.InvalidArgs", "s", (repr(error),))
        if not message.header.flags & MessageFlag.no_reply_expected:
            self.send(answer)
        # What was chosen may be the end, and who asked is answered first.
        while self.chosen:
            self.choose(self.chosen.pop(0))

    def call(
        self,
        name: str,
        path: str,
        interface: str,
        member: str,
        signature: str,
        body: tuple[Any, ...],
        heard: Heard | None = None,
    ) -> None:
        from jeepney import DBusAddress, MessageFlag, new_method_call

        message = new_method_call(DBusAddress(path, name, interface), member, signature, body)
        # Starts nothing that does not run.
        message.header.flags = MessageFlag.no_auto_start
        serial = next(self.connection.outgoing_serial)
        if heard is not None:
            self.waiting[serial] = heard
        self.send(message, serial)

    def signal(
        self,
        path: str,
        interface: str,
        member: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
    ) -> None:
        from jeepney import DBusAddress, new_signal

        # Where the connection has ended, its thread says so.
        with contextlib.suppress(OSError):
            self.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def send(self, message: "Message", serial: int | None = None) -> None:
        with self.lock:
            self.connection.send(message, serial=serial)


def tell_missing(what: str) -> None:
    """That there is no icon, and will be none: a person at a terminal waits for it."""
    sentence = f"No icon can be shown in the tray: {what}. {identity.NAME} goes on without it."
    log.warning("%s", sentence)
    say(sentence)


def connect() -> Any:
    """To the session's bus, which also a program finds that was started without its address."""
    from jeepney.io.blocking import open_dbus_connection

    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if not address and runtime and (Path(runtime) / "bus").exists():
        address = f"unix:path={runtime}/bus"
    if not address:
        raise OSError("it names none")
    log.debug("%s joins %s", identity.NAME, address)
    return open_dbus_connection(address)
