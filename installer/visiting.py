"""A person's part in trying a built program: come in, look, import, edit, search, export.

Standard library only: it runs beside the program, in whatever Python there is.
"""

import html
import http.client
import json
import re
import sqlite3
import time
import urllib.parse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BOUNDARY = "try-program"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
VERSION_AT = 96
"""Where a database says which SQLite wrote it: https://sqlite.org/fileformat.html"""


class Visitor:
    """A browser's part: comes in by an entry link, keeps its cookie, proves where it is from."""

    def __init__(self, link: str) -> None:
        split = urllib.parse.urlsplit(link)
        assert split.port, f"no entry link: {link!r}"
        self.port = split.port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.cookie = self.token = ""
        entered = self.ask("GET", f"{split.path}?{split.query}")
        assert entered[0] == 303, entered
        self.place = entered[1]["location"]
        self.cookie = entered[1]["set-cookie"].partition(";")[0]

    def fetch(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Cookie": self.cookie, **sent})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        status, got, content = self.fetch(method, path, body, **headers)
        return status, got, content.decode("utf-8", "replace")

    def look(self) -> str:
        """The first page; its token is what forms are sent with."""
        status, _, home = self.ask("GET", "/")
        assert status == 200 and "New table" in home, (status, home)
        self.token = re.findall(r'desktop-token" content="([^"]+)"', home)[0]
        return home

    def form(self, address: str, /, **fields: str) -> str:
        """Post a form; gives where the answer leads."""
        body = urllib.parse.urlencode({"_token": self.token, **fields}).encode()
        kind = "application/x-www-form-urlencoded"
        sent = self.ask("POST", address, body, Origin=self.origin, Content_Type=kind)
        assert sent[0] == 303, sent
        return sent[1]["location"]

    def json(self, path: str) -> Any:
        return json.loads(self.ask("GET", path)[2])

    def cells(self, table: str, words: str = "") -> list[list[Any]]:
        asked = f"/tables/{urllib.parse.quote(table)}/rows?q={urllib.parse.quote(words)}"
        return [row["cells"] for row in self.json(asked)["rows"]]

    def upload(self, name: str, content: bytes) -> str:
        """Choose a file to import; gives the address of its preview."""
        body = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{self.token}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"\r\n{content.decode()}\r\n--{BOUNDARY}--\r\n"
        ).encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        sent = self.ask("POST", "/files", body, Origin=self.origin, Content_Type=kind)
        assert sent[0] == 303, sent
        return sent[1]["location"]

    def take_in(self, preview: str, table: str) -> None:
        """Import what a preview shows."""
        self.form(f"{preview}/start", table=table)
        wait_until(lambda: not self.json(f"{preview}/progress")["running"], "an import")

    def export(self, format_: str, table: str = "") -> bytes:
        """One table, or all of them, as the file that a browser would keep."""
        exported = self.form("/export/start", table=table, format=format_)
        wait_until(lambda: f"{exported}/file" in self.ask("GET", exported)[2], "an export")
        status, _, content = self.fetch("GET", f"{exported}/file")
        assert status == 200, status
        return content

    def quit(self) -> None:
        ended = self.ask(
            "POST", "/_desktop/quit", b"", Origin=self.origin, X_Desktop_Token=self.token
        )
        assert ended[0] == 200, ended


def wait_until(holds: Callable[[], object], what: str = "it", seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"{what} took too long"
        time.sleep(0.05)


def use(link: str) -> Visitor:
    """Come in, and work."""
    visitor = Visitor(link)
    work(visitor)
    return visitor


def work(visitor: Visitor) -> None:
    """Look at the page, import a file, edit, search, export."""
    home = visitor.look()
    for address in re.findall(r'(?:href|src)="(/(?:static|_desktop)/[^"]+)"', home):
        status, headers, _ = visitor.ask("GET", address)
        assert status == 200, address
        check_type(address.partition("?")[0], headers)
    preview = visitor.upload("people.csv", "name,age\nAda,36\nGräce 🙂,85\n".encode())
    table = f"people {time.monotonic_ns()}"
    visitor.take_in(preview, table)
    found = [cells[1:] for cells in visitor.cells(table)]
    assert found == [["Ada", 36], ["Gräce 🙂", 85]], found
    edit = f"/tables/{urllib.parse.quote(table)}/records/1/edit"
    visitor.form(edit, **{"f:name": "Ada L.", "was:name": "Ada"})
    assert visitor.cells(table)[0][1] == "Ada L."
    assert len(visitor.cells(table, "gräce 🙂")) == 1
    assert "Gräce 🙂" in visitor.ask("GET", f"/search?q={urllib.parse.quote('gräce 🙂')}")[2]
    assert visitor.export("xlsx", table).startswith(b"PK")


def check_type(path: str, headers: dict[str, str]) -> None:
    """Windows' registry can call a script plain text, which browsers refuse."""
    wanted = TYPES.get(Path(path).suffix, "")
    assert headers["content-type"].startswith(wanted), (path, headers)


def check_files(visitor: Visitor, inside: Path) -> None:
    """Every template and static file lies in the program as here, and no other; all are served."""
    for name in ("templates", "static"):
        ours, theirs = contents(ROOT / name), contents(inside / name)
        assert ours == theirs, {
            each for each in ours | theirs if ours.get(each) != theirs.get(each)
        }
    for path, content in contents(ROOT / "static").items():
        status, headers, served = visitor.fetch("GET", f"/static/{path}")
        assert (status, served) == (200, content), path
        check_type(path, headers)


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


def check_sqlite(visitor: Visitor) -> str:
    """The SQLite inside is no older than what the program asks for; gives its version."""
    found = int.from_bytes(visitor.export("sqlite")[VERSION_AT : VERSION_AT + 4], "big")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = re.findall(r'"apsw>=(\d+)\.(\d+)\.(\d+)', project)[0]
    major, minor, patch = map(int, asked)
    assert found >= major * 1_000_000 + minor * 1_000 + patch, found
    return f"{found // 1_000_000}.{found // 1_000 % 1_000}.{found % 1_000}"


def check_full_text(visitor: Visitor, folder: Path, named: str | None = None) -> None:
    """A file with an FTS5 table opens and its records are there: the frozen SQLite has FTS5.

    `named` is the program's own path to `folder`, where that is another.
    """
    path = folder / "Wörter & 🙂.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        made.execute("INSERT INTO words VALUES ('Käse 🙂')")
        made.commit()
    visitor.form("/open", path=f"{named}\\{path.name}" if named else str(path))
    assert html.escape(path.stem) in visitor.look()
    found = visitor.cells("words")
    assert len(found) == 1 and "Käse 🙂" in found[0], found
