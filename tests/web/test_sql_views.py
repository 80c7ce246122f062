"""Pages of SQL views: what can be done with their records is offered, and nothing else."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

NAME = "a \"quoted\" and 'odd' [name]; 😀 %_\\/"
ODD = '"' + NAME.replace('"', '""') + '"'
SHOP = f"""
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, author INTEGER REFERENCES author,
  photo BLOB);
INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO book VALUES (1, 'Alps', 1, x'89504e470d0a1a0a'), (2, 'Birds', 1, NULL),
  (3, 'Clouds', 2, NULL);
CREATE VIEW {ODD} AS SELECT id, title AS {ODD}, author, photo FROM book WHERE title <> 'gone';
CREATE TRIGGER i INSTEAD OF INSERT ON {ODD} BEGIN
  INSERT INTO book (title, author) VALUES (NEW.{ODD}, NEW.author); END;
CREATE TRIGGER u INSTEAD OF UPDATE OF {ODD} ON {ODD} BEGIN
  UPDATE book SET title = NEW.{ODD} WHERE id = OLD.id; END;
CREATE TRIGGER d INSTEAD OF DELETE ON {ODD} BEGIN DELETE FROM book WHERE id = OLD.id; END;
CREATE VIEW titles AS SELECT id, title FROM book;
CREATE TRIGGER t INSTEAD OF UPDATE ON titles BEGIN
  UPDATE book SET title = NEW.title WHERE id = OLD.id; END;
