"""The page of a folder: what is in it, the way to it, and places to begin at.

The disk is asked with patience, so that a drive that hangs costs a sentence and no page."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeVar

from flask import current_app, render_template, request, url_for

from myapp import identity
from myapp.exchange.parts import READABLE
from myapp.store import AppError

from . import places
from .folders import (
    MOST,
    FolderClosed,
    FolderGone,
    Listing,
    NotAFolder,
    Order,
    read_folder,
)
from .paths import crumbs, given_path, readable, values_of
from .patience import NoAnswer, Patience
from .workspace import workspace

Result = TypeVar("Result")
LONGEST = 3.0
"""Seconds that a folder may take, before the page says that it does not answer."""

LONGEST_FOR_PLACES = 1.0


class NotAWholePath(AppError):
    def __init__(self) -> None:
        super().__init__("Give a folder's whole path, from the drive or the root folder on.")


class NoAnswerFrom(AppError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{readable(str(path))} does not answer. If it lies on another computer or on a "
            "drive that was unplugged, see whether that is there; or go on from another place."
        )


STATUS: dict[type[AppError], int] = {
    FolderGone: 404,
    NotAFolder: 404,
    FolderClosed: 403,
    NoAnswerFrom: 504,
}


class Asked(NamedTuple):
    """Which folder to show, and how."""

    folder: Path
    words: str = ""
    order: Order = "name"
    hidden: bool = False


def asked(values: Mapping[str, str], otherwise: Callable[[], Path]) -> Asked:
    return Asked(
        given_path(values) or otherwise(),
        values.get("find", "").strip(),
        "date" if values.get("sort") == "date" else "name",
        "hidden" in values,
    )


def folder_page() -> tuple[str, int]:
    return render_folder("browsing/show.html", "browsing.show", asked(request.args, first_folder))


def render_folder(
    template: str,
    endpoint: str,
    shown: Asked,
    importable: tuple[str, ...] = READABLE,
    kept: Mapping[str, str] | None = None,
    **more: Any,
) -> tuple[str, int]:
    """The page, whose links lead to `endpoint` with what is `kept` in them, and its status."""
    folder, words, order, hidden = shown
    listing, trouble, status = None, None, 200
    try:
        listing = look(shown, importable)
    except AppError as error:
        trouble = error.sentence
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    always: dict[str, Any] = {
        **(kept or {}),
        "sort": "date" if order == "date" else None,
        "hidden": "yes" if hidden else None,
    }

    def address(path: PurePath, **changes: str | None) -> str:
        return url_for(endpoint, **{**values_of(path), **always, **changes})

    around = crumbs(folder) if folder.is_absolute() else []
    page = render_template(
        template,
        folder=folder,
        name=readable(folder.name or str(folder)),
        crumbs=[(readable(name), address(path)) for name, path in around],
        parent=address(folder.parent) if len(around) > 1 else None,
        here=url_for(endpoint),
        kept=kept or {},
        listing=listing,
        most=MOST,
        trouble=trouble,
        places=[(readable(each.label), each.path, address(each.path)) for each in all_places()],
        words=words,
        order=order,
        hidden=hidden,
        address=address,
        values_of=values_of,
        readable=readable,
        day=day,
        **more,
    )
    return page, status


def look(shown: Asked, importable: tuple[str, ...]) -> Listing:
    """Raises what reading a folder raises, and NoAnswerFrom."""
    folder, words, order, hidden = shown
    if not folder.is_absolute():
        raise NotAWholePath
    return ask_disk(
        folder,
        (*shown, importable),
        lambda: read_folder(folder, importable, words=words, hidden=hidden, order=order),
    )


def ask_disk(path: Path, what: object, work: Callable[[], Result]) -> Result:
    """Raises NoAnswerFrom, and what `work` raises."""
    try:
        return patience().within(LONGEST, (path, what), work)
    except NoAnswer as error:
        raise NoAnswerFrom(path) from error


def patience() -> Patience:
    """The application's one, so that what hangs is asked once."""
    found: Patience = current_app.extensions.setdefault("patience", Patience())
    return found


def first_folder() -> Path:
    """Where the newest file lies that is not our own; otherwise the home."""
    here = workspace()
    for each in here.recent():
        if Path(each).parent != here.folder:
            return Path(each).parent
    try:
        return Path.home()
    except RuntimeError:
        return here.folder


def all_places() -> list[places.Place]:
    here = workspace()
    try:
        own = patience().within(LONGEST_FOR_PLACES, "places", places.own_places)
    except (NoAnswer, OSError):
        own = []
    ours = places.Place(f"{identity.NAME}’s own files", here.folder)
    recent = [each for each in here.recent() if Path(each).parent != here.folder]
    found: dict[PurePath, places.Place] = {}
    for each in (*own, ours, *places.folders_of(recent)):
        found.setdefault(each.path, each)
    return list(found.values())


def day(seconds: float | None) -> datetime | None:
    """None for a time that no calendar knows."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds)
    except (OSError, OverflowError, ValueError):
        return None
