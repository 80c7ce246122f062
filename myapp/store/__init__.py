"""The database file: opening, schema, records, views, search, history.

Plain Python over one SQLite driver. No Flask, no HTML, and nothing else of ours is imported here.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from .changes import (
    AddField,
    Applied,
    Change,
    CreateTable,
    DeleteRecords,
    DropTable,
    InsertRecord,
    RecordValues,
    RenameField,
    RenameTable,
    UpdateRecord,
    UpdateRecords,
)
from .database import Database, create_database, open_database
from .errors import (
    AppError,
    BackupDamaged,
    BadName,
    CannotOpen,
    CannotUndo,
    ChangedMeanwhile,
    CorruptDatabase,
    DiskFailed,
    DiskFull,
    FileReplaced,
    FileVanished,
    FilterUnfit,
    KeyRepeated,
    LockedByAnother,
    NameTaken,
    NoRoomForBackup,
    NoSuchField,
    NoSuchRecord,
    NoSuchTable,
    NotADatabase,
    OldSQLite,
    ReadOnlyFile,
    ReadStopped,
    RecordRefused,
    RuleBroken,
    StoreError,
    TableReadOnly,
    TooManyCells,
    TooManyFields,
    ValueDoesNotFit,
)
from .query import (
    Choice,
    Filter,
    Hit,
    Incoming,
    Op,
    Query,
    Record,
    RecordId,
    Sort,
    WholeRecord,
    Window,
)
from .schema import Field, Link, NewField, Table
from .values import BlobSize, Kind, LongText, Shown, Value, format_value, parse_value

if TYPE_CHECKING:
    from .backup import BEFORE_RESTORE, BY_HAND, DAILY, Backup, list_backups, make_backup
    from .lines import CsvLines, Guard, HtmlLines, JsonLines
    from .staging import Staging
    from .streaming import Part, Snapshot

LATE = {
    "BEFORE_RESTORE": "backup",
    "BY_HAND": "backup",
    "Backup": "backup",
    "DAILY": "backup",
    "list_backups": "backup",
    "make_backup": "backup",
    "CsvLines": "lines",
    "Guard": "lines",
    "HtmlLines": "lines",
    "JsonLines": "lines",
    "Part": "streaming",
    "Snapshot": "streaming",
    "Staging": "staging",
}
"""What only imports and exports need is loaded with the first one, not at every start."""


def __getattr__(name: str) -> object:
    if name not in LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{LATE[name]}", __name__), name)


__all__ = [
    "BEFORE_RESTORE",
    "BY_HAND",
    "DAILY",
    "AddField",
    "AppError",
    "Applied",
    "Backup",
    "BackupDamaged",
    "BadName",
    "BlobSize",
    "CannotOpen",
    "CannotUndo",
    "Change",
    "ChangedMeanwhile",
    "Choice",
    "CorruptDatabase",
    "CreateTable",
    "CsvLines",
    "Database",
    "DeleteRecords",
    "DiskFailed",
    "DiskFull",
    "DropTable",
    "Field",
    "FileReplaced",
    "FileVanished",
    "Filter",
    "FilterUnfit",
    "Guard",
    "Hit",
    "HtmlLines",
    "Incoming",
    "InsertRecord",
    "JsonLines",
    "KeyRepeated",
    "Kind",
    "Link",
    "LockedByAnother",
    "LongText",
    "NameTaken",
    "NewField",
    "NoRoomForBackup",
    "NoSuchField",
    "NoSuchRecord",
    "NoSuchTable",
    "NotADatabase",
    "OldSQLite",
    "Op",
    "Part",
    "Query",
    "ReadOnlyFile",
    "ReadStopped",
    "Record",
    "RecordId",
    "RecordRefused",
    "RecordValues",
    "RenameField",
    "RenameTable",
    "RuleBroken",
    "Shown",
    "Snapshot",
    "Sort",
    "Staging",
    "StoreError",
    "Table",
    "TableReadOnly",
    "TooManyCells",
    "TooManyFields",
    "UpdateRecord",
    "UpdateRecords",
    "Value",
    "ValueDoesNotFit",
    "WholeRecord",
    "Window",
    "create_database",
    "format_value",
    "list_backups",
    "make_backup",
    "open_database",
    "parse_value",
]
