"""The page of a folder: what is in it, the way to it, and places to begin at.

The disk is asked with patience, so that a drive that hangs costs a sentence and no page."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, TypeVar

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


def folder_page() -> tuple[str, int]:
    folder = given_path(request.args) or first_folder()
    words = request.args.get("find", "").strip()
    order: Order = "date" if request.args.get("sort") == "date" else "name"
    hidden = "hidden" in request.args
    listing, trouble, status = None, None, 200
    try:
        listing = look(folder, words, hidden=hidden, order=order)
    except AppError as error:
        trouble = error.sentence
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    kept: dict[str, Any] = {
        "sort": "date" if order == "date" else None,
        "hidden": "yes" if hidden else None,
    }

    def address(path: PurePath, **changes: str | None) -> str:
        return url_for("browsing.show", **{**values_of(path), **kept, **changes})

    around = crumbs(folder) if folder.is_absolute() else []
    page = render_template(
        "browsing/show.html",
        folder=folder,
        name=readable(folder.name or str(folder)),
        crumbs=[(readable(name), address(path)) for name, path in around],
        parent=address(folder.parent) if len(around) > 1 else None,
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
    )
    return page, status


def look(folder: Path, words: str, *, hidden: bool, order: Order) -> Listing:
    """Raises what reading a folder raises, and NoAnswerFrom."""
    if not folder.is_absolute():
        raise NotAWholePath
    return ask_disk(
        folder,
        (words, hidden, order),
        lambda: read_folder(folder, READABLE, words=words, hidden=hidden, order=order),
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
