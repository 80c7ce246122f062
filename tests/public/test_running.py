"""What whoever runs the server sees: health, the log, the commands; and what is not loaded."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from myapp.accounts import Role
from myapp.public.agents import name_agent
from myapp.public.logs import start_log

from .conftest import ADDRESS, PASSWORD, Browser, Deployment, environment


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    level = root.level
    handler = start_log(stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_health_says_nothing_but_whether_it_works(public: Deployment) -> None:
    inside = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}, "base_url": "http://localhost"}
    answer = public.browser().get("/health", **inside)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    (public.folder / "tables.sqlite").rename(public.folder / "gone")
    answer = public.browser().get("/health", **inside)
    assert (answer.status_code, answer.get_json()) == (503, {"status": "failing"})


def test_log_tells_who_asked_for_what(owner: Browser, log: io.StringIO) -> None:
    owner.get("/search?q=what-somebody-looks-for")
    (line,) = [each for each in lines(log) if each["event"] == "request"]
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "searching.show", 200)
    assert (line["who"], line["client"]) == ("Olga", "203.0.113.7")
    assert line["ms"] > 0
    assert "what-somebody-looks-for" not in log.getvalue()


def test_log_holds_no_secret(public: Deployment, owner: Browser, log: io.StringIO) -> None:
    page = owner.post("/accounts/invite", {"role": "viewer"}).get_data(as_text=True)
    link = page.partition(f'value="{ADDRESS}')[2].partition('"')[0]
    guest = public.browser()
    guest.get(link)
    guest.post(link, {"name": "Vera", "password": PASSWORD, "again": PASSWORD})
    guest.get(f"{link}/more")
    guest.sign_in("Vera", "a password of somebody")
    public.browser().sign_in("a password as a name", "x")
    said = log.getvalue()
    secrets = (link.rpartition("/")[2], PASSWORD, "a password", owner.cookie(), owner.token)
    for secret in (*secrets, guest.cookie()):
        assert secret and secret not in said
    events = {each["event"] for each in lines(log)}
    assert {"invited", "invitation accepted", "signed in", "not signed in"} <= events


def test_line_of_the_log_is_one_line(public: Deployment, log: io.StringIO) -> None:
    overrides = {"REMOTE_ADDR": "10.0.0.5", "PATH_INFO": '/a\r\n{"event": "forged"}'}
    public.browser().get("/", environ_overrides=overrides)
    logging.getLogger("x").error("said \n{}", extra={"more": {"who": "a\nb"}})
    assert [each["event"] for each in lines(log)] == ["request", "said \n{}"]


def test_refusal_is_logged_with_its_reason(public: Deployment, log: io.StringIO) -> None:
    public.browser().get("/", environ_overrides={"REMOTE_ADDR": "6.6.6.6"})
    assert lines(log)[-1]["refused"] == "peer is no proxy"


def run(folder: Path, *arguments: str, data: Path, typed: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "myapp.public", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        env={**environment(data), "PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_commands_lead_to_a_first_owner(tmp_path: Path) -> None:
    root, data = Path(__file__).resolve().parents[2], tmp_path / "tables.sqlite"
    code, said = run(root, "check", data=data)
    assert code == 1 and "tables.sqlite is missing" in said
    assert run(root, "prepare", data=data)[0] == 0
    assert data.stat().st_mode & 0o077 == 0
    code, said = run(root, "create-owner", "Olga", data=data, typed="short\n")
    assert code == 1 and "at least 12" in said
    code, said = run(root, "create-owner", "Olga", data=data, typed=f"{PASSWORD}\n")
    assert code == 0 and ADDRESS in said
    code, said = run(root, "create-owner", "--link", data=data)
    assert code == 0 and f"{ADDRESS}/join/" in said


def test_program_on_the_desktop_loads_nothing_of_it() -> None:
    """And a public server nothing of the shell."""
    ask = "import sys, {0}; print([m for m in sys.modules if m.startswith({1!r})])"
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", ask.format(module, others)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for module, others in (
            ("myapp.desktop, myapp.web", ("myapp.public", "myapp.accounts", "argon2", "gunicorn")),
            ("myapp.public, myapp.wsgi", ("myapp.desktop", "waitress", "webview", "argon2")),
        )
    ]
    assert [each.communicate()[0].strip() for each in asked] == ["[]", "[]"]


def test_owner_and_viewer_exist_side_by_side(public: Deployment) -> None:
    """Each request is answered for who asks, also on one connection to the data."""
    public.signed_in("Olga", Role.OWNER).post("/sample")
    owner, viewer = public.browser(), public.signed_in("Vera", Role.VIEWER)
    owner.sign_in("Olga")
    for _ in range(3):
        assert "data-grid-add" in owner.get("/tables/Books").get_data(as_text=True)
        assert "data-grid-add" not in viewer.get("/tables/Books").get_data(as_text=True)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("curl/8.9", "curl/8.9"),
        ("", "A browser without a name"),
    ],
)
def test_browser_is_told_by_its_name(agent: str, name: str) -> None:
    assert name_agent(agent) == name
