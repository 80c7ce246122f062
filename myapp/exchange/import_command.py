"""`import` on the command line: files into a database file, without a browser."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import get_args

from myapp import identity
from myapp.store import AppError, Database, Kind, create_database, open_database

from .dates import DateOrder
from .errors import ImportRefused
from .importing import run_import
from .numbers import STYLES
from .parts import files_in, find_parts
from .plan import (
    FilePart,
    ImportPlan,
    ImportResult,
    Preview,
    Progress,
    ReadOptions,
    WhenMisfit,
)
from .planning import matched, plan_new
from .previewing import read_preview
from .terminal import CANCELLED, DONE, REFUSED, Bar, StopSign, say

SOME = 3
"""Some parts came in, others were refused."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A part of a file on its way in."""

    path: Path
    part: FilePart
    alone: bool

    @property
    def title(self) -> str:
        inside = self.part.title or self.part.member
        return self.path.name if self.alone or not inside else f"{self.path.name}: {inside}"


def run(arguments: Sequence[str]) -> int:
    """Gives the exit code: 0 done, 1 refused, 2 not understood, 3 some refused, 130 stopped."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    check(given, parser)
    stop = StopSign()
    try:
        return import_all(given, stop)
    except AppError as error:
        say(error.sentence)
        return CANCELLED if stop.seen else REFUSED
    finally:
        stop.put_down()


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{identity.SLUG} import",
        description="Bring files, or the files of a folder, into an SQLite file. Each table comes "
        "in whole or not at all.",
        epilog="Exit codes: 0 done, 1 refused, 2 not understood, 3 some tables came in and others "
        "were refused, 130 stopped.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--into",
        required=True,
        type=Path,
        metavar="FILE",
        help="the SQLite file; made where there is none",
    )
    parser.add_argument("--table", metavar="NAME", help="the table's name; needs a single part")
    parser.add_argument(
        "--part",
        action="append",
        default=[],
        metavar="NAME",
        help="only this sheet, table, array, or file of an archive; may be given again",
    )
    parser.add_argument("--list", action="store_true", help="only tell what would come in")
    parser.add_argument("--append", action="store_true", help="add to --table, which is there")
    parser.add_argument(
        "--update-by", metavar="FIELD", help="update the records of --table that this key finds"
    )
    parser.add_argument("--encoding")
    parser.add_argument("--delimiter", help="one character, or tab")
    parser.add_argument("--no-header", action="store_true", help="the first line is a record")
    parser.add_argument("--numbers", choices=STYLES, help="how numbers are written")
    parser.add_argument("--dates", choices=get_args(DateOrder), help="the order of 3/4/2026")
    parser.add_argument("--flatten", action="store_true", help="JSON objects give fields each")
    parser.add_argument("--all-text", action="store_true", help="no types: every field is text")
    parser.add_argument(
        "--misfits",
        choices=("text", "empty", "skip", "refuse"),
        default="text",
        help="what becomes of values that do not fit their field (text: they stay as they are)",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on a terminal")
    return parser


def check(given: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if (given.append or given.update_by) and not given.table:
        parser.error("--append and --update-by need --table")
    if given.append and given.update_by:
        parser.error("--append and --update-by exclude each other")


def import_all(given: argparse.Namespace, stop: StopSign) -> int:
    found, refused = look_at_files(given)
    if given.list:
        for each in found:
            print(describe(each, preview_of(each, given)))
        return REFUSED if refused else DONE
    if not found:
        return REFUSED
    if given.table and len(found) > 1:
        raise ImportRefused(
            f"There are {len(found)} parts, and --table names one table. Choose one with --part."
        )
    into = given.into.absolute()
    database = open_database(into) if into.exists() else create_database(into)
    done = 0
    try:
        if given.append or given.update_by:
            back_up(database, database.table(given.table).name, stop)
        for each in found:
            try:
                result = import_one(database, each, given, stop)
            except AppError as error:
                if stop.seen:
                    raise
                say(f"{each.title}: {error.sentence}")
                refused += 1
                continue
            report(each, result)
            done += 1
    finally:
        database.close()
    if refused:
        return SOME if done else REFUSED
    return DONE


def back_up(database: Database, table: str, stop: StopSign) -> None:
    """Where the page makes and shows its backups. As there, the import goes on where that fails,
    since it can be undone."""
    from myapp.store.backup import folder_of, is_unsaved, make_backup

    data = os.environ.get(f"{identity.SLUG.upper()}_DATA_FOLDER")
    if data is None:
        return
    now = datetime.now()
    step = f"before importing into {table}"
    try:
        folder = folder_of(Path(data) / "backups", database.path.resolve())
        if is_unsaved(database, folder, now):
            make_backup(database.path, folder, now, step, stop)
    except (AppError, OSError) as error:
        if stop.seen:
            raise
        why = error.sentence if isinstance(error, AppError) else f"{error}."
        say(f"There is no backup from {step}. {why}")


def look_at_files(given: argparse.Namespace) -> tuple[list[Incoming], int]:
    """The parts to bring in, and how many files were refused."""
    found: list[Incoming] = []
    refused = 0
    for path in given.files:
        try:
            for file in files_in(path) if path.is_dir() else [path]:
                parts = find_parts(file, file.name)
                chosen = [p for p in parts if not given.part or {p.title, p.member} & {*given.part}]
                found += [Incoming(file, part, len(parts) == 1) for part in chosen]
        except AppError as error:
            say(error.sentence)
            refused += 1
    if given.part and not found:
        raise ImportRefused(f"No part is called {', '.join(given.part)}.")
    return found, refused


def preview_of(incoming: Incoming, given: argparse.Namespace) -> Preview:
    options = ReadOptions(
        encoding=given.encoding,
        delimiter="\t" if given.delimiter == "tab" else given.delimiter,
        header=False if given.no_header else None,
        numbers=given.numbers,
        dates=given.dates,
        flatten=given.flatten,
    )
    return read_preview(
        incoming.path, incoming.path.name, options, incoming.part, alone=incoming.alone
    )


def describe(incoming: Incoming, preview: Preview) -> str:
    fields = ", ".join(f"{column.name} ({column.kind})" for column in preview.columns)
    return f"{incoming.title}\t{preview.table}\t{fields}"


def import_one(
    database: Database, incoming: Incoming, given: argparse.Namespace, stop: StopSign
) -> ImportResult:
    preview = preview_of(incoming, given)
    plan = plan_for(database, incoming, preview, given)
    bar = Bar(incoming.title, shown=not given.quiet and sys.stderr.isatty())

    def show(now: Progress) -> None:
        part = min(now.bytes_read / now.bytes_total, 1.0) if now.bytes_total else 0.0
        bar.draw(
            part,
            lambda seconds: (
                f"{now.records:,} records, {now.records / max(seconds, 0.001):,.0f} a second"
            ),
            timed=not now.adding,
        )

    try:
        return run_import(database, plan, show, stop)
    finally:
        bar.clear()


def plan_for(
    database: Database, incoming: Incoming, preview: Preview, given: argparse.Namespace
) -> ImportPlan:
    when: WhenMisfit = "ask" if given.misfits == "refuse" else given.misfits
    plan = plan_new(database, incoming.path, incoming.path.name, preview, when)
    columns = plan.columns
    if given.all_text:
        columns = tuple(replace(each, kind=Kind.TEXT) for each in columns)
    if not (given.append or given.update_by):
        return replace(plan, table=given.table or plan.table, columns=columns)
    table = database.table(given.table)
    return replace(
        plan,
        table=given.table,
        columns=tuple(matched(each, table) for each in columns),
        mode="append" if given.append else "update",
        key=(given.update_by,) if given.update_by else (),
    )


def report(incoming: Incoming, result: ImportResult) -> None:
    for remark in result.remarks:
        say(f"{incoming.title}: {remark}")
    for misfit in result.misfits:
        lines = ", ".join(f"{line:,} (“{text}”)" for line, text in misfit.lines)
        say(f"{incoming.title}: {misfit.count:,} of “{misfit.field}” did not fit: {lines}")
    more = f", {result.updated:,} of them updated" if result.updated else ""
    more += f", {result.skipped:,} left out" if result.skipped else ""
    say(
        f"{incoming.title}: {result.records:,} records into {result.table}{more} "
        f"in {result.seconds:.1f} s."
    )
