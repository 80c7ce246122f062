"""Values that are not what their field's type says are told apart from those that are."""

import html
import re
import sqlite3
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from myapp.store import Field, Kind, Value
from myapp.web.misfits import misfit_of


@pytest.mark.parametrize(
    ("declared", "kind", "value", "says"),
    [
        ("DATE", Kind.DATE, "soon", "“soon” is not a date"),
        ("DATE", Kind.DATE, "2026-02-30", "“2026-02-30” is not a date"),
        ("DATE", Kind.DATE, 1_700_000_000, "“1700000000” is not a date"),
        ("DATE", Kind.DATE, "2026-02-28 00:00:00", ""),
        ("DATETIME", Kind.DATETIME, "2026-02-28T14:30:00.5Z", ""),
        ("DATETIME", Kind.DATETIME, "2026-02-28 noon", "is not a date and time"),
        ("INTEGER", Kind.INTEGER, "many", "“many” is not a whole number"),
        ("INTEGER", Kind.INTEGER, 2.5, "“2.5” is not a whole number"),
        ("INTEGER", Kind.INTEGER, 2**60, ""),
        ("POINT", Kind.INTEGER, "1 2", ""),
        ("DECIMAL(10,2)", Kind.DECIMAL, "9 €", "“9 €” is not a number"),
        ("REAL", Kind.DECIMAL, b"\x01", "Bytes are not a number"),
        ("GEOMETRY", Kind.DECIMAL, "anything", ""),
        ("BOOLEAN", Kind.BOOLEAN, 2, "“2” is not yes or no"),
        ("BOOLEAN", Kind.BOOLEAN, 1, ""),
        ("DATE", Kind.DATE, "", ""),
        ("DATE", Kind.DATE, None, ""),
        ("DATE", Kind.DATE, "x" * 99, "“" + "x" * 59 + "…” is not a date"),
    ],
)
def test_what_a_value_is_not(declared: str, kind: Kind, value: Value, says: str) -> None:
    told = misfit_of(Field("f", kind, declared), value)
    assert told.endswith(says) if says else told == ""


def test_the_record_page_says_below_the_input_what_its_value_is_not(
    client: FlaskClient, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "foreign.db") as made:
        made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, due DATE, n INTEGER)")
        made.execute("INSERT INTO t VALUES (1, 'soon', 5)")
    made.close()
    client.post("/open", data={"path": str(tmp_path / "foreign.db")})
    page = html.unescape(client.get("/tables/t/records/1", headers={"Accept": "text/html"}).text)
    assert '<p class="quiet wrap" id="f2-misfit">“soon” is not a date.</p>' in page
    (due,) = re.findall(r'<input id="f2"[^>]*>', page)
    assert 'aria-describedby="f2-misfit"' in due
    assert page.count("-misfit") == 3
