"""What each role reaches of our own application: every address, found from the URL map."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from myapp.desktop.network_guard import JOIN, ROLE
from myapp.web import create_app
from myapp.web.access import ALLOWED, make_allows
from tests.conftest import Program, wait_until
from tests.desktop.hostile.test_every_address import ADDRESSES, CHANGES

from .shared import Device, Owner

READS_BY_POST = (
    "/export/start",
    "/export/choose",
    "/export/1/cancel",
    "/tables/Books/print/chosen",
)
NOT_FROM_THE_NETWORK = (
    "/backups/",
    "/backups/make",
    "/backups/restore",
    "/browse",
    "/copies/new",
    "/copies/make",
    "/copies/made",
    "/open",
    "/history/forget",
    "/history/limit",
    "/location-known",
)


def content(program: Program) -> str:
    file = next(Path(program.data).glob("*.sqlite"))
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def ask(device: Device, method: str, path: str) -> int:
    return device.get(path).status if method == "GET" else device.post(path).status


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=lambda each: each)
def test_a_viewer_changes_nothing(
    ours: tuple[Program, Owner], devices: dict[str, Device], method: str, path: str
) -> None:
    before = content(ours[0])
    status = ask(devices["viewer"], method, path)
    assert (status != 403) == (path in READS_BY_POST)
    assert content(ours[0]) == before


@pytest.mark.parametrize("path", NOT_FROM_THE_NETWORK)
@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_what_is_this_computers_own_is_for_no_device(
    devices: dict[str, Device], role: str, path: str
) -> None:
    methods = {method for method, each in ADDRESSES if each == path}
    assert methods
    for method in methods:
        assert ask(devices[role], method, path) == 403


def test_every_address_is_thought_about_and_the_roles_widen() -> None:
    """A new address is closed to the network until it stands in one of the sets."""
    endpoints = {rule.endpoint for rule in create_app("/nowhere").url_map.iter_rules()}
    assert ALLOWED["viewer"] < ALLOWED["editor"] < ALLOWED["owner"] < endpoints
    closed = endpoints - ALLOWED["owner"]
    assert closed == {
        *("backups.show", "backups.make", "backups.restore", "files.open_path"),
        *("browsing.show", "copies.choose", "copies.make", "copies.made"),
        "copies.add_folder",
        *("history.forget", "history.limit", "home.know_location"),
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/tables/Books/records/1"),
        ("POST", "//tables/Books/records/1"),
        ("POST", "/tables/Books/records/1/"),
        ("PUT", "/tables/Books/records/1"),
        ("DELETE", "/tables/Books"),
        ("POST", "/nowhere"),
        ("POST", "/"),
        ("GET", "/tables/Books/records/new"),
        ("GET", "/tables/Books/drop"),
        ("GET", "/backups/"),
        ("HEAD", "/backups/"),
        ("OPTIONS", "/backups/"),
    ],
)
def test_a_viewer_is_not_allowed(method: str, path: str) -> None:
    assert not make_allows(create_app("/nowhere"))("viewer", method, path)


@pytest.mark.parametrize("path", ["/", "/tables/Books", "/nowhere", "/static/css/main.css"])
def test_a_viewer_may_look(path: str) -> None:
    allows = make_allows(create_app("/nowhere"))
    assert allows("viewer", "GET", path)
    assert allows("viewer", "HEAD", path)
    assert not allows("nobody", "GET", "/")


def test_an_editor_changes_records_under_the_devices_name(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    editor = devices["editor"]
    saved = editor.post_json("/tables/Books/records/1", {"values": {"Title": "By a device"}})
    assert saved.status == 200, saved.text
    page = ours[0].get("/history").text
    newest = re.search(r'<li class="list-item is-plain">(.*?)</li>', page, re.DOTALL)
    assert newest is not None
    assert "The editor · " in newest[1]
    assert "The editor · " in ours[0].get("/tables/Books/records/1/history").text
    assert editor.post("/undo").status == 303
    assert "taken back by The editor" in ours[0].get("/history").text


def test_an_editor_cannot_undo_what_others_did(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    """Undo would otherwise reach what the role does not: the making of a table, say."""
    assert ours[0].post("/new-table", {"name": "Kept", "field": "A", "kind": "text"}).status == 303
    answer = devices["editor"].post_json("/undo", {})
    assert answer.status == 403
    assert "made by the owner at the computer" in answer.text
    assert "Kept" in ours[0].get("/").text
    assert 'action="/undo"' not in devices["editor"].get("/history").text
    assert 'action="/undo"' in devices["owner"].get("/history").text
    assert ours[0].post("/undo").status == 303


def test_a_refused_script_is_told_why_in_a_sentence(devices: dict[str, Device]) -> None:
    """Such as that of a page that was open when the role was taken away; forms get a way on."""
    viewer = devices["viewer"]
    answer = viewer.post_json("/tables/Books/records/1", {"values": {"Title": "No"}})
    assert (answer.status, json.loads(answer.text)["error"]) == (403, ROLE.sentence)
    stranger = Device(viewer.origin).ask("GET", "/changes", None, {"Accept": "application/json"})
    assert (stranger.status, json.loads(stranger.text)["error"]) == (403, JOIN.sentence)
    for page in (viewer.post("/tables/Books/records/1/edit"), viewer.get("/backups/")):
        assert page.status == 403
        assert 'href="/"' in page.text


def test_an_owner_shapes_tables_from_a_device(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    made = {"name": "From afar", "field": "A", "kind": "text"}
    assert devices["editor"].post("/new-table", made).status == 403
    assert devices["owner"].post("/new-table", made).status == 303
    assert "The owner · " in ours[0].get("/history").text
    assert ours[0].post("/undo").status == 303


def test_an_owner_alone_orders_the_tables(devices: dict[str, Device]) -> None:
    for role, status in (("viewer", 403), ("editor", 403), ("owner", 200)):
        assert devices[role].get("/table-order").status == status
        assert ("/table-order" in devices[role].get("/table-order").text) == (role == "owner")
    moved = {"up": "Books"}
    assert devices["editor"].post("/table-order/move", moved).status == 403
    assert devices["editor"].post("/table-order/by-name", {}).status == 403
    assert devices["owner"].post("/table-order/move", moved).status == 303


def test_an_import_is_of_who_began_it(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    """It runs in a thread of its own, which must not forget that."""
    device = devices["owner"]
    address = device.post("/paste", {"cells": "A\tB\n1\t2\n3\t4\n"}).headers["location"]
    assert device.post(f"{address}/start", {"mode": "new", "name": "Pasted"}).status == 303
    wait_until(lambda: "Pasted" in ours[0].get("/history").text, "Pasted")
    page = ours[0].get("/history").text
    newest = re.search(r'<li class="list-item is-plain">(.*?)</li>', page, re.DOTALL)
    assert newest is not None
    assert "Pasted" in newest[1]
    assert "The owner · " in newest[1]
    assert ours[0].post("/undo").status == 303


def test_a_database_file_of_a_device_does_not_take_the_open_ones_place(
    ours: tuple[Program, Owner], devices: dict[str, Device], tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE strange (a TEXT)")
    connection.close()
    device = devices["owner"]
    body = (
        '--x\r\nContent-Disposition: form-data; name="_token"\r\n\r\n'
        f"{device.token}\r\n"
        '--x\r\nContent-Disposition: form-data; name="file"; filename="other.sqlite"\r\n\r\n'
        f"{other.read_bytes().decode('latin-1')}\r\n--x--\r\n"
    ).encode("latin-1")
    headers = {"Origin": device.origin, "Content-Type": "multipart/form-data; boundary=x"}
    answer = device.ask("POST", "/files", body, headers)  # type: ignore[arg-type]
    assert answer.status == 303
    assert answer.headers["location"].startswith("/import/")
    assert "Books" in ours[0].get("/").text


def test_pages_for_a_device_offer_what_its_role_may_do(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    for role, device in devices.items():
        home, table = device.get("/").text, device.get("/tables/Books").text
        for page in (home, table):
            assert "/_desktop/quit" not in page
            assert "/_desktop/share" not in page
            assert str(ours[0].data) not in page
            assert "manifest.webmanifest" in page
        assert "/backups/" not in home
        assert ("New table" in home) == (role == "owner")
        assert ("data-grid-add" in table) == (role != "viewer")
        assert ("Delete the table" in table) == (role == "owner")


@pytest.mark.parametrize(
    "path", ["..%2f..%2fdevices.json", "../devices.json", "%2e%2e/session.key"]
)
def test_no_path_leads_out_of_the_static_folder(devices: dict[str, Device], path: str) -> None:
    assert devices["owner"].get(f"/static/{path}").status == 404
    assert devices["owner"].get(f"/static/css/{path}").status == 404


def test_an_open_page_can_ask_what_it_may_still_do(devices: dict[str, Device]) -> None:
    told = {role: json.loads(devices[role].get("/standing").text) for role in ("viewer", "editor")}
    assert told["viewer"]["why"] == "this device joined as a viewer."
    assert told["editor"]["why"] is None
    assert told["editor"]["token"] == devices["editor"].token


def test_open_pages_can_ask_cheaply_whether_anything_changed(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    before = devices["viewer"].get("/changes").text
    assert devices["viewer"].get("/changes").text == before
    devices["editor"].post_json("/tables/Books/records/1", {"values": {"Title": "New"}})
    assert devices["viewer"].get("/changes").text != before
    assert devices["editor"].post("/undo").status == 303
