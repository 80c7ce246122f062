"""A program for test_mixed_kills: for each line it reads, a fork that makes the changes listed
there, and writes each one's number when it is made. It waits at its end to be killed."""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import myapp.store.applying
import myapp.store.backup
import myapp.store.following
import myapp.store.rebuilding
import myapp.store.staging  # noqa: F401  so that the forks need not load them
from myapp.store import (
    AddField,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    MoveField,
    NewField,
    RecordValues,
    RenameField,
    RenameTable,
    UpdateRecord,
    UpdateRecords,
    make_backup,
    open_database,
)


def new_fields(given: list[list[str]]) -> tuple[NewField, ...]:
    return tuple(NewField(name, Kind(kind)) for name, kind in given)


def id_of(database: Database, table: str, mark: str) -> str:
    found = database.find_by(table, "mark", mark)
    assert found is not None, mark
    return found


def carry_out(database: Database, backups: Path, what: str, *given: Any) -> None:
    if what == "insert":
        database.apply(InsertRecord(*given))
    elif what == "update":
        table, mark, values = given
        database.apply(UpdateRecord(table, id_of(database, table, mark), values))
    elif what == "bulk":
        table, records = given
        ids = [mark and id_of(database, table, mark) for mark, _ in records]
        changed = [RecordValues(id_, r[1]) for id_, r in zip(ids, records, strict=True)]
        database.apply(UpdateRecords(table, tuple(changed)))
    elif what == "delete":
        table, marks = given
        ids = [id_of(database, table, mark) for mark in marks]
        database.apply(DeleteRecords(table, tuple(ids)))
    elif what == "add field":
        table, name, kind = given
        database.apply(AddField(table, NewField(name, Kind(kind))))
    elif what == "change kind":
        table, name, kind = given
        database.apply(ChangeField(table, name, Kind(kind), misfits="empty"))
    elif what == "require":
        table, name, required = given
        database.apply(ChangeField(table, name, required=required))
    elif what == "create table":
        database.apply(CreateTable(given[0], new_fields(given[1])))
    elif what == "import":
        table, mode, fields, batches = given
        key = ("mark",) if mode == "update" else ()
        with database.stage(table, new_fields(fields), mode=mode, key=key) as staging:
            for batch in batches:
                staging.append(batch)
            staging.finish()
    elif what == "undo":
        assert database.undo() is not None
    elif what == "redo":
        assert database.redo() is not None
    elif what == "backup":
        make_backup(database.path, backups, datetime.fromisoformat(given[0]))
    elif what == "restore":
        database.restore(backups / given[0])
    else:
        change = {
            "drop field": DropField,
            "rename field": RenameField,
            "move field": MoveField,
            "drop table": DropTable,
            "rename table": RenameTable,
        }[what]
        database.apply(change(*given))


def write(path: Path, changes: list[list[Any]]) -> None:
    say(f"pid {os.getpid()}")
    database = open_database(path)
    say("ready")
    for number, (what, *given) in enumerate(changes):
        carry_out(database, path.parent / "backups", what, *given)
        say(f"made {number}")
    signal.pause()


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            try:
                write(Path(order["path"]), order["changes"])
            except BaseException as error:
                say(f"failed {error!r}")
                raise
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
