"""Where a copy goes: the page on which folder and name are chosen, and the step that makes it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for

from myapp import identity
from myapp.store import AppError
from myapp.store.copies import (
    ENDINGS,
    CopyRefused,
    FileThere,
    check_target,
    file_name,
    part_beside,
    save_copy,
)

from .folder_page import Asked, NotAWholePath, ask_disk, asked, first_folder, render_folder
from .folders import what_is
from .long_steps import Answer, Work
from .new_folder import make_folder
from .paths import given_path, values_of
from .places import own_places
from .work import begin
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store import Database, Location
    from myapp.store.copies import Copy
    from myapp.store.hearing import Told

LONGEST_STEM = 60


class OwnFolder(CopyRefused):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{identity.NAME} puts its own things into {folder.name}, and removes what is old "
            "there. Choose another folder."
        )


def choose() -> tuple[str, int]:
    return page_of(asked(request.args, usual_folder), request.args.get("name") or usual_name())


def page_of(
    shown: Asked,
    name: str,
    refusal: AppError | None = None,
    new_folder: str = "",
    no_folder: AppError | None = None,
) -> tuple[str, int]:
    """`refusal` says why there is no copy under this name, or that one is there already;
    `no_folder` why `new_folder` was not made."""
    opened = database()
    opened.check_identity()
    page, status = render_folder(
        "copies/choose.html",
        "copies.choose",
        shown,
        (),
        {"name": name},
        file=opened.path.name,
        bytes=opened.path.stat().st_size,
        given=name,
        there=refusal if isinstance(refusal, FileThere) else None,
        refusal=refusal.sentence if refusal else None,
        warning=warning_of(shown.folder),
        of_name=isinstance(refusal, CopyRefused),
        new_folder=new_folder,
        no_folder=no_folder.sentence if no_folder else None,
    )
    return page, 422 if (refusal or no_folder) and status == 200 else status


def warning_of(folder: Path) -> Location | None:
    """Where copies can come to harm that are worked on."""
    from myapp.store import find_location

    try:
        return ask_disk(folder, "location", lambda: find_location(folder / "copy"))
    except AppError:
        return None


def usual_folder() -> Path:
    """Where the last copy was put, if that is there; otherwise the person's documents."""
    last = workspace().read_state().get("copies")
    try:
        if isinstance(last, str) and ask_disk(Path(last), "kind", lambda: what_is(Path(last))):
            return Path(last)
        found = {each.label: Path(each.path) for each in ask_disk(Path("/"), "own", own_places)}
    except AppError:
        found = {}
    return found.get("Documents") or found.get("Home") or first_folder()


def usual_name() -> str:
    path = database().path
    ending = path.suffix if path.suffix.lower() in ENDINGS else ".sqlite"
    return f"{path.stem[:LONGEST_STEM].strip()} {date.today().isoformat()}{ending}"


def add_folder() -> Answer:
    """Make a folder in the one that is shown, and go into it."""
    given = request.form
    around, name, typed = given_path(given) or Path(), given.get("name", ""), given.get("new", "")
    try:
        if not around.is_absolute():
            raise NotAWholePath
        made = ask_disk(around, ("new", typed), lambda: make_folder(around, typed))
    except AppError as error:
        return page_of(Asked(around), name or usual_name(), None, typed, error)
    values: dict[str, Any] = {**values_of(made), "name": name}
    return redirect(url_for("copies.choose", **values), 303)


def make() -> Answer:
    given = request.form
    folder, typed = given_path(given) or Path(), given.get("name", "")
    replace = given.get("replace") == "yes"
    opened, here = database(), workspace()

    def refused(error: AppError) -> Answer:
        return page_of(Asked(folder), typed, error)

    try:
        if not folder.is_absolute():
            raise NotAWholePath
        target = folder / file_name(typed, Path(usual_name()).suffix)

        def look() -> None:
            for own in (here.folder / "uploads", here.exports.folder, here.backups.folder):
                if folder.resolve().is_relative_to(own.resolve()):
                    raise OwnFolder(own)
            check_target(opened.path, target, replace=replace)

        ask_disk(target, ("copy", replace), look)
    except AppError as error:
        return refused(error)

    def do(opened: Database, told: Told) -> Copy:
        part = part_beside(target)
        opened.check_identity()
        with here.writing_copy(part), opened.own_work_named():
            copy = save_copy(opened.path, target, part, replace=replace, told=told)
        # Also where its page was closed meanwhile.
        here.copied = copy
        here.write_state(copies=str(folder))
        return copy

    def then(_: Copy) -> Answer:
        return redirect(url_for("copies.made"), 303)

    values: dict[str, Any] = {**values_of(folder), "name": typed}
    return begin(
        Work(
            f"Save a copy as {target.name}",
            do,
            then,
            refused,
            back=url_for("copies.choose", **values),
            unit="MB",
        )
    )
