"""Searching everywhere, with an index and without, as a person does it."""

import re
from pathlib import Path

import apsw
import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import (
    CreateTable,
    Database,
    IndexProgress,
    InsertRecord,
    Kind,
    LinkTo,
    NewField,
    build_index,
    list_indexes,
    open_database,
)
from myapp.web import create_app
from myapp.web.index_jobs import IndexJob
from myapp.web.workspace import Workspace
from tests.conftest import LIMIT, wait_until

AWKWARD = 'a/b ~s "quote" <b>🐘'


@pytest.fixture
def opened(app: Flask) -> Database:
    database = workspace_of(app).database()
    database.apply(CreateTable(AWKWARD, (NewField("<name>", Kind.TEXT), NewField("b", Kind.TEXT))))
    for name in ("Zoë <i>Blum</i>", "Anna"):
        database.apply(InsertRecord(AWKWARD, {"<name>": name, "b": "Lyon"}))
    return database


def workspace_of(app: Flask) -> Workspace:
    found = app.extensions["workspace"]
    assert isinstance(found, Workspace)
    return found


def wait_for_jobs(app: Flask) -> None:
    wait_until(lambda: not workspace_of(app).at_work(), "the end of its work")


def make(client: FlaskClient, table: str, **form: str) -> str:
    """Make search fast; gives the address of the progress."""
    answer = client.post("/search/indexes/make", data={"table": table, **form})
    assert answer.status_code == 303
    return answer.location


def test_results_mark_the_words_and_lead_to_records_and_the_table(
    client: FlaskClient, app: Flask, opened: Database
) -> None:
    make(client, AWKWARD, q="")
    wait_for_jobs(app)
    page = client.get("/search?q=LYON+zoe").text
    assert "&lt;name&gt;: <mark>Zoë</mark> &lt;i&gt;Blum" in page
    assert "b: <mark>Lyon</mark>" in page
    assert re.search(r'<span class="quiet">1 record</span></h2>', page)
    (record,) = re.findall(r'class="list-item" href="([^"]+)"', page)
    assert "Lyon" in client.get(record).text
    (all_of_it,) = re.findall(r'<a class="wrap" href="([^"]+)">Show all in', page)
    assert client.get(all_of_it.replace("&amp;", "&")).status_code == 200


def test_without_an_index_search_finds_inside_words(client: FlaskClient, opened: Database) -> None:
    assert "Z<mark>oë</mark>" in client.get("/search?q=oë").text


@pytest.mark.parametrize("words", ['"', "a AND", "NEAR(a", "*", "🐘", "-", "(", "x" * 5000])
def test_no_search_ends_in_a_failure(
    client: FlaskClient, app: Flask, opened: Database, words: str
) -> None:
    for _ in range(2):
        page = client.get("/search", query_string={"q": words})
        assert page.status_code == 200
        assert "Make search fast" in page.text
        make(client, AWKWARD, q="")
        wait_for_jobs(app)


def test_what_is_found_first_is_sent_before_the_search_goes_on(
    client: FlaskClient, app: Flask, opened: Database
) -> None:
    opened.apply(CreateTable("zz", (NewField("a", Kind.TEXT),)))
    page = client.get("/search?q=lyon", buffered=False)
    sent = ""
    for part in page.iter_encoded():
        sent += part.decode()
        if "Anna" in sent and "late" not in sent and not opened.count_quickly("zz"):
            opened.apply(InsertRecord("zz", {"a": "Lyon, found late"}))
    assert sent.index("Anna") < sent.index("found late")


def test_an_index_is_made_and_dropped_from_the_search_page(
    client: FlaskClient, app: Flask, opened: Database
) -> None:
    assert "Make search fast<span" in client.get("/search").text
    progress = make(client, AWKWARD, q="anna")
    wait_for_jobs(app)
    assert client.get(f"{progress}/progress").json is not None
    done = client.get(progress)
    assert done.location == "/search?q=anna"
    assert "is fast to search" in client.get(done.location).text
    dropped = client.post("/search/indexes/drop", data={"table": AWKWARD, "q": "anna"})
    assert dropped.location == "/search?q=anna"
    assert "Make search fast<span" in client.get("/search").text


def test_an_index_is_made_and_dropped_from_the_menu_of_the_table(
    client: FlaskClient, app: Flask, opened: Database
) -> None:
    progress = make(client, AWKWARD)
    wait_for_jobs(app)
    table = client.get(progress).location
    assert "Drop the index" in client.get(table).text
    assert client.post("/search/indexes/drop", data={"table": AWKWARD}).location == table
    assert "Make search fast" in client.get(table).text


def many(database: Database, records: int = 60_000) -> None:
    with database.stage("many", [NewField("a", Kind.TEXT)]) as staging:
        staging.append((f"record {n} of many words that take a while",) for n in range(records))
        staging.finish()


