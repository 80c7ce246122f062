"""A file of every kind of table that SQLite knows: each page of each table answers in words."""

import hashlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

WIDE = ", ".join(f"f{number} INTEGER" for number in range(1999))
NAME = "a \"quoted\" and 'odd' [name]; 😀 %_\\"
ODD = '"' + NAME.replace('"', '""') + '"'
TABLES = {
    "composite": "CREATE TABLE composite (a TEXT, b INTEGER, c, PRIMARY KEY (a, b))",
    "without": "CREATE TABLE without (a TEXT, b INTEGER, c, PRIMARY KEY (b, a)) WITHOUT ROWID",
    "strict": "CREATE TABLE strict (a TEXT NOT NULL, b INTEGER, c ANY) STRICT",
    "generated": "CREATE TABLE generated (a, b, c GENERATED ALWAYS AS (b * 2), d AS (a) STORED)",
    "triggered": "CREATE TABLE triggered (a TEXT, b INTEGER, c)",
    "blobs": "CREATE TABLE blobs (a BLOB, b INTEGER, c)",
    "untyped": "CREATE TABLE untyped (a, b, c)",
    "select": 'CREATE TABLE "select" ("from" TEXT, "where" INTEGER, "" TEXT)',
    NAME: f"CREATE TABLE {ODD} (a TEXT, b INTEGER, {ODD} TEXT)",
    "child": "CREATE TABLE child (a TEXT REFERENCES parent, b INTEGER REFERENCES missing, c)",
    "parent": "CREATE TABLE parent (a TEXT PRIMARY KEY, b INTEGER, c)",
    "dates": "CREATE TABLE dates (a DATE, b DATETIME, c TIMESTAMP)",
    "misfits": "CREATE TABLE misfits (a INTEGER, b BOOLEAN, c DATE)",
    "wide": f"CREATE TABLE wide (a, {WIDE})",
    "rowid": "CREATE TABLE rowid (rowid TEXT, oid TEXT, _rowid_ TEXT)",
    "v": "CREATE VIEW v AS SELECT a, b, c FROM untyped",
    "editable": "CREATE VIEW editable AS SELECT a, b, c FROM untyped",
    "keyed": "CREATE VIEW keyed AS SELECT rowid AS r, a, b, c FROM untyped",
    "broken": "CREATE VIEW broken AS SELECT * FROM nowhere",
    "words": "CREATE VIRTUAL TABLE words USING fts5 (a, b, c)",
    "boxes": "CREATE VIRTUAL TABLE boxes USING rtree (a, b, c)",
}
MORE = (
    "CREATE TRIGGER t AFTER INSERT ON triggered BEGIN UPDATE triggered SET c = 1; END",
    "CREATE TRIGGER u INSTEAD OF UPDATE ON editable BEGIN UPDATE untyped SET b = NEW.b; END",
    "CREATE TRIGGER k INSTEAD OF UPDATE OF a ON keyed BEGIN"
    " UPDATE untyped SET a = NEW.a WHERE rowid = OLD.r; END",
    "CREATE TRIGGER d INSTEAD OF DELETE ON broken BEGIN SELECT 1; END",
    "CREATE INDEX i ON untyped (lower(a), b) WHERE c IS NOT NULL",
    "INSERT INTO dates VALUES ('2026-03-31', '2026-03-31T10:20:30Z', 1774952430),"
    " (2461131.5, '31.03.2026', '10:20'), ('yesterday', 1774952430000, x'00')",
    "INSERT INTO misfits VALUES ('many', 'maybe', 'soon'), (1.5, 7, 99), (x'ff', NULL, '')",
    "INSERT INTO blobs VALUES (zeroblob(300000), 1, x'ff00')",
    "INSERT INTO blobs VALUES (CAST(x'ff' AS TEXT), 2, 'a' || x'00')",
    "INSERT INTO wide (a, f1998) VALUES ('first', 1998)",
)


