"""`export` on the command line: tables out of a database file, without a browser."""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from myapp import identity
from myapp.store import AppError, Database, Filter, Op, Part, Query, Sort, open_database

from .export_errors import ExportRefused, OneTableOnly, TargetExists
from .export_plan import (
    CsvStyle,
    ExportOptions,
    ExportPlan,
    ExportProgress,
    ExportResult,
    Format,
)
from .exporting import run_export, stream_export
from .terminal import CANCELLED, DONE, REFUSED, Bar, StopSign, say

SUFFIXES = {
    ".csv": Format.CSV,
    ".xlsx": Format.EXCEL,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".sqlite": Format.SQLITE,
    ".sqlite3": Format.SQLITE,
    ".db": Format.SQLITE,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".zip": Format.CSV,
}
STANDARD_OUTPUT = "-"


def run(arguments: Sequence[str]) -> int:
    """Gives the exit code: 0 done, 1 refused, 2 not understood, 130 stopped by Ctrl+C."""
    parser = make_parser()
    given = parser.parse_args(joined(arguments))
    stop = StopSign()
    try:
        result = export(given, parser, stop)
    except AppError as error:
        say(error.sentence)
        return CANCELLED if stop.seen else REFUSED
    except BrokenPipeError:
        # Whoever read has gone; Python must not complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    finally:
        stop.put_down()
    report(result)
    return DONE


def joined(arguments: Sequence[str]) -> list[str]:
    """With `--sort -FIELD` as one word, for a leading dash means an option."""
    words: list[str] = []
    for word in arguments:
        if words and words[-1] == "--sort":
            words[-1] = f"--sort={word}"
        else:
            words.append(word)
    return words


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{identity.SLUG} export",
        description="Write tables of an SQLite file to another file.",
        epilog="Exit codes: 0 done, 1 refused, 2 not understood, 130 stopped. "
        "Nothing is left under the name of a file that was not written whole.",
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="none: all of them")
    parser.add_argument("--from", dest="source", required=True, type=Path, metavar="FILE")
    parser.add_argument(
        "--to",
        dest="target",
        required=True,
        metavar="FILE",
        help=f"its ending tells the format: {', '.join(SUFFIXES)}; - for standard output",
    )
    parser.add_argument("--format", choices=[each.value for each in Format])
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument(
        "--for-excel",
        choices=("point", "comma"),
        help="CSV that Excel opens correctly, by the decimal mark it uses on that computer",
    )
    parser.add_argument(
        "--keep-formulas",
        action="store_true",
        help="leave texts in CSV as they are that a spreadsheet would run, such as =1+1",
    )
    parser.add_argument(
        "--cut-long", action="store_true", help="shorten texts too long for a cell of Excel"
    )
    parser.add_argument(
        "--names",
        action="store_true",
        help="beside each link, which is a key, the name of its record as a field of its own",
    )
    parser.add_argument(
        "--where",
        nargs=3,
        action="append",
        default=[],
        metavar=("FIELD", "OP", "VALUE"),
        help=f"only these records; OP is one of {', '.join(Op)}",
    )
    parser.add_argument("--search", default="", metavar="WORDS")
    parser.add_argument(
        "--sort", action="append", default=[], metavar="FIELD", help="-FIELD for descending"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on a terminal")
    return parser


def export(
    given: argparse.Namespace, parser: argparse.ArgumentParser, stop: StopSign
) -> ExportResult:
    to_stdout = given.target == STANDARD_OUTPUT
    target = Path("export" if to_stdout else given.target).absolute()
    format_, packed = format_of(given, parser, target)
    filters = read_filters(given, parser)
    database = open_database(given.source.absolute())
    try:
        check_target(database, target, force=given.force or to_stdout)
        sort = tuple(Sort(each.removeprefix("-"), each.startswith("-")) for each in given.sort)
        names = [database.table(name).name for name in given.tables]
        names = names or [table.name for table in database.tables() if table.fields]
        several = len(names) > 1
        if several and not packed and format_ in (Format.CSV, Format.NDJSON):
            raise OneTableOnly(format_.upper())
        chosen = bool(given.tables or filters or sort or given.search)
        parts = tuple(Part(Query(name, sort, filters, given.search)) for name in names)
        options = ExportOptions(csv_style(given), given.keep_formulas, given.cut_long, given.names)
        whole = several and not chosen
        plan = ExportPlan(None if whole else parts, format_, options, packed)
        bar = Bar("", shown=not given.quiet and sys.stderr.isatty())

        def show(now: ExportProgress) -> None:
            part = now.records / now.total if now.total else 0.0
            bar.draw(part, lambda _: f"{now.records:,} of {now.total:,} records")

        try:
            if to_stdout:
                return write_to_stdout(database, plan, show, stop)
            return run_export(database, plan, target, show, stop)
        finally:
            bar.clear()
    finally:
        database.close()


def format_of(
    given: argparse.Namespace, parser: argparse.ArgumentParser, target: Path
) -> tuple[Format, bool]:
    suffix = target.suffix.lower()
    packed = suffix == ".zip"
    if given.format:
        return Format(given.format), packed
    if given.target == STANDARD_OUTPUT:
        return Format.CSV, False
    if suffix not in SUFFIXES:
        parser.error(f"the ending of {target.name} tells no format; name one with --format")
    return SUFFIXES[suffix], packed


def csv_style(given: argparse.Namespace) -> CsvStyle:
    if given.for_excel is None:
        return CsvStyle.EXACT
    return CsvStyle.EXCEL if given.for_excel == "point" else CsvStyle.EXCEL_COMMA


def read_filters(given: argparse.Namespace, parser: argparse.ArgumentParser) -> tuple[Filter, ...]:
    try:
        return tuple(Filter(field, Op(op), value) for field, op, value in given.where)
    except ValueError as error:
        parser.error(f"--where: {error}; choose from {', '.join(Op)}")


def check_target(database: Database, target: Path, *, force: bool) -> None:
    """Raises ExportRefused where a file would be replaced that was not meant to be."""
    if target == database.path or (target.exists() and target.samefile(database.path)):
        raise ExportRefused(f"{target.name} is the database itself.")
    if target.is_dir():
        raise ExportRefused(f"{target.name} is a folder.")
    if target.exists() and not force:
        raise TargetExists(target)


def write_to_stdout(
    database: Database,
    plan: ExportPlan,
    show: Callable[[ExportProgress], None],
    stop: StopSign,
) -> ExportResult:
    out: BinaryIO = sys.stdout.buffer
    if plan.format not in (Format.EXCEL, Format.SQLITE):
        return stream_export(database, plan, out, show, stop)
    # These are not written from beginning to end.
    with tempfile.TemporaryDirectory(prefix=f"{identity.SLUG}-") as folder:
        result = run_export(database, plan, Path(folder) / "out", show, stop)
        with result.path.open("rb") as made:
            shutil.copyfileobj(made, out, 1 << 20)
        out.flush()
    return replace(result, path=Path(STANDARD_OUTPUT))


def report(result: ExportResult) -> None:
    for remark in result.remarks:
        say(remark)
    several = f" of {len(result.tables)} tables" if len(result.tables) != 1 else ""
    where = "" if result.path == Path(STANDARD_OUTPUT) else f" to {result.path.name}"
    say(
        f"{result.records:,} of {result.records:,} records{several} written{where} "
        f"in {result.seconds:.1f} s."
    )
