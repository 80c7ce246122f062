"""What the icon and its menu answer on a Linux desktop's bus; knows neither the bus nor the thread.

Sources: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/ and dbus-menu.xml of
https://github.com/AyatanaIndicators/libdbusmenu. A value on the bus is a pair: its type and itself.
"""

import html
import struct
from typing import Any

from myapp import identity

from .tray import CHOICES, Choose, Item, Told

ITEM, MENU = "/StatusNotifierItem", "/MenuBar"
ITEM_INTERFACE, MENU_INTERFACE = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu"
PIXELS = "a(iiay)"
BITMAP_HEAD = 40
"""Bytes before the pixels; an icon's other pictures are whole PNG files."""

Value = tuple[str, Any]
Answer = tuple[str | None, tuple[Any, ...]]
"""The types of what is answered, None for nothing, and what is answered."""


class UnknownCall(Exception):
    """Nothing of that name is offered."""


def read_pixmaps(icon: bytes) -> list[tuple[int, int, bytes]]:
    """Each picture of a Windows icon that is a bitmap of 32 bits: width, height, and rows of
    alpha, red, green, blue from the top. Raises struct.error for what is no icon."""
    found = []
    for number in range(struct.unpack_from("<H", icon, 4)[0]):
        at = struct.unpack_from("<I", icon, 6 + 16 * number + 12)[0]
        head, width, doubled, _, bits = struct.unpack_from("<IiiHH", icon, at)
        if (head, bits) != (BITMAP_HEAD, 32):
            continue
        height = doubled // 2
        pixels = struct.unpack_from(f"<{width * height}I", icon, at + head)
        rows = (pixels[width * each : width * (each + 1)] for each in reversed(range(height)))
        picture = b"".join(struct.pack(f">{width}I", *row) for row in rows)
        found.append((width, height, picture))
    return found


class StatusItem:
    def __init__(self, choose: Choose, told: Told, pixmaps: list[tuple[int, int, bytes]]) -> None:
        self.choose, self.told, self.pixmaps = choose, told, pixmaps
        self.revision = 1

    def answer(self, path: str, member: str, body: tuple[Any, ...]) -> Answer:
        """Raises UnknownCall, and whatever a body of another form raises."""
        if path == ITEM and member in ("Get", "GetAll"):
            return read_property(self.item_properties(), member, body)
        if path == MENU and member in ("Get", "GetAll"):
            return read_property(MENU_PROPERTIES, member, body)
        if path == ITEM and member == "Activate":
            self.choose("open")
            return None, ()
        if path == ITEM and member in ("SecondaryActivate", "ContextMenu", "Scroll"):
            # The desktop shows the menu itself.
            return None, ()
        if path == MENU:
            return self.answer_menu(member, body)
        raise UnknownCall(f"{path} has no {member}")

    def item_properties(self) -> dict[str, Value]:
        # Bars take the text for a small kind of HTML, and the title as it is.
        tip: Any = ("", [], identity.NAME, html.escape(self.told.text, quote=False))
        return {
            "Category": ("s", "ApplicationStatus"),
            "Id": ("s", identity.SLUG),
            "Title": ("s", identity.NAME),
            "Status": ("s", "Active"),
            "WindowId": ("i", 0),
            "IconName": ("s", ""),
            "IconPixmap": (PIXELS, self.pixmaps),
            "OverlayIconName": ("s", ""),
            "OverlayIconPixmap": (PIXELS, []),
            "AttentionIconName": ("s", ""),
            "AttentionIconPixmap": (PIXELS, []),
            "AttentionMovieName": ("s", ""),
            "ToolTip": (f"(s{PIXELS}ss)", tip),
            "ItemIsMenu": ("b", False),
            "Menu": ("o", MENU),
        }

    def answer_menu(self, member: str, body: tuple[Any, ...]) -> Answer:
        if member == "GetLayout":
            parent, depth, _ = body
            return "u(ia{sv}av)", (self.revision, self.layout(parent, depth))
        if member == "GetGroupProperties":
            wanted = body[0] or [each.number for each in self.told.items]
            return "a(ia{sv})", (
                [
                    (each.number, properties(each))
                    for each in self.told.items
                    if each.number in wanted
                ],
            )
        if member == "GetProperty":
            return "v", (properties(self.item(body[0]))[body[1]],)
        if member == "Event":
            self.hear(body[0], body[1])
            return None, ()
        if member == "EventGroup":
            for number, event, *_ in body[0]:
                self.hear(number, event)
            return "ai", ([],)
        if member == "AboutToShow":
            return "b", (False,)
        if member == "AboutToShowGroup":
            return "aiai", ([], [])
        raise UnknownCall(f"{MENU} has no {member}")

    def layout(self, parent: int, depth: int) -> tuple[int, dict[str, Value], list[Value]]:
        if parent:
            return (parent, properties(self.item(parent)), [])
        children: list[Value] = [
            ("(ia{sv}av)", (each.number, properties(each), [])) for each in self.told.items
        ]
        return (0, {"children-display": ("s", "submenu")}, children if depth else [])

    def item(self, number: int) -> Item:
        return next(each for each in self.told.items if each.number == number)

    def hear(self, number: int, event: str) -> None:
        if event == "clicked" and 0 < number < len(CHOICES):
            self.choose(CHOICES[number])


MENU_PROPERTIES: dict[str, Value] = {
    "Version": ("u", 3),
    "TextDirection": ("s", "ltr"),
    "Status": ("s", "normal"),
    "IconThemePath": ("as", []),
}


def properties(item: Item) -> dict[str, Value]:
    if item.what == "line":
        return {"type": ("s", "separator")}
    # One underline would mark the key of the letter behind it.
    return {"label": ("s", item.label.replace("_", "__"))}


def read_property(all_: dict[str, Value], member: str, body: tuple[Any, ...]) -> Answer:
    if member == "GetAll":
        return "a{sv}", (all_,)
    if body[1] not in all_:
        raise UnknownCall(f"there is no property {body[1]}")
    return "v", (all_[body[1]],)
