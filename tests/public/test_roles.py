"""What each role may do: every address there is, asked by crafted requests of each of them."""

import io
import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from myapp.accounts import Role
from myapp.public.policy import EDITOR, NEVER, OPEN, OWNER, VIEWER, allows
from myapp.store import files

from .conftest import Browser, Deployment

FORBIDDEN = 403


def rules_of(public: Deployment) -> list[tuple[str, str, str]]:
    """Every endpoint with a method and an address that leads to it."""
    found = []
    for rule in public.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((rule.endpoint, method, address_of(rule)))
    return found


def address_of(rule: Rule) -> str:
    filled = re.sub(r"<int:[^>]+>", "1", rule.rule)
    filled = filled.replace("<table:table>", "Books").replace("<path:filename>", "icon.svg")
    return re.sub(r"<[^>]+>", "1", filled)


def ask(browser: Browser, method: str, address: str) -> Any:
    return browser.get(address) if method == "GET" else browser.post(address)


def test_every_address_has_a_rule(public: Deployment) -> None:
    """A new one is for nobody until it stands in myapp/public/policy.py."""
    known = OPEN | VIEWER | EDITOR | OWNER | NEVER
    unknown = {rule.endpoint for rule in public.app.url_map.iter_rules()} - known
    assert not unknown, f"say in myapp/public/policy.py who may ask for {sorted(unknown)}"


@pytest.mark.parametrize("endpoint", ["new.thing", None, "", *sorted(NEVER)])
def test_what_is_not_known_nobody_may(endpoint: str | None) -> None:
    assert not any(allows(role, endpoint) for role in (None, *Role))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_every_crafted_request_beyond_a_role_is_refused(public: Deployment, role: Role) -> None:
    owner = public.signed_in("Olga", Role.OWNER)
    owner.post("/sample")
    browser = public.signed_in("Mallory", role)
    asked = 0
    for endpoint, method, address in rules_of(public):
        if not allows(role, endpoint):
            before = state(owner)
            answer = ask(browser, method, address)
            assert answer.status_code == FORBIDDEN, (endpoint, answer.status_code)
            assert state(owner) == before, endpoint
            asked += 1
    assert asked > 40


def state(owner: Browser) -> tuple[int, Any]:
    workspace = owner.app.extensions["workspace"]
    database = workspace.whole_database()
    return database.version(), [account.role for account in people_of(owner)]


def people_of(owner: Browser) -> list[Any]:
    people: list[Any] = owner.app.extensions["accounts"].people.all()
    return people


def test_nothing_but_the_door_is_open_to_who_has_not_signed_in(public: Deployment) -> None:
    browser = public.browser()
    for endpoint, method, address in rules_of(public):
        answer = ask(browser, method, address)
        if endpoint not in OPEN:
            assert answer.status_code == (303 if method == "GET" else 401), endpoint
            assert "<main" not in answer.get_data(as_text=True) or "Signed out" in answer.text


def test_unknown_address_looks_like_a_known_one_from_outside(public: Deployment) -> None:
    browser = public.browser()
    assert browser.get("/tables/None").status_code == browser.get("/nothing").status_code == 303


def test_viewer_reads_everything_and_changes_nothing(public: Deployment) -> None:
    owner = public.signed_in("Olga", Role.OWNER)
    owner.post("/sample")
    viewer = public.signed_in("Vera", Role.VIEWER)
    page = viewer.get("/tables/Books").get_data(as_text=True)
    assert "may look at everything and change nothing" in page
    assert "data-grid-add" not in page and "Delete the table" not in page
    assert viewer.get("/tables/Books/rows").get_json()["total"] == 12
    described = viewer.get("/tables/Books/fields", headers={"Accept": "application/json"})
    assert not any(described.get_json()["may"].values())
    assert "New table" not in viewer.get("/").get_data(as_text=True)
    refused = viewer.send("/tables/Books/records/1", {"values": {"Title": "mine"}})
    assert refused.status_code == FORBIDDEN
    assert "viewer" in refused.get_json()["error"]