@pytest.fixture
def torture(tmp_path: Path, client: FlaskClient) -> Path:
    path = tmp_path / "every kind.db"
    connection = sqlite3.connect(path)
    for name, sql in TABLES.items():
        connection.execute(sql)
        if "VIEW" not in sql and name not in ("dates", "misfits", "blobs", "wide", "boxes"):
            quoted = '"' + name.replace('"', '""') + '"'
            columns = {"generated": " (a, b)", "rowid": ""}.get(name, "")
            marks = "'x', 1" if columns else "'x', 1, 'a'"
            connection.execute(f"INSERT INTO {quoted}{columns} VALUES ({marks})")
    for sql in MORE:
        connection.execute(sql)
    connection.commit()
    connection.close()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    return path


PAGES = (
    "",
    "/rows",
    "/rows?start=0&count=50&sort=a",
    "/rows?start=0&count=50&sort=-b&search=x",
    "/fields",
    "/fields/change?field=a",
    "/records/new",
    "/print",
    "?group=a&unit=week",
    "?group=b&unit=quarter",
    "?group=c&unit=day",
    "/rows?filter=[{%22any%22:[[%22a%22,%22not_date%22,%22%22],[%22b%22,%22is_date%22,%22%22]]}]",
)


def test_every_page_of_every_kind_answers_and_the_file_stays_as_it_was(
    client: FlaskClient, torture: Path
) -> None:
    before = hashlib.sha256(torture.read_bytes()).digest()
    assert client.get("/").status_code == 200
    for name in TABLES:
        for page in PAGES:
            address = f"/tables/{quote(name, safe='')}{page}"
            answer = client.get(address, headers={"Accept": "text/html"})
            assert answer.status_code in (200, 400, 404), (address, answer.text[-300:])
            if page in ("", "/rows", "/print") and name != "broken":
                assert answer.status_code == 200, (address, answer.text[-300:])
    assert client.get("/search?q=x").status_code == 200
    assert hashlib.sha256(torture.read_bytes()).digest() == before
    assert sorted(each.name for each in torture.parent.iterdir()) == ["data", torture.name]


def test_all_of_a_thousand_tables_are_shown(client: FlaskClient, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    connection = sqlite3.connect(path)
    connection.execute("BEGIN")
    for number in range(1000):
        connection.execute(f"CREATE TABLE table{number} (id INTEGER PRIMARY KEY, a TEXT)")
    connection.commit()
    connection.close()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    page = client.get("/").text
    assert page.count('href="/tables/table') >= 1000
    assert client.get("/tables/table999/rows").json["total"] == 0  # type: ignore[index]


def test_the_first_page_is_shown_where_a_table_is_damaged(
    client: FlaskClient, tmp_path: Path
) -> None:
    path = tmp_path / "damaged.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bad (a TEXT)")
    connection.execute("CREATE TABLE good (a TEXT)")
    connection.execute("INSERT INTO good VALUES ('x')")
    connection.commit()
    connection.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:8192] = b"\xa5" * 4096
    path.write_bytes(damaged)
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    page = client.get("/")
    assert page.status_code == 200
    assert "/tables/bad" in page.text
    assert "1 record, 1 field" in " ".join(page.text.split())
    assert "damaged" in client.get("/tables/bad/rows").json["error"]  # type: ignore[index]
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_a_file_sorted_by_another_programs_order_is_read(
    client: FlaskClient, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "collection.anki2"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.execute("CREATE TABLE own (t TEXT COLLATE RTRIM UNIQUE, u TEXT COLLATE NOCASE)")
    connection.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a < b))
    connection.execute(
        "CREATE TABLE tags (tag TEXT COLLATE unicase PRIMARY KEY, n INT) WITHOUT ROWID"
    )
    connection.execute("INSERT INTO tags VALUES ('beta', 2), ('Alpha', 1)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    assert "2 records, 2 fields" in " ".join(client.get("/").text.split())
    rows = client.get('/tables/tags/rows?sort=["-n"]').json["rows"]  # type: ignore[index]
    assert [row["cells"] for row in rows] == [["beta", 2], ["Alpha", 1]]
    assert client.get(f"/tables/tags/records/{rows[1]['id']}").status_code == 200
    refused = client.post("/tables/tags/records", json={"values": {"tag": "new"}})
    assert refused.status_code == 400
    assert "the order of texts “unicase”" in refused.json["error"]  # type: ignore[index]
    assert path.read_bytes() == before
