"""The database as a viewer has it: whatever would change it is refused here as well."""

from pathlib import Path
from typing import Any, NoReturn

from myapp.store import Database, ReadOnlyFile

WHY = "your account may look at everything and change nothing."


class OnlyRead:
    """Reads like the database behind it. Pages show it as one that can only be read."""

    why_read_only = WHY
    writable = False

    def __init__(self, opened: Database) -> None:
        self._opened = opened

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def refuse(self, *_: object, **__: object) -> NoReturn:
        path: Path = self._opened.path
        raise ReadOnlyFile(path, WHY)

    apply = undo = redo = step = stage = restore = refuse
    limit_history = forget_history = writing = writing_aside = open_writer = refuse
    clear_leftovers = close = refuse
