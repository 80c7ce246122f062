"""Start a built program and use it as a person would: enter, import a file, read it back, quit.

Usage: python installer/try_program.py COMMAND [ARGUMENT …]
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

BOUNDARY = "try-program"


def main(command: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
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
        program = subprocess.Popen(
            [*command, "--no-browser", "--stay", "--port", "0", "--data-folder", folder],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": unpacked},
        )
        assert program.stdout is not None
        port = urllib.parse.urlsplit(program.stdout.readline().strip()).port
        if not list(Path(unpacked).glob("_MEI*")):
            program.terminate()
            program.communicate(timeout=20)
            return
        program.kill()
        program.wait()
        until = time.monotonic() + 10
        while answers(port or 0) or list(Path(unpacked).glob("_MEI*")):
            assert time.monotonic() < until, "the inner process or its files stayed behind"
            time.sleep(0.1)
        program.stdout.close()
        print("killed from outside: ended, and nothing left behind")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def try_it(program: subprocess.Popen[str], began: float) -> None:
    assert program.stdout is not None
    link = urllib.parse.urlsplit(program.stdout.readline().strip())
    assert link.port, "no entry link was printed"
    seconds = time.monotonic() - began
    origin = f"http://127.0.0.1:{link.port}"
    cookie = ""

    def ask(
        method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", link.port or 0, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Cookie": cookie, **sent})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    entered = ask("GET", f"{link.path}?{link.query}")
    assert entered[0] == 303, entered
    cookie = entered[1]["set-cookie"].partition(";")[0]
    home = ask("GET", "/")
    assert home[0] == 200 and "New table" in home[2], home
    for address in re.findall(r'(?:href|src)="(/(?:static|_desktop)/[^"]+)"', home[2]):
        assert ask("GET", address)[0] == 200, address
    token = re.findall(r'desktop-token" content="([^"]+)"', home[2])[0]
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n'
        "\r\nname,age\nAda,36\nGrace,85\n\r\n"
        f"--{BOUNDARY}--\r\n"
    ).encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    sent = ask("POST", "/files", body, Origin=origin, Content_Type=kind)
    assert sent[0] == 303, sent
    form = {"_token": token, "table": "people"}
    form |= {"keep:0": "on", "kind:0": "text", "keep:1": "on", "kind:1": "integer"}
    started = ask(
        "POST",
        f"{sent[1]['location']}/start",
        urllib.parse.urlencode(form).encode(),
        Origin=origin,
        Content_Type="application/x-www-form-urlencoded",
    )
    assert started[0] == 303, started
    for _ in range(100):
        if not json.loads(ask("GET", f"{sent[1]['location']}/progress")[2])["running"]:
            break
        time.sleep(0.05)
    rows = json.loads(ask("GET", "/tables/people/rows")[2])
    assert [row["cells"][1:] for row in rows["rows"]] == [["Ada", 36], ["Grace", 85]], rows
    exported = ask(
        "POST",
        "/export/start",
        urllib.parse.urlencode({"_token": token, "table": "people", "format": "xlsx"}).encode(),
        Origin=origin,
        Content_Type="application/x-www-form-urlencoded",
    )
    assert exported[0] == 303, exported
    for _ in range(100):
        if "/file" in ask("GET", exported[1]["location"])[2]:
            break
        time.sleep(0.05)
    assert ask("GET", f"{exported[1]['location']}/file")[0] == 200
    ended = ask("POST", "/_desktop/quit", b"", Origin=origin, X_Desktop_Token=token)
    assert ended[0] == 200, ended
    assert program.wait(10) == 0
    print(
        f"tried {program.args[0] if isinstance(program.args, list) else ''}: "
        f"link after {seconds:.2f} s, pages, files, import, export, quit: all fine"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
    try_killed(sys.argv[1:])