def hold_each_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its middle, until it is told to stop."""

    def note(job: IndexJob, progress: IndexProgress) -> None:
        job.progress = progress
        if progress.records:
            assert job.stop.wait(LIMIT)

    monkeypatch.setattr(IndexJob, "note", note)


def test_a_build_shows_its_progress_and_leaves_nothing_when_cancelled(
    client: FlaskClient, app: Flask, opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(opened)
    hold_each_build(monkeypatch)
    with opened.write_lock:  # nor can it begin
        progress = make(client, "many", q="")
        assert "Making search in many fast" in client.get(progress).text
        assert make(client, "many", q="") == progress
        now = client.get(f"{progress}/progress").json
        assert now is not None and now["running"] and 0 <= now["part"] < 1
        assert "is being indexed" in client.get("/search").text
        assert workspace_of(app).at_work() == "many is being made fast to search."
    assert client.post(f"{progress}/cancel").status_code == 303
    assert workspace_of(app).at_work() is None
    with opened.reading() as connection:
        assert not connection.execute(
            "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_[sc]*'"
        ).fetchall()


def test_a_build_that_the_end_of_the_program_cut_short_goes_on_at_the_next_start(
    client: FlaskClient,
    app: Flask,
    opened: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many(opened)
    with monkeypatch.context() as held:
        hold_each_build(held)
        make(client, "many", q="")
        workspace_of(app).close()
    between = open_database(opened.path)
    assert not list_indexes(between)["many"].ready
    between.close()
    again = create_app(instance_path=str(tmp_path / "data"))
    second = again.test_client()
    assert second.get("/").status_code == 200
    wait_for_jobs(again)
    assert "is fast to search" in second.get("/search").text
    assert "<mark>59999</mark>" in second.get("/search?q=59999").text
    workspace_of(again).close()


def test_what_was_changed_in_bulk_is_taken_in_by_the_next_search(
    client: FlaskClient, app: Flask, opened: Database
) -> None:
    many(opened, 3000)
    build_index(opened, "many")
    other = apsw.Connection(str(opened.path))
    other.execute("UPDATE many SET a = 'theirs'")
    assert "more than 1,000 records" in client.get("/search?q=theirs").text
    wait_for_jobs(app)
    assert other.execute("SELECT count(*) FROM _myapp_changed_1").fetchall() == [(0,)]
    other.close()
    assert "more than 1,000 records" in client.get("/search?q=theirs").text


def test_another_file_is_opened_while_an_index_is_built(
    client: FlaskClient, app: Flask, opened: Database, tmp_path: Path
) -> None:
    many(opened)
    with opened.write_lock:
        make(client, "many", q="")
    other = tmp_path / "other.db"
    theirs = apsw.Connection(str(other))
    theirs.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
    theirs.close()
    before = other.read_bytes()
    workspace_of(app).open(other)
    assert client.get("/search?q=x").status_code == 200
    assert other.read_bytes() == before
    workspace_of(app).open(opened.path)
    wait_for_jobs(app)
    assert "is fast to search" in client.get("/search").text


def test_a_table_that_cannot_have_an_index_says_so(client: FlaskClient, opened: Database) -> None:
    other = apsw.Connection(str(opened.path))
    other.execute("CREATE TABLE bare (a TEXT)")
    other.close()
    assert "in bare" not in client.get("/search").text
    page = client.get(make(client, "bare", q="")).text
    assert "cannot be made faster" in page
    assert client.get("/search/indexes/nothing").status_code == 400


def test_a_record_without_a_name_is_found_under_its_number(client: FlaskClient, app: Flask) -> None:
    """Its first value may be the key of another record: ten hits were called “1”."""
    database = workspace_of(app).database()
    database.apply(CreateTable("Song", (NewField("Name", Kind.TEXT),)))
    database.apply(InsertRecord("Song", {"Name": "Love"}))
    link = NewField("Song", Kind.INTEGER, link=LinkTo("Song"))
    database.apply(CreateTable("Sale", (link, NewField("Price", Kind.DECIMAL))))
    for _ in range(2):
        database.apply(InsertRecord("Sale", {"Song": "1", "Price": "2"}))
    page = client.get("/search?q=love").text
    assert re.findall(r'list-name">([^<]+)<', page)[:3] == ["Record 1", "Record 2", "Love"]


def test_a_search_for_nothing_says_what_to_do(client: FlaskClient) -> None:
    assert "Type words above" in client.get("/search").text


def test_tables_are_found_by_their_names(client: FlaskClient, app: Flask) -> None:
    """A file may have a thousand of them, and the first page lists them all."""
    database = workspace_of(app).database()
    for name in ("Cafés of Lyon", "Lyon"):
        database.apply(CreateTable(name, (NewField("Name", Kind.TEXT),)))
    page = client.get("/search?q=LYON+cafe").text
    assert re.findall(r'list-name">([^<]+)<', page)[:1] == ["Cafés of Lyon"]
    page = client.get("/search?q=lyon").text
    assert re.findall(r'list-name">([^<]+)<', page)[:2] == ["Lyon", "Cafés of Lyon"]
    assert "Tables" not in client.get("/search?q=Paris").text.split("<main")[1].split("<details")[0]
