"""Strangers' applications, unchanged, hosted by the real shell on a real port."""

import hashlib
import http.client
import importlib.util
import os
import re
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT, Answer, Program, end_program, start_program

HERE = Path(__file__).parent / "foreign"
SCRIPT = '<script type="module" src="/_desktop/presence.js"'
Host = Callable[[str], Program]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    started = []

    def start(app: str) -> Program:
        program = start_program(tmp_path / "data", "--port", "0", "--stay", "--app", app)
        started.append(program)
        program.enter()
        return program

    yield start
    for each in started:
        end_program(each)


class Visitor:
    """A browser as the server sees it: keeps cookies, sends Origin and Sec-Fetch headers."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.cookies = dict([program.cookie.split("=", 1)])

    def ask(self, method: str, path: str, body: bytes | str | None = None, **more: str) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "text/html,application/xhtml+xml",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        if method == "POST":
            headers["Origin"] = self.program.origin
        connection = http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=LIMIT)
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        for name, value in got.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        answer = Answer(
            got.status, {k.lower(): v for k, v in got.getheaders()}, got.read().decode()
        )
        connection.close()
        return answer

    def get(self, path: str, **more: str) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self.ask(
            "POST",
            path,
            urllib.parse.urlencode(form),
            Content_Type="application/x-www-form-urlencoded",
        )


# --- the shape of Flask's tutorial


def test_a_factory_with_an_instance_database_sessions_and_login(host: Host, tmp_path: Path) -> None:
    program = host("tests.desktop.foreign.diary:create_app")
    visitor = Visitor(program)
    assert visitor.post("/write", {"text": "x"}).status == 403
    assert visitor.post("/people/join", {"name": "Ada", "password": "p"}).status == 302
    assert "Wrong name" in visitor.post("/people/enter", {"name": "Ada", "password": "q"}).text
    assert visitor.post("/people/enter", {"name": "Ada", "password": "p"}).status == 302
    assert visitor.post("/write", {"text": "Dear diary"}).status == 302
    page = visitor.get("/").text
    assert "Diary of Ada" in page
    assert "Dear diary" in page
    assert (tmp_path / "data" / "diary.sqlite").exists()
    # The application's session and the shell's are two cookies, and neither hurts the other.
    assert {"session", program.cookie.partition("=")[0]} <= set(visitor.cookies)


def test_what_it_kept_is_there_at_the_next_start(host: Host) -> None:
    app = "tests.desktop.foreign.diary:create_app"
    first = host(app)
    visitor = Visitor(first)
    visitor.post("/people/join", {"name": "Ada", "password": "p"})
    end_program(first)
    again = Visitor(host(app))
    assert again.post("/people/enter", {"name": "Ada", "password": "p"}).status == 302


def test_its_pages_get_the_presence_script_once_and_its_files_stay_as_they_are(host: Host) -> None:
    visitor = Visitor(host("tests.desktop.foreign.diary"))
    page = visitor.get("/")
    assert page.text.count(SCRIPT) == 1
    assert f"<head>{SCRIPT}" in page.text
    assert int(page.headers["content-length"]) == len(page.text.encode())
    without_head = visitor.get("/people/join").text
    assert without_head.startswith(f"<!DOCTYPE html>\n{SCRIPT}")
    assert visitor.get("/static/style.css").text == "body { max-width: 40rem; }\n"
    fetched = visitor.get("/", Sec_Fetch_Dest="empty", Sec_Fetch_Mode="cors")
    assert SCRIPT not in fetched.text
    framed = visitor.get("/", Sec_Fetch_Dest="iframe")
    assert SCRIPT not in framed.text


def test_a_form_needs_the_exact_origin_and_no_token(host: Host) -> None:
    program = host("tests.desktop.foreign.diary:create_app")
    headers = {"Cookie": program.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    form = "name=Eve&password=p"
    for origin in ("http://evil.example", "null", f"http://localhost:{program.port}"):
        refused = program.ask("POST", "/people/join", form, {**headers, "Origin": origin})
        assert refused.status == 403
    allowed = program.ask("POST", "/people/join", form, {**headers, "Origin": program.origin})
    assert allowed.status == 302


def test_without_a_session_not_even_its_static_files_are_shown(host: Host) -> None:
    program = host("tests.desktop.foreign.diary:create_app")
    for path in ("/", "/static/style.css", "/people/enter"):
        answer = program.ask("GET", path)
        assert answer.status == 403
        assert "diary" not in answer.text.lower()


def test_it_can_be_quit_from_the_shells_own_page(host: Host) -> None:
    program = host("tests.desktop.foreign.diary:create_app")
    visitor = Visitor(program)
    page = visitor.get("/_desktop/")
    assert page.status == 200
    token = re.search(r'name="_token" value="([^"]+)"', page.text)
    assert token
    assert "has ended" in visitor.post("/_desktop/quit", {"_token": token[1]}).text
    assert program.process.wait(LIMIT) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_DATA_HOME moves the data on Linux alone")
def test_tried_beside_the_program_it_is_a_program_of_its_own(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--stay"]
    running = []
    try:
        for more in ([], ["--app", str(HERE / "streams.py")]):
            process = subprocess.Popen(
                [*command, *more], stdout=subprocess.PIPE, text=True, env=environment
            )
            running.append(process)
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            while "/_desktop/enter" not in lines[-1]:
                assert "running already" not in lines[-1]
                lines.append(process.stdout.readline())
    finally:
        for process in running:
            process.terminate()
            process.communicate(timeout=LIMIT)


# --- a prefix, its own rules


def test_a_prefix_blueprints_and_a_before_request_of_its_own(host: Host) -> None:
    visitor = Visitor(host(str(HERE / "shop.py")))
    assert "1 kept" in visitor.get("/shop/goods/").text
    assert "2 kept" in visitor.get("/shop/goods/").text
    assert "added tea" in visitor.post("/shop/goods/", {"name": "tea"}).text
    assert visitor.get("/shop/goods/?closed=1").status == 418
    assert visitor.get("/elsewhere").status == 404
    assert visitor.cookies["_desktop"] == '"the shop\'s own"'
    assert visitor.get("/shop/goods/").status == 200


def test_its_own_routes_of_the_shells_names_are_reached_under_its_prefix(host: Host) -> None:
    visitor = Visitor(host(str(HERE / "shop.py")))
    assert "the shop's own page" in visitor.get("/shop/_desktop/quit").text
    assert visitor.get("/shop/static/presence.js").text == "alert('shop')"


def test_its_own_error_page_is_shown_and_counts_as_an_open_page(host: Host) -> None:
    answer = Visitor(host(str(HERE / "shop.py"))).get("/shop/nothing")
    assert answer.status == 404
    assert "The shop has no such thing." in answer.text
    assert SCRIPT in answer.text


def test_its_policy_lets_in_the_two_addresses_and_nothing_else(host: Host) -> None:
    program = host(str(HERE / "shop.py"))
    visitor = Visitor(program)

    def policy(given: str) -> str:
        query = urllib.parse.urlencode({"policy": given})
        return visitor.get(f"/shop/goods/?{query}").headers["content-security-policy"]

    script, hears = f"{program.origin}/_desktop/presence.js", f"{program.origin}/_desktop/presence"
    got = policy("default-src 'none'; script-src 'none'; frame-ancestors 'self'")
    assert got == (
        f"default-src 'none'; script-src {script}; frame-ancestors 'self'; connect-src {hears}"
    )
    assert policy("default-src 'self'; frame-ancestors 'self'") == (
        "default-src 'self'; frame-ancestors 'self'"
    )
    answer = visitor.get(
        "/shop/goods/?" + urllib.parse.urlencode({"policy": "script-src 'nonce-c2hvcA'"})
    )
    assert f'{SCRIPT} nonce="c2hvcA">' in answer.text


# --- streams and uploads


def test_a_streamed_page_still_arrives_piece_by_piece(host: Host) -> None:
    program = host(str(HERE / "streams.py"))
    with socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT) as connection:
        connection.sendall(
            f"GET /held HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\nAccept: text/html\r\n"
            f"Cookie: {program.cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        got = b""
        while b"first" not in got:
            got += connection.recv(65536)
        # The last piece is not made before this.
        assert Visitor(program).get("/go-on").status == 200
        while piece := connection.recv(65536):
            got += piece
    assert got.count(SCRIPT.encode()) == 1
    assert b"last</body></html>" in got


def test_an_application_can_ask_whether_anybody_waits_for_its_answer(host: Host) -> None:
    program = host(str(HERE / "streams.py"))
    with socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT) as connection:
        connection.sendall(
            f"GET /patient HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n"
            f"Cookie: {program.cookie}\r\n\r\n".encode()
        )
        assert Visitor(program).get("/waited-for").text.endswith("yes")
    assert Visitor(program).get("/left").text.endswith("left")


def test_a_page_that_comes_letter_by_letter_gets_the_script_in_its_head(host: Host) -> None:
    text = Visitor(host(str(HERE / "streams.py"))).get("/letters").text
    assert text.startswith(f"<!doctype html>{SCRIPT}") or f"<head>{SCRIPT}" in text
    assert re.sub(r"<script.*?</script>", "", text) == (
        "<!doctype html><html><head></head><body>x</body></html>"
    )


@pytest.mark.slow
def test_events_are_not_touched(host: Host) -> None:
    answer = Visitor(host(str(HERE / "streams.py"))).get("/events", Accept="text/event-stream")
    assert answer.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


@pytest.mark.slow
def test_a_hundred_megabytes_are_uploaded_without_growing_the_memory(host: Host) -> None:
    program = host(str(HERE / "streams.py"))
    piece = hashlib.sha256(b"seed").digest() * 32_768
    count = 100
    head = (
        b"--limit\r\nContent-Disposition: form-data; name=file; filename=big.bin\r\n"
        b"Content-Type: application/octet-stream\r\n\r\n"
    )
    tail = b"\r\n--limit--\r\n"
    before = peak_mb(program)
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=2 * LIMIT)
    connection.putrequest("POST", "/upload")
    for name, value in {
        "Cookie": program.cookie,
        "Origin": program.origin,
        "Content-Type": "multipart/form-data; boundary=limit",
        "Content-Length": str(len(head) + count * len(piece) + len(tail)),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(head)
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(piece)
        connection.send(piece)
    connection.send(tail)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200
    assert digest.hexdigest() in text
    assert f'"size":{count * len(piece)}' in text
    assert peak_mb(program) - before < 30


def peak_mb(program: Program) -> float:
    path = Path(f"/proc/{program.process.pid}/status")
    if not path.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", path.read_text())
    return int(found[1]) / 1024 if found else 0


# --- known programs


def test_sqlite_web_browses_and_changes(host: Host) -> None:
    if importlib.util.find_spec("sqlite_web") is None:
        pytest.skip("sqlite-web is not installed")
    visitor = Visitor(host(str(HERE / "sqlite_web_app.py")))
    page = visitor.get("/")
    assert "things" in page.text
    assert page.text.count(SCRIPT) == 1
    sql = {"sql": "INSERT INTO things (name) VALUES ('lamp')"}
    assert visitor.post("/things/query/", sql).status == 200
    assert "lamp" in visitor.get("/things/content/").text


def test_flask_admin_shows_and_makes(host: Host, tmp_path: Path) -> None:
    if importlib.util.find_spec("flask_admin") is None:
        pytest.skip("Flask-Admin is not installed")
    visitor = Visitor(host(str(HERE / "admin_app.py")))
    page = visitor.get("/admin/")
    assert "Office" in page.text
    assert page.text.count(SCRIPT) == 1
    style = re.search(r'href="(/admin/static/[^"]+\.css[^"]*)"', page.text)
    assert style
    assert visitor.get(style[1], Sec_Fetch_Dest="style").status == 200
    made = visitor.post("/admin/fileadmin/mkdir/", {"name": "letters"})
    assert made.status in (200, 302)
    assert (tmp_path / "data" / "files" / "letters").is_dir()