CREATE VIEW bins AS SELECT id, title FROM book;
CREATE TRIGGER b INSTEAD OF DELETE ON bins BEGIN DELETE FROM book WHERE id = OLD.id; END;
CREATE VIEW plain AS SELECT id, title, photo FROM book;
"""
VIEW = f"/tables/{quote(NAME.replace('~', '~~').replace('/', '~s'), safe='')}"


@pytest.fixture
def shop(tmp_path: Path, client: FlaskClient) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(SHOP)
    connection.close()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    return path


def ids(client: FlaskClient, view: str = VIEW) -> list[str]:
    return [row["id"] for row in client.get(f"{view}/rows").get_json()["rows"]]


def titles(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT title FROM book ORDER BY id")]
    connection.close()
    return found


def test_a_cell_of_a_view_is_edited_and_undone(client: FlaskClient, shop: Path) -> None:
    first = ids(client)[0]
    answer = client.post(
        f"{VIEW}/records/{first}", json={"values": {NAME: "Andes"}, "was": {NAME: "Alps"}}
    ).get_json()
    assert (answer["id"], answer["cells"][1], answer["others"]) == (first, "Andes", True)
    assert answer["undo"] == f"Edit {NAME} of {NAME}"
    assert client.post("/undo", headers={"Accept": "application/json"}).get_json()["table"] == NAME
    assert titles(shop)[0] == "Alps"


def test_a_record_that_leaves_the_view_is_told(client: FlaskClient, shop: Path) -> None:
    first, second, _ = ids(client)
    gone = {"values": {NAME: "gone"}, "was": {}}
    answer = client.post(f"{VIEW}/records/{first}", json=gone).get_json()
    assert (answer["id"], answer["cells"]) == (None, None)
    form = {f"was:{NAME}": "Birds", f"f:{NAME}": "gone"}
    saved = client.post(f"{VIEW}/records/{second}/edit", data=form)
    assert saved.status_code == 303
    assert "does not show this record any more." in client.get(saved.location).text


def test_a_field_that_the_triggers_do_not_take_is_told(client: FlaskClient, shop: Path) -> None:
    connection = sqlite3.connect(shop)
    connection.executescript(
        "CREATE TABLE log (at); CREATE VIEW long AS SELECT id, title, length(title) AS n FROM book;"
        "CREATE TRIGGER l INSTEAD OF UPDATE ON long BEGIN INSERT INTO log VALUES (1);"
        " UPDATE book SET title = NEW.title WHERE id = OLD.id; END"
    )
    connection.close()
    first = ids(client, "/tables/long")[0]
    edit = {"values": {"title": "Andes", "n": "9"}, "was": {"title": "Alps", "n": 4}}
    answer = client.post(f"/tables/long/records/{first}", json=edit).get_json()
    assert (answer["cells"], answer["kept"]) == ([1, "Andes", 5], [])
    only = {"values": {"n": "9"}, "was": {"n": 5}}
    assert client.post(f"/tables/long/records/{first}", json=only).get_json()["kept"] == ["n"]
    form = {"was:title": "Andes", "f:title": "Alpen", "was:n": "5", "f:n": "9"}
    saved = client.post(f"/tables/long/records/{first}/edit", data=form)
    page = client.get(saved.location).text
    assert "Saved. “n” stayed as it was: the triggers of long do not take it." in page
    assert "Alpen" in page


def test_the_record_page_offers_what_there_are_triggers_for(
    client: FlaskClient, shop: Path
) -> None:
    first = ids(client)[0]
    page = client.get(f"{VIEW}/records/{first}").text
    assert all(word in page for word in ("Delete this record", "Duplicate", ">Save</button>"))
    assert ">History</a>" not in page.partition("</form>")[2]
    assert 'value="Ann" readonly' in page  # the trigger takes titles alone
    assert page.count("(cannot be edited)") == 2
    new = client.get(f"{VIEW}/records/new?from={first}").text
    assert ">Alps</textarea>" in new.replace("\n", "")
    assert 'value="Ann"  ' in new
    made = client.post(f"{VIEW}/records/new", data={f"f:{NAME}": "Eels", "f:author": "Bob"})
    assert made.status_code == 303
    assert "Eels" in client.get(made.location).text
    assert client.post(f"{VIEW}/records/{first}/delete").status_code == 303
    assert titles(shop) == ["Birds", "Clouds", "Eels"]


def test_a_page_offers_nothing_that_is_refused(client: FlaskClient, shop: Path) -> None:
    titles_page, bins = client.get("/tables/titles").text, client.get("/tables/bins").text
    assert "data-grid-add" not in titles_page
    assert "data-grid-delete" not in titles_page
    assert "data-grid-undo" in titles_page
    assert "Records cannot be deleted here: it is an SQL view" in titles_page
    assert "data-grid-delete" in bins
    assert "Name of the table" not in titles_page
    described = client.get("/tables/bins/fields", headers={"Accept": "application/json"}).get_json()
    assert described["may"] == {"add": False, "edit": False, "delete": True}
    record = client.get(f"/tables/bins/records/{ids(client, '/tables/bins')[0]}").text
    assert "can only be read: it is an SQL view that has no INSTEAD OF UPDATE trigger." in record
    assert ">Save</button>" not in record
    assert "Delete this record" in record
    assert "Duplicate" not in record
    new = client.get("/tables/titles/records/new").text
    assert "has no INSTEAD OF INSERT trigger" in new


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/tables/titles/records", {"values": {"title": "x"}}),
        ("/tables/titles/records/delete", {"ids": ["kWzFd"]}),
        ("/tables/titles/records/delete-view", {"view": "", "count": 3}),
        ("/tables/titles/records/many", {"records": [{"id": None, "values": {"title": "x"}}]}),
        ("/tables/bins/records/kWzFd", {"values": {"title": "x"}}),
        ("/tables/bins/records/fill", {"ids": ["kWzFd"], "field": "title", "text": "x"}),
        ("/tables/plain/records/n0", {"values": {"title": "x"}}),
        (f"{VIEW}/records/kWzFd", {"values": {"author": "2"}}),
    ],
)
def test_what_is_not_offered_is_refused_in_words(
    client: FlaskClient, shop: Path, address: str, sent: dict[str, object]
) -> None:
    before = shop.read_bytes()
    answer = client.post(address, json=sent)
    assert answer.status_code == 403
    assert "SQL view" in answer.get_json()["error"]
    assert shop.read_bytes() == before


@pytest.mark.parametrize("id_", ["kW1sxXV0", "kWzk5XQ", "k%F0", "n0", "7", "kW3siYSI6MX1d"])
def test_a_made_up_id_is_refused(client: FlaskClient, shop: Path, id_: str) -> None:
    answer = client.post(f"{VIEW}/records/{id_}", json={"values": {NAME: "x"}, "was": {}})
    assert answer.status_code == 404
    assert "does not exist any more" in answer.get_json()["error"]


def test_a_refused_form_of_a_view_says_why(client: FlaskClient, shop: Path) -> None:
    connection = sqlite3.connect(shop)
    connection.executescript(
        "CREATE TRIGGER no BEFORE UPDATE ON book WHEN NEW.title = 'x' BEGIN"
        " SELECT RAISE(ABORT, 'No such <title>'); END"
    )
    connection.close()
    form = {f"was:{NAME}": "Alps", f"f:{NAME}": "x"}
    answer = client.post(f"{VIEW}/records/{ids(client)[0]}/edit", data=form)
    assert answer.status_code == 422
    assert "No such &lt;title&gt;. Nothing was changed." in answer.text
    answer = client.post(f"{VIEW}/records/new", data={f"f:{NAME}": "Eels", "f:author": "Nobody"})
    assert answer.status_code == 422
    assert "“Nobody” names no record of “author”" in answer.text
    assert "must not be empty" not in answer.text


def test_a_viewer_is_offered_nothing(client: FlaskClient, shop: Path) -> None:
    viewer = {"desktop.role": "viewer", "desktop.device": "Phone"}
    page = client.get(VIEW, environ_overrides=viewer).text
    assert "can only be read: this device joined as a viewer." in page
    assert "data-grid-add" not in page
    described = client.get(
        f"{VIEW}/fields", headers={"Accept": "application/json"}, environ_overrides=viewer
    ).get_json()
    assert described["may"] == {"add": False, "edit": False, "delete": False}
    record = client.get(f"{VIEW}/records/{ids(client)[0]}", environ_overrides=viewer).text
    assert not any(word in record for word in (">Save<", "Duplicate", "Delete this record"))


def test_chosen_records_of_a_view_are_printed_and_their_files_given_out(
    client: FlaskClient, shop: Path
) -> None:
    first, _, third = ids(client)
    chosen = f'{VIEW}/print?ids=["{third}","{first}"]'
    page = client.get(chosen).text
    assert page.index("Alps") < page.index("Clouds")
    assert "Birds" not in page
    assert client.get(f"{VIEW}/records/{first}/print").status_code == 200
    assert client.get("/tables/plain/records/n0").status_code == 200
    for record in (f"{VIEW}/records/{first}", "/tables/plain/records/n0"):
        with client.get(f"{record}/file?field=photo") as file:
            assert file.data == b"\x89PNG\r\n\x1a\n"


def test_a_scanned_code_is_found_in_the_table_and_not_twice(
    client: FlaskClient, shop: Path
) -> None:
    assert client.get("/code?text=Alps").get_json()["found"] == "/tables/book/records/1"
    found = client.get("/code?text=Alps&table=titles").get_json()["found"]
    assert found.startswith("/tables/titles/records/k")


def test_a_record_without_a_name_is_called_by_its_place_or_its_key(
    client: FlaskClient, tmp_path: Path
) -> None:
    path = tmp_path / "nameless.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE pair (a INT, b INT, name TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "INSERT INTO pair VALUES (3, 4, NULL);"
        "CREATE VIEW plain AS SELECT name FROM pair;"
    )
    connection.close()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    for table, wanted in (("plain", "Record 1"), ("pair", "Record 3, 4")):
        (id_,) = ids(client, f"/tables/{table}")
        page = client.get(f"/tables/{table}/records/{id_}").text
        assert f'<h1 class="wrap is-clamped">{wanted}</h1>' in page
        printed = client.get(f"/tables/{table}/records/{id_}/print").text
        assert f">{wanted}<" in printed
