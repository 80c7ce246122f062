"""What looks like something else is not changed on its way in, and nothing goes unsaid."""

import csv
import gzip
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myapp.exchange import (
    ImportPlan,
    ImportRefused,
    PlannedColumn,
    Progress,
    ReadOptions,
    read_preview,
    run_import,
)
from myapp.exchange.dates import are_plain_datetimes, read_datetime
from myapp.exchange.numbers import NUMBER, are_plain_numbers
from myapp.store import AppError, Database, Kind

from .test_csv import bring_in, kinds, values, write


@pytest.mark.parametrize(
    "text",
    ["F\nF\n", "NO\nNO\n", "1E5\n2E3\n", "+441234567890\n+441234567891\n", "0." + "1" * 20 + "\n"],
    ids=["sex", "Norway", "codes", "telephones", "twenty digits"],
)
def test_what_only_resembles_a_type_stays_text(
    database: Database, tmp_path: Path, text: str
) -> None:
    bring_in(database, write(tmp_path, "x\n" + text))
    assert [record[0] for record in values(database, "file")] == text.split()


@pytest.mark.parametrize("common", ["2026-01-31", "true", "2026-01-31 10:00:00", "12", "1.5"])
@pytest.mark.parametrize("late", ["007", "1E5", "+49301234"])
def test_a_late_code_keeps_its_spelling_in_a_field_of_any_type(
    database: Database, tmp_path: Path, common: str, late: str
) -> None:
    path = write(tmp_path, "x\n" + f"{common}\n" * 51_000 + f"{late}\n")
    result = bring_in(database, path)
    assert result.records == 51_001
    assert database.find_by("file", "x", late) is not None
    assert any("kept as text" in remark for remark in result.remarks)


def test_thousands_are_not_taken_for_decimals(tmp_path: Path) -> None:
    assert kinds(write(tmp_path, "a;b\n1,234;x\n5,678;y\n"))[0] is Kind.TEXT


