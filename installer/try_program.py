"""Start a built program and use it as a person would: enter, import a file, read it back, quit.

Usage: python installer/try_program.py COMMAND [ARGUMENT …]
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

BOUNDARY = "try-program"


def main(command: list[str]) -> None:
    with tempfile.TemporaryDirectory(suffix=" Käse & 🙂") as folder:
        began = time.monotonic()
        program = subprocess.Popen(
            [*command, "--no-browser", "--stay", "--port", "0", "--data-folder", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            try_it(program, began)
        finally:
            if program.poll() is None:
                program.terminate()
                program.wait(20)


def try_killed(command: list[str]) -> None:
    """A one-file program whose outer process is killed ends, and leaves nothing unpacked."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as unpacked:
        program, link = start_in(command, folder, unpacked)
        port = urllib.parse.urlsplit(link).port
        if not list(Path(unpacked).glob("_MEI*")):
            end(program)
            return
        program.kill()
        program.wait()
        until = time.monotonic() + 10
        while answers(port or 0) or list(Path(unpacked).glob("_MEI*")):
            assert time.monotonic() < until, "the inner process or its files stayed behind"
            time.sleep(0.1)
        program.communicate()
        print("killed from outside: ended, and nothing left behind")


def try_abandoned(command: list[str]) -> None:
    """What a start leaves unpacked whose every process is killed, the next start removes."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as unpacked:
        first, _ = start_in(command, folder, unpacked)
        left = set(Path(unpacked).glob("_MEI*"))
        if not left:
            end(first)
            return
        until = time.monotonic() + 10
        while not all((each / "instance.lock").exists() for each in left):
            assert time.monotonic() < until, "the unpacked folder was not marked"
            time.sleep(0.1)
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
        assert set(Path(unpacked).glob("_MEI*")) == left
        second, _ = start_in(command, folder, unpacked)
        third, _ = start_in(command, f"{folder}/other", unpacked)
        until = time.monotonic() + 10
        while left & set(Path(unpacked).glob("_MEI*")):
            assert time.monotonic() < until, "what the killed start left is still there"
            time.sleep(0.1)
        assert len(list(Path(unpacked).glob("_MEI*"))) == 2, "a running program's folder is gone"
        end(second)
        end(third)
        print("every process killed: the next start removed what was left")


def start_in(command: list[str], folder: str, unpacked: str) -> tuple[subprocess.Popen[str], str]:
    """The program, unpacking to a folder of its own, and its entry link."""
    program = subprocess.Popen(
        [*command, "--no-browser", "--stay", "--port", "0", "--data-folder", folder],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": unpacked},
        start_new_session=True,
    )
    assert program.stdout is not None
    link = program.stdout.readline().strip()
    assert link.startswith("http"), link
    return program, link


def end(program: subprocess.Popen[str]) -> None:
    program.terminate()
    program.communicate(timeout=20)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


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
        self.cookie = entered[1]["set-cookie"].partition(";")[0]

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Cookie": self.cookie, **sent})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def form(self, path: str, **fields: str) -> str:
        """Post a form; gives where the answer leads."""
        body = urllib.parse.urlencode({"_token": self.token, **fields}).encode()
        kind = "application/x-www-form-urlencoded"
        sent = self.ask("POST", path, body, Origin=self.origin, Content_Type=kind)
        assert sent[0] == 303, sent
        return sent[1]["location"]

    def json(self, path: str) -> Any:
        return json.loads(self.ask("GET", path)[2])


def use(link: str) -> Visitor:
    """Come in, look at the page, import a file, edit, search, export."""
    visitor = Visitor(link)
    ask = visitor.ask
    home = ask("GET", "/")
    assert home[0] == 200 and "New table" in home[2], home
    for address in re.findall(r'(?:href|src)="(/(?:static|_desktop)/[^"]+)"', home[2]):
        status, headers, _ = ask("GET", address)
        assert status == 200, address
        # Windows' registry can call a script plain text, which browsers refuse.
        if ".js" in address:
            assert headers["content-type"].startswith("text/javascript"), headers
    visitor.token = re.findall(r'desktop-token" content="([^"]+)"', home[2])[0]
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{visitor.token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n'
        "\r\nname,age\nAda,36\nGräce 🙂,85\n\r\n"
        f"--{BOUNDARY}--\r\n"
    ).encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    sent = ask("POST", "/files", body, Origin=visitor.origin, Content_Type=kind)
    assert sent[0] == 303, sent
    preview = sent[1]["location"]
    table = f"people {time.monotonic_ns()}"
    visitor.form(f"{preview}/start", table=table)
    wait_until(lambda: not visitor.json(f"{preview}/progress")["running"])
    address = f"/tables/{urllib.parse.quote(table)}"
    rows = visitor.json(f"{address}/rows")
    found = [row["cells"][1:] for row in rows["rows"]]
    assert found == [["Ada", 36], ["Gräce 🙂", 85]], rows
    visitor.form(f"{address}/records/1/edit", **{"f:name": "Ada L.", "was:name": "Ada"})
    assert visitor.json(f"{address}/rows")["rows"][0]["cells"][1] == "Ada L."
    words = urllib.parse.quote("gräce 🙂")
    assert visitor.json(f"{address}/rows?q={words}")["total"] == 1
    assert "Gräce 🙂" in ask("GET", f"/search?q={words}")[2]
    exported = visitor.form("/export/start", table=table, format="xlsx")
    wait_until(lambda: f"{exported}/file" in ask("GET", exported)[2])
    assert ask("GET", f"{exported}/file")[0] == 200
    return visitor


def wait_until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def try_it(program: subprocess.Popen[str], began: float) -> None:
    assert program.stdout is not None
    link = program.stdout.readline().strip()
    seconds = time.monotonic() - began
    visitor = use(link)
    ended = visitor.ask(
        "POST", "/_desktop/quit", b"", Origin=visitor.origin, X_Desktop_Token=visitor.token
    )
    assert ended[0] == 200, ended
    assert program.wait(10) == 0
    print(
        f"tried {program.args[0] if isinstance(program.args, list) else ''}: "
        f"link after {seconds:.2f} s, pages, files, import, edit, search, export, quit: all fine"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
    try_killed(sys.argv[1:])
    try_abandoned(sys.argv[1:])
