"""Which database is open, what was open before, and the imports under way."""

import json
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import current_app

from myapp import identity
from myapp.store import (
    AppError,
    CannotOpen,
    Database,
    FileReplaced,
    FileVanished,
    NoSuchFile,
    create_database,
    open_database,
)

from .arrivals import Imports
from .backup_keeper import BackupKeeper
from .export_jobs import ExportJobs
from .index_jobs import IndexJobs
from .jobs import ArrivedFile
from .long_steps import LongSteps

if TYPE_CHECKING:
    from myapp.store import Location
    from myapp.store.copies import Copy

SQLITE_MAGIC = b"SQLite format 3\0"
RECENT = 12
KNOWN = 100
log = logging.getLogger(__name__)


def workspace() -> "Workspace":
    return cast(Workspace, current_app.extensions["workspace"])


def database() -> Database:
    return workspace().database()


class Workspace:
    """Kept in the data folder: the default database, `state.json`, and uploads on their way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.opened: Database | None = None
        self.imports = Imports()
        self.uploads_are_ours = False
        self.backups = BackupKeeper(folder / "backups")
        self.exports = ExportJobs(folder / "exports")
        self.indexes = IndexJobs()
        self.steps = LongSteps()
        self.trouble: str | None = None
        self.looked_at: tuple[Path, Location | None] | None = None
        self.place: str | None = None
        self.copied: Copy | None = None
        """The newest that a person saved in this start."""

    @property
    def own_path(self) -> Path:
        return self.folder / f"{identity.NAME}.sqlite"

    @property
    def state_path(self) -> Path:
        return self.folder / "state.json"

    def read_state(self) -> dict[str, object]:
        try:
            state = json.loads(self.state_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, **changes: object) -> None:
        """Best effort: losing the memory of the last file must not stop a person's work."""
        state = {**self.read_state(), **changes}
        beside = self.state_path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(state, indent=1), encoding="utf-8")
            beside.replace(self.state_path)
        except OSError:
            log.warning("cannot write %s", self.state_path, exc_info=True)

    def database(self) -> Database:
        """The open database: the one of last time, or the person's own."""
        with self.lock:
            if self.opened is None:
                self.begin_clearing()
                self.opened = self.open_last()
                self.indexes.keep_up(self.opened)
            self.backups.keep_daily(self.opened)
            return self.opened

    def open_last(self) -> Database:
        last = self.read_state().get("database")
        if isinstance(last, str) and Path(last) != self.own_path:
            try:
                return open_known(Path(last))
            except AppError as error:
                self.trouble = error.sentence
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.own_path.exists():
            return open_database(self.own_path)
        return create_database(self.own_path)

    @contextmanager
    def writing_copy(self, part: Path) -> Iterator[None]:
        """Where a copy is being written is kept, so that the next start removes what a killed
        program left of it."""
        self.know_copies({*self.half_copies(), str(part)})
        try:
            yield
        finally:
            self.know_copies({*self.half_copies()} - {str(part)})

    def begin_clearing(self) -> None:
        """In a thread of its own: a drive of a network may not answer."""
        parts = [] if self.steps.running() else self.half_copies()
        if parts:
            threading.Thread(target=self.clear_half_copies, args=(parts,), daemon=True).start()

    def half_copies(self) -> list[str]:
        kept = self.read_state().get("copying")
        return [each for each in kept if isinstance(each, str)] if isinstance(kept, list) else []

    def know_copies(self, parts: set[str]) -> None:
        with self.lock:
            self.write_state(copying=sorted(parts))

    def clear_half_copies(self, parts: Sequence[str]) -> None:
        from myapp.store.copies import clear_part

        for each in map(Path, parts):
            clear_part(each)
        # A stick may come again, with what lies on it.
        self.know_copies(
            {*self.half_copies()} - {each for each in parts if Path(each).parent.is_dir()}
        )

    def open(self, path: Path) -> Database:
        """Open another file in place of the present one, which stays open where this fails."""
        try:
            path = path.expanduser()
            if not path.is_absolute():
                raise CannotOpen(path, "give its whole path, from the drive or the root folder on.")
            path = path.resolve()
            # SQLite takes names of letters alone.
            str(path).encode()
        except UnicodeEncodeError as error:
            from .paths import readable

            raise CannotOpen(
                Path(readable(path.name)),
                "its name, or that of a folder around it, holds what is no letter (it is not "
                "UTF-8). Give it another name, and open it then.",
            ) from error
        except (OSError, RuntimeError) as error:
            raise CannotOpen(
                path, "its path leads round in a circle, or to nobody's home."
            ) from error
        if self.busy():
            raise CannotOpen(
                path, "an import, an export or a change is still running; wait for it or cancel it."
            )
        with self.lock:
            if self.opened is not None and self.opened.path == path:
                if not self.opened.is_lost():
                    return self.opened
                # Another file lies there now: what belongs to the lost one goes first.
                self.let_go()
            fresh = open_known(path) if str(path) in self.recent() else open_database(path)
            old, self.opened = self.opened, fresh
            self.trouble = None
        # An index that is half-built is gone on with when its file is opened again.
        self.indexes.pause()
        if old is not None:
            old.close()
        self.indexes.keep_up(fresh)
        recent = [str(path), *(each for each in self.recent() if each != str(path))]
        self.write_state(database=str(path), recent=recent[:RECENT])
        return fresh

    def let_go(self) -> None:
        self.indexes.pause()
        with self.lock:
            if self.opened is not None:
                self.opened.close()
                self.opened = None

    def let_go_of_lost(self) -> None:
        """Where the open file was deleted or replaced, the first page tells of it and goes on with
        what is there, so that another can be opened."""
        opened = self.opened
        if opened is None or not opened.is_lost() or self.busy():
            return
        try:
            opened.check_identity()
        except FileReplaced:
            trouble = (
                f"{opened.path.name} was replaced by another file while it was open. "
                "What is shown here now is the new one."
            )
        except AppError as error:
            trouble = error.sentence
        else:
            return
        self.let_go()
        self.database()
        self.trouble = trouble

    def recent(self) -> list[str]:
        known = self.read_state().get("recent")
        return [each for each in known if isinstance(each, str)] if isinstance(known, list) else []

    def warning(self, path: Path) -> "Location | None":
        """Where an open file lies, if it lies where it can come to harm and nobody knows yet."""
        from myapp.store import find_location

        if str(path) in self.known_locations():
            return None
        if self.looked_at is None or self.looked_at[0] != path:
            self.looked_at = path, find_location(path)
        return self.looked_at[1]

    def know_location(self, path: Path) -> None:
        """The warning was read: it is not shown for this file again."""
        known = [str(path), *(each for each in self.known_locations() if each != str(path))]
        self.write_state(known_locations=known[:KNOWN])

    def known_locations(self) -> list[str]:
        known = self.read_state().get("known_locations")
        return [each for each in known if isinstance(each, str)] if isinstance(known, list) else []

    def receive(self, paths: Sequence[Path]) -> str:
        """Open or begin to import files from the command line; gives the path of the page."""
        address = "/"
        files = []
        for path in paths:
            try:
                if path.is_dir():
                    address = self.imports.receive_folder(path)
                elif is_sqlite(path):
                    self.open(path)
                else:
                    files.append(ArrivedFile(path, path.name, ours=False))
            except AppError as error:
                self.trouble = error.sentence
        try:
            return self.imports.receive(files) if files else address
        except AppError as error:
            self.trouble = error.sentence
            return "/"

    def receive_upload(self, files: Sequence[ArrivedFile], *, tables: bool) -> str:
        """Like `receive`, for files that came through the browser and lie in our folder.

        An SQLite file is opened, or with `tables` its tables are offered like those of others.
        """
        try:
            if len(files) == 1 and is_sqlite(files[0].path) and not tables:
                return self.open_copy(files[0])
            return self.imports.receive(files)
        except BaseException:
            for file in files:
                file.path.unlink(missing_ok=True)
            raise

    def upload_path(self) -> Path:
        """Where to put a file from the browser. What an earlier start left is gone."""
        folder = self.folder / "uploads"
        with self.lock:
            if not self.uploads_are_ours:
                shutil.rmtree(folder, ignore_errors=True)
                self.uploads_are_ours = True
        folder.mkdir(parents=True, exist_ok=True)
        return folder / secrets.token_hex(8)

    def open_copy(self, file: ArrivedFile) -> str:
        target = self.free_path(Path(file.name).stem or "Database")
        shutil.move(file.path, target)
        try:
            self.open(target)
        except AppError:
            target.unlink(missing_ok=True)
            raise
        return "/"

    def free_path(self, stem: str) -> Path:
        clean = "".join(c if c.isalnum() or c in " -_" else "_" for c in stem)[:80].strip() or "_"
        number = 1
        while True:
            suffix = "" if number == 1 else f" {number}"
            path = self.folder / f"{clean}{suffix}.sqlite"
            if not path.exists():
                return path
            number += 1

    def last_place(self) -> str:
        """The page that the person saw last, kept from one start to the next."""
        kept = self.place or self.read_state().get("place")
        return kept if isinstance(kept, str) else "/"

    def title(self) -> str:
        """The name of the open file; that of the person's own says nothing."""
        opened = self.opened
        return "" if opened is None or opened.path == self.own_path else opened.path.name

    def busy(self) -> str | None:
        """A sentence while an import, an export or a long step runs."""
        name = self.imports.running()
        if name:
            return f"{name} is being imported."
        export = self.exports.running()
        if export:
            return f"{export.name} is being written."
        change = self.steps.running()
        return f"A change is being made: {change.work.sentence}." if change else None

    def at_work(self) -> str | None:
        """A sentence while the program should not end by itself."""
        index = self.indexes.running()
        return self.busy() or (f"{index.table} is being made fast to search." if index else None)

    def close(self) -> None:
        if self.place is not None:
            self.write_state(place=self.place)
        self.imports.close()
        self.backups.close(self.opened)
        self.exports.close()
        self.indexes.pause()
        self.steps.close()
        with self.lock:
            if self.opened is not None:
                self.opened.close()
                self.opened = None


def open_known(path: Path) -> Database:
    """Open a file that was open before. Raises FileVanished where it is not there any more."""
    try:
        return open_database(path)
    except NoSuchFile as error:
        raise FileVanished(path) from error


def is_sqlite(path: Path) -> bool:
    try:
        # A pipe or a device is not opened: reading it may wait for ever.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(16) == SQLITE_MAGIC
    except OSError:
        return False
