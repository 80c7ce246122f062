"""What a scanned code leads to, and under which policy codes are read."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from myapp.store import CreateTable, InsertRecord, Kind, NewField
from myapp.web.access import ALLOWED
from myapp.web.workspace import Workspace

EAN = "4006381333931"


@pytest.fixture
def shop(client: FlaskClient) -> FlaskClient:
    found = client.application.extensions["workspace"]
    assert isinstance(found, Workspace)
    fields = (NewField("Name", Kind.TEXT), NewField("EAN", Kind.TEXT))
    for table in ("Items", "Old <items>"):
        found.database().apply(CreateTable(table, fields))
    for name in ("Tea", "Tea in bags"):
        found.database().apply(InsertRecord("Items", {"Name": name, "EAN": EAN[: len(name) + 4]}))
    return client


def ask(client: FlaskClient, text: str, table: str | None = None) -> dict[str, object]:
    found = client.get("/code", query_string={"text": text, **({"table": table} if table else {})})
    assert found.status_code == 200
    told: dict[str, object] = found.get_json()
    return told


def test_the_only_record_with_the_code_is_found_in_any_table(shop: FlaskClient) -> None:
    page = {"found": "/tables/Items/records/1", "several": False, "add": []}
    assert ask(shop, EAN[:7], "Items") == page
    assert ask(shop, f" {EAN[:7]} ") == page
    assert ask(shop, EAN[:7], "Old <items>")["found"] is None


def test_several_records_are_left_to_the_search(shop: FlaskClient) -> None:
    shop.post("/tables/Old <items>/records", json={"values": {"EAN": EAN[:7]}})
    assert ask(shop, EAN[:7]) == {"found": None, "several": True, "add": []}


def test_a_code_that_is_nowhere_is_offered_to_new_records(shop: FlaskClient) -> None:
    code = '<b>"9"&x'
    offered = ask(shop, code)["add"]
    assert isinstance(offered, list)
    assert [each["table"] for each in offered] == ["Items", "Old <items>"]
    page = shop.get(offered[1]["address"])
    assert page.status_code == 200
    assert "&lt;b&gt;&#34;9&#34;&amp;x</textarea>" in page.text


def test_a_viewer_may_find_and_is_offered_nothing_to_add(shop: FlaskClient) -> None:
    as_viewer = {"desktop.role": "viewer", "desktop.device": "Till"}
    found = shop.get("/code", query_string={"text": "nowhere"}, environ_overrides=as_viewer)
    assert found.get_json() == {"found": None, "several": False, "add": []}
    assert "scanning.find" in ALLOWED["viewer"]


def test_a_table_that_is_not_there_is_told(shop: FlaskClient) -> None:
    assert shop.get(f"/code?text=1&table={quote('Nö')}").status_code == 404


def test_only_the_worker_that_reads_codes_may_compile_them(shop: FlaskClient) -> None:
    """Relaxed for one file, which no page runs in itself."""
    worker = policy(shop, "/static/scan/reader.js")
    assert "script-src 'self' 'wasm-unsafe-eval'" in worker
    assert "default-src 'none'" in worker
    for path in ("/", "/tables/Items", "/static/scan/scan.js", "/static/js/main.js"):
        assert "wasm" not in policy(shop, path)


def policy(client: FlaskClient, path: str) -> str:
    with client.get(path) as answer:
        return answer.headers["Content-Security-Policy"]