def test_points_in_one_field_do_not_decide_slashes_in_another(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n01.02.2026,03/04/2026\n")
    assert kinds(path) == [Kind.DATE, Kind.TEXT]


def test_spellings_of_no_value_are_empty_among_numbers_only(
    database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, "n,town\n1,NA\nNA,b\n3,c\n")
    assert any("“NA”" in remark for remark in read_preview(path, path.name).remarks)
    bring_in(database, path)
    assert values(database, "file") == [(1, "NA"), (None, "b"), (3, "c")]


def test_a_misfit_is_told_with_its_line(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, 'n,t\n1,"two\nlines"\n\n' + "1,x\n" * 51_000 + "many,x\n")
    (misfit,) = bring_in(database, path).misfits
    assert (misfit.field, misfit.count, misfit.example) == ("n", 1, "many")
    assert misfit.first_line == 2 + 2 + 1 + 51_000


def test_a_stray_quotation_mark_is_found_though_a_later_one_closes_it(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b,c\n1,x,y\n2,"abc,z\n3,q,w\n4,"hello",y\n5,e,f\n')
    with pytest.raises(ImportRefused, match="line 3"):
        read_preview(path, path.name)


def test_a_late_stray_quotation_mark_leaves_nothing_behind(
    database: Database, tmp_path: Path
) -> None:
    late = '2,"abc,z\n3,q,w\n4,"hello",y\n'
    path = write(tmp_path, "a,b,c\n" + "1,x,y\n" * 60_000 + late)
    with pytest.raises(ImportRefused, match="line 60,002"):
        bring_in(database, path)
    assert database.tables() == ()


def test_text_after_a_closing_quotation_mark_is_kept(database: Database, tmp_path: Path) -> None:
    bring_in(database, write(tmp_path, 'a,b\n"x" y,1\n"z",2\n'))
    assert values(database, "file") == [("x y", 1), ("z", 2)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('a,b\n1,"say \\"hi\\", you"\n', (1, 'say "hi", you')),
        ('a,b\n1,"say \\""hi\\"", you"\n', (1, 'say \\"hi\\", you')),
        ("a,b\n1,'x, y'\n", (1, "x, y")),
        ('a, b\n1, "x, y"\n', (1, "x, y")),
        ("sep=;\na;b\n1;x, y\n", (1, "x, y")),
        ('# made today\n# by hand, too\na,b\n1,"x, y"\n', (1, "x, y")),
    ],
    ids=["backslash", "backslash and doubled", "apostrophes", "spaces", "sep=", "comments"],
)
def test_dialects_are_found(
    database: Database, tmp_path: Path, content: str, expected: tuple[object, ...]
) -> None:
    bring_in(database, write(tmp_path, content))
    assert values(database, "file") == [expected]


def test_one_field_is_not_cut_at_its_commas(database: Database, tmp_path: Path) -> None:
    bring_in(database, write(tmp_path, "name\nhello, world\nfoo\nbar\n"))
    assert values(database, "file") == [("hello, world",), ("foo",), ("bar",)]


def test_years_can_be_names_of_fields(tmp_path: Path) -> None:
    path = write(tmp_path, "country,1990,1991\nFrance,5.1,5.2\n")
    names = [column.name for column in read_preview(path, path.name).columns]
    assert names == ["country", "1990", "1991"]


def test_late_short_records_and_letters_are_said(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n" + b"word,word\n" * 120_000 + b"caf\xe9\n")
    remarks = bring_in(database, path).remarks
    assert len(remarks) == 2
    assert "1 record has fewer" in remarks[0]
    assert "Windows-1252" in remarks[1]


def test_no_byte_becomes_a_question_mark(database: Database, tmp_path: Path) -> None:
    bring_in(database, write(tmp_path, b"a\ncaf\xe9 \x81\n"))
    assert values(database, "file") == [("café \x81",)]


def test_a_gzip_file_comes_in_and_a_damaged_one_does_not(
    database: Database, tmp_path: Path
) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,x\n" * 1000)
    path = write(tmp_path, packed, "town.csv.gz")
    result = bring_in(database, path)
    assert (result.table, result.records) == ("town", 1000)
    cut = write(tmp_path, packed[:-12], "cut.csv.gz")
    with pytest.raises(ImportRefused, match="damaged"):
        read_preview(cut, cut.name)


@pytest.mark.slow
def test_wider_and_wider_records_take_one_more_attempt(database: Database, tmp_path: Path) -> None:
    wide = "".join(",".join("z" * (number // 20 + 2)) + "\n" for number in range(400))
    path = write(tmp_path, "a,b\n" + "1,2\n" * 151_000 + wide)
    starts: list[int] = []

    def note(progress: Progress) -> None:
        starts.append(progress.records)

    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    plan = ImportPlan(path, path.name, found.options, "t", columns)
    result = run_import(database, plan, note)
    assert starts.count(starts[0]) == 2
    assert (result.records, len(database.table("t").fields)) == (151_400, 1 + 21)


@pytest.mark.parametrize(
    "options", [ReadOptions(encoding="nonsense"), ReadOptions(delimiter="ab")], ids=str
)
def test_an_unknown_option_is_refused_with_a_sentence(tmp_path: Path, options: ReadOptions) -> None:
    path = write(tmp_path, "a\n1\n")
    with pytest.raises(ImportRefused, match=r"is not .* Nothing was imported\."):
        read_preview(path, path.name, options)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ImportRefused, match="device"):
        read_preview(tmp_path / "pipe.csv", "pipe.csv")


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"a,b\n1,2\n")])
def test_a_file_that_goes_or_changes_on_the_way_leaves_nothing_behind(
    database: Database, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    path = write(tmp_path, "a,b\n" + "1,x\n" * 300_000)
    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    harmed: list[object] = []

    def once(_: Progress) -> None:
        if not harmed:
            harmed.append(harm(path))

    with pytest.raises(ImportRefused):
        run_import(database, ImportPlan(path, path.name, found.options, "t", columns), once)
    assert database.tables() == ()


def test_a_long_first_value_is_read_in_a_program_that_just_started(tmp_path: Path) -> None:
    """The csv module's limit is the whole program's: other tests may have raised it already."""
    path = write(tmp_path, "a,b\n1," + "x" * 300_000 + "\n")
    code = (
        "import sys; from pathlib import Path; from myapp.exchange import read_preview;"
        "print(len(read_preview(Path(sys.argv[1]), 'f').records[0][1]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "300000"


@settings(deadline=None)
@given(st.lists(st.text("0123456789.-+eE, ", max_size=6), min_size=1, max_size=5))
def test_the_quick_look_at_numbers_never_passes_what_is_none(texts: list[str]) -> None:
    if are_plain_numbers(texts):
        assert all(NUMBER.fullmatch(text) for text in texts if text)
        assert all(str(float(text)) for text in texts if text)


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.just(""),
            st.datetimes().map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"),
            st.from_regex(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", fullmatch=True),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_quick_look_at_moments_agrees_with_the_slow_one(texts: list[str]) -> None:
    slow = all(read_datetime(text) == text for text in texts if text)
    assert are_plain_datetimes(texts) == slow


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1a"), max_size=12)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    escape=st.sampled_from(["", "\\"]),
)
def test_any_dialect_reads_back_the_same(
    rows: list[list[str]],
    delimiter: str,
    quoting: int,
    ends: str,
    escape: str,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=delimiter,
        quoting=quoting,  # type: ignore[arg-type]
        lineterminator=ends if quoting == csv.QUOTE_ALL else "\r\n",
        escapechar=escape or None,
        doublequote=not escape,
    )
    writer.writerows([["a", "b", "c"], *rows])
    from myapp.exchange.records import Records

    options = ReadOptions(encoding="utf-8", delimiter=delimiter, escape=escape)
    read = Records(io.StringIO(text.getvalue(), newline=""), "any", options)
    assert list(read.rows())[1:] == rows


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text('ab1,;\t"\\\r\n .#=é\0', max_size=120).map(str.encode),
    )
)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(content)
    try:
        found = read_preview(path, path.name)
    except AppError:
        return
    assert {len(record) for record in found.records} <= {len(found.columns)}