def test_viewer_is_refused_by_the_store_as_well(public: Deployment) -> None:
    """Were the policy wrong, the database that a viewer's request gets still could not change."""
    from flask import g

    from myapp.store import CreateTable, ReadOnlyFile
    from myapp.web.workspace import database

    viewer = public.signed_in("Vera", Role.VIEWER)
    found = public.rooms.sessions.find(viewer.cookie())
    with public.app.test_request_context("/"):
        g.session = found
        opened = database()
        for change in (
            lambda: opened.apply(CreateTable("t", ())),
            opened.undo,
            opened.forget_history,
            lambda: opened.stage("t", ()),
        ):
            with pytest.raises(ReadOnlyFile):
                change()


def test_viewer_takes_records_out(public: Deployment) -> None:
    public.signed_in("Olga", Role.OWNER).post("/sample")
    viewer = public.signed_in("Vera", Role.VIEWER)
    viewer.get("/export")
    made = viewer.post("/export/start", {"table": "Books", "format": "csv", "what": "table"})
    assert made.status_code == 303
    file = viewer.get(made.headers["Location"] + "/file")
    assert "Frankenstein" in file.get_data(as_text=True)


def test_editor_changes_records_and_takes_back_only_own_steps(public: Deployment) -> None:
    owner = public.signed_in("Olga", Role.OWNER)
    owner.post("/sample")
    editor = public.signed_in("Edgar", Role.EDITOR)
    refused = editor.post("/undo")
    assert refused.status_code == FORBIDDEN
    assert 'action="/undo"' not in editor.get("/history").get_data(as_text=True)
    added = editor.send("/tables/Books/records", {"values": {"Title": "Ulysses"}})
    assert added.status_code == 200
    assert 'action="/undo"' in editor.get("/history").get_data(as_text=True)
    assert editor.post("/undo").status_code == 303
    assert editor.post("/redo").status_code == 303
    owner.send("/tables/Books/records", {"values": {"Title": "Dune"}})
    assert editor.post("/undo").status_code == FORBIDDEN
    assert owner.get("/tables/Books/rows").get_json()["total"] == 14


def test_editor_takes_back_a_large_file(
    public: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE", 10_000)
    owner = public.signed_in("Olga", Role.OWNER)
    form = {"name": "Photos", "field": "Photo", "kind": "blob"}
    assert owner.post("/new-table", form).status_code == 303
    editor = public.signed_in("Edgar", Role.EDITOR)
    sent = {"file:Photo": (io.BytesIO(bytes(20_000)), "a.bin")}
    assert editor.post("/tables/Photos/records/new", sent).status_code == 303
    assert owner.get("/tables/Photos/rows").get_json()["total"] == 1
    assert editor.post("/undo").status_code == 303
    assert owner.get("/tables/Photos/rows").get_json()["total"] == 0


def test_editor_sees_no_way_to_shape_tables(public: Deployment) -> None:
    public.signed_in("Olga", Role.OWNER).post("/sample")
    editor = public.signed_in("Edgar", Role.EDITOR)
    assert "New table" not in editor.get("/").get_data(as_text=True)
    page = editor.get("/tables/Books").get_data(as_text=True)
    assert "data-grid-add" in page and "Delete the table" not in page
    assert "Add the field" not in editor.get("/tables/Books/fields").get_data(as_text=True)


def test_no_page_tells_a_path_of_the_server(public: Deployment) -> None:
    owner = public.signed_in("Olga", Role.OWNER)
    owner.post("/sample")
    for role, name in ((Role.VIEWER, "Vera"), (Role.EDITOR, "Edgar")):
        browser = public.signed_in(name, role)
        for endpoint, method, address in rules_of(public):
            if method == "GET" and allows(role, endpoint):
                text = browser.get(address).get_data(as_text=True)
                assert str(public.folder) not in text, endpoint


def test_lowered_role_counts_from_the_next_request(public: Deployment, owner: Browser) -> None:
    second = public.signed_in("Otto", Role.OWNER)
    assert second.get("/accounts").status_code == 200
    account = next(each for each in people_of(owner) if each.name == "Otto")
    owner.post(f"/accounts/{account.id}/role", {"role": "viewer"})
    assert second.get("/accounts").status_code == FORBIDDEN
