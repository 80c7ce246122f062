"""What others change shows on open pages: every process tells of it and holds no connection."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Browser, Deployment
from .serving import Person, Server, invited, serving

LIVE = 'data-changes="/changes"'
WORKERS = 3


def test_pages_of_who_has_signed_in_ask_and_others_do_not(
    public: Deployment, owner: Browser
) -> None:
    assert LIVE in owner.get("/").get_data(as_text=True)
    assert LIVE not in public.browser().get("/sign-in").get_data(as_text=True)
    asked = public.browser().open("GET", "/changes", headers={"Accept": "application/json"})
    assert asked.status_code == 401
    assert "version" not in asked.get_data(as_text=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    pytest.importorskip("gunicorn")
    with serving(tmp_path, MYAPP_WORKERS=str(WORKERS)) as started:
        yield started


@pytest.mark.slow
def test_a_change_of_one_is_told_to_the_other_by_every_process(server: Server) -> None:
    olga = server.person()
    olga.ask("POST", "/sample", {})
    edgar = invited(server, olga, "Edgar", "editor")

    def versions(person: Person) -> set[int]:
        """As many times that every process was asked, most likely."""
        return {json.loads(person.get("/changes")[1])["version"] for _ in range(20)}

    for step in range(5):
        (before,) = versions(olga)
        saved = edgar.send("/tables/Books/records/1", {"values": {"Title": f"By Edgar, {step}"}})
        assert saved[0] == 200
        (now,) = versions(olga)
        assert now != before
        assert f"By Edgar, {step}" in olga.get("/tables/Books/rows?start=0&count=50")[1]
    # What every open page asks each second is no news.
    asked = [line.get("endpoint") for line in server.log if line["event"] == "request"]
    assert "records.edit" in asked
    assert "home.changes" not in asked
