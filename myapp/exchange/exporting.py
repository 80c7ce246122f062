"""Write an export: the whole file under its name, or nothing."""

import errno
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from myapp import identity
from myapp.store import Database, DiskFailed, DiskFull, Part, Query, ReadStopped, Snapshot

from .export_errors import (
    CannotWrite,
    DiskFullForExport,
    ExportCancelled,
    NothingToExport,
    OneTableOnly,
)
from .export_plan import ExportPlan, ExportProgress, ExportResult, Format
from .tally import Tally
from .writing_csv import write_csv
from .writing_html import write_page
from .writing_json import write_array, write_ndjson, write_tables

ON_THE_WAY = f".{identity.SLUG}-export-"
"""What a folder's name begins with that holds an export while it is written."""

ONE_TABLE = (Format.CSV, Format.NDJSON)
SAFE_FILE_NAME = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


def run_export(
    database: Database,
    plan: ExportPlan,
    target: Path,
    progress: Callable[[ExportProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """Write `plan` to the file `target`, replacing one that is there.

    Raises ExportCancelled, the other refusals of export_errors, and what the store raises.
    """
    started = time.monotonic()
    tally = Tally(progress, cancelled)
    with refusals(target), folder_beside(target) as folder:
        path = folder / "export"
        if plan.format is Format.SQLITE:
            write_sqlite(database, plan.parts, path, tally)
        else:
            with database.snapshot(cancelled) as snapshot:
                parts = parts_of(snapshot, plan)
                write_parts(snapshot, parts, plan, path, tally)
                tally.remark_on(snapshot)
        if cancelled():
            raise ExportCancelled
        flush(path)
        size = path.stat().st_size
        path.replace(target)
    seconds = time.monotonic() - started
    return ExportResult(target, tuple(tally.tables), size, tuple(tally.remarks), seconds)


def stream_export(
    database: Database,
    plan: ExportPlan,
    file: BinaryIO,
    progress: Callable[[ExportProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """Write a text format straight to an open file, such as a pipe."""
    started = time.monotonic()
    tally = Tally(progress, cancelled)
    with refusals(Path("the output")), database.snapshot(cancelled) as snapshot:
        parts = parts_of(snapshot, plan)
        tally.expect(sum(snapshot.count(part) for part in parts))
        write_text(file, snapshot, parts, plan, tally)
        tally.remark_on(snapshot)
        file.flush()
    seconds = time.monotonic() - started
    return ExportResult(Path("-"), tuple(tally.tables), 0, tuple(tally.remarks), seconds)


@contextmanager
def refusals(target: Path) -> Iterator[None]:
    """What can go wrong with the disk, and a reading that was stopped, as refusals."""
    try:
        yield
    except ReadStopped as error:
        raise ExportCancelled from error
    except DiskFull as error:
        raise DiskFullForExport(target) from error
    except DiskFailed as error:
        raise CannotWrite(target, "a disk reported an error") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullForExport(target) from error
        raise CannotWrite(target, error.strerror or str(error)) from error


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A folder of our own on the same disk, gone at the end; those of killed exports go too."""
    clear_leftovers(target.parent)
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{ON_THE_WAY}{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_leftovers(folder: Path) -> None:
    """Remove what exports left there whose process has ended."""
    for left in folder.glob(f"{ON_THE_WAY}*-*"):
        number = left.name.removeprefix(ON_THE_WAY).partition("-")[0]
        if number.isdigit() and not is_running(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def is_running(process: int) -> bool:
    if process == os.getpid():
        return True
    if sys.platform == "win32":  # there, signal 0 would end the process
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def flush(path: Path) -> None:
    """A file that is said to be written must outlive a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def parts_of(snapshot: Snapshot, plan: ExportPlan) -> tuple[Part, ...]:
    """Raises NothingToExport, OneTableOnly."""
    parts = plan.parts
    if parts is None:
        parts = tuple(Part(Query(table.name)) for table in snapshot.tables() if table.fields)
    if not parts:
        raise NothingToExport
    parts = tuple(replace(part, names=plan.options.names) for part in parts)
    if len(parts) > 1 and plan.format in ONE_TABLE and not plan.packed:
        raise OneTableOnly(plan.format.upper())
    return parts


def write_sqlite(
    database: Database, parts: Sequence[Part] | None, path: Path, tally: Tally
) -> None:
    found, written = database.copy(path, parts, tally.cancelled)
    for table, records in found.items():
        tally.finish(table, written.get(table, 0), records)


def write_parts(
    snapshot: Snapshot, parts: Sequence[Part], plan: ExportPlan, path: Path, tally: Tally
) -> None:
    tally.expect(sum(snapshot.count(part) for part in parts))
    if plan.format is Format.EXCEL:
        # Loaded here: the library takes a while, and most exports go without it.
        from .writing_excel import check_limits, write_workbook

        check_limits(snapshot, parts, plan.options)
        write_workbook(path, snapshot, parts, tally, counter(snapshot, tally))
        return
    with path.open("wb") as file:
        write_text(file, snapshot, parts, plan, tally)


def write_text(
    file: BinaryIO, snapshot: Snapshot, parts: Sequence[Part], plan: ExportPlan, tally: Tally
) -> None:
    counted = counter(snapshot, tally)
    if plan.packed and plan.format in ONE_TABLE:
        write_archive(file, snapshot, parts, plan, tally)
    elif plan.format is Format.HTML:
        write_page(file, snapshot, parts, tally, counted)
    elif plan.format is Format.JSON and (plan.parts is None or len(parts) > 1):
        write_tables(file, snapshot, parts, tally, counted)
        file.write(b"\n")
    elif plan.format is Format.JSON:
        counted(parts[0], write_array(file, snapshot, parts[0], tally))
        file.write(b"\n")
    else:
        counted(parts[0], write_one(file, snapshot, parts[0], plan, tally))


def write_one(
    file: BinaryIO, snapshot: Snapshot, part: Part, plan: ExportPlan, tally: Tally
) -> int:
    if plan.format is Format.CSV:
        return write_csv(file, snapshot, part, plan.options, tally)
    return write_ndjson(file, snapshot, part, tally)


def write_archive(
    file: BinaryIO, snapshot: Snapshot, parts: Sequence[Part], plan: ExportPlan, tally: Tally
) -> None:
    taken: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for part in parts:
            name = file_name(snapshot.table(part.table).name, f".{plan.format}", taken)
            entry = zipfile.ZipInfo(name, time.localtime()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as inside:
                written = write_one(cast(BinaryIO, inside), snapshot, part, plan, tally)
            counter(snapshot, tally)(part, written)


def counter(snapshot: Snapshot, tally: Tally) -> Callable[[Part, int], None]:
    """Compares what was written of a part with what the snapshot finds."""

    def check(part: Part, written: int) -> None:
        tally.finish(snapshot.table(part.table).name, written, snapshot.count(part))

    return check


def file_name(stem: str, suffix: str, taken: set[str] | None = None) -> str:
    """A name for a file, on any system; unique among `taken`, which it joins."""
    plain = "".join(" " if ord(each) < 32 or ord(each) == 127 else each for each in stem)
    clean = plain.translate(SAFE_FILE_NAME).strip(" .")[:100].strip(" .") or "Table"
    name, number = f"{clean}{suffix}", 1
    while taken is not None and name.lower() in taken:
        number += 1
        name = f"{clean} {number}{suffix}"
    if taken is not None:
        taken.add(name.lower())
    return name
