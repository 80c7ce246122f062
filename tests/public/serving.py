"""A real server on a port of its own, and people who speak to it over the wire."""

import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myapp.public.preparing import prepare_data
from tests.conftest import port_of_our_own, wait_until

from .conftest import PASSWORD, SECRET

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = ("gunicorn", "-c", "python:myapp.public.gunicorn_config", "myapp.wsgi:create_app()")


@dataclass
class Person:
    """`certificate` is the one to trust, where it is https."""

    port: int
    host: str = ""
    certificate: Path | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    @property
    def origin(self) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{self.host or f'127.0.0.1:{self.port}'}"

    def connect(self) -> http.client.HTTPConnection:
        if self.certificate is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        trusted.check_hostname = False
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trusted)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        connection = self.connect()
        given = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Host": self.host or f"127.0.0.1:{self.port}",
            "Origin": self.origin,
            "Accept": "text/html",
            **headers,
        }
        if isinstance(body, dict):
            body = urllib.parse.urlencode({"_token": self.token, **body}, doseq=True)
            given["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            found = re.search(r'desktop-token" content="([^"]*)"', text)
            self.token = found[1] if found else self.token
            place = answer.getheader("Location")
            return answer.status, place if place is not None else text
        finally:
            connection.close()

    def get(self, path: str) -> tuple[int, str]:
        return self.ask("GET", path)

    def send(self, path: str, body: Any) -> tuple[int, Any]:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-Desktop-Token": self.token,
        }
        status, text = self.ask("POST", path, json.dumps(body), **headers)
        return status, json.loads(text)

    def sign_in(self) -> "Person":
        self.get("/sign-in")
        form = {"name": "Olga", "password": PASSWORD}
        assert self.ask("POST", "/sign-in", form)[0] == 303
        self.get("/account")
        return self


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def person(self) -> Person:
        return Person(self.port).sign_in()

    @property
    def log(self) -> list[dict[str, Any]]:
        text = (self.folder / "log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def keeper(self) -> int:
        """The process that keeps the data now."""
        kept = [line["process"] for line in self.log if "keeps the data" in line["event"]]
        return int(kept[-1])


def invited(server: Server, olga: Person, name: str, role: str) -> Person:
    """A second person, by an invitation of the owner's."""
    page = olga.ask("POST", "/accounts/invite", {"role": role})[1]
    found = re.search(r'value="http://[^/]+(/join/[^"]+)"', page)
    assert found is not None
    guest = Person(server.port)
    guest.get(found[1])
    form = {"name": name, "password": PASSWORD, "again": PASSWORD}
    assert guest.ask("POST", found[1], form)[0] == 303
    guest.get("/account")
    return guest


def settings(folder: Path, port: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "MYAPP_DATA": str(folder / "tables.sqlite"),
        "MYAPP_SECRET": SECRET,
        "MYAPP_ADDRESS": f"http://127.0.0.1:{port}",
        "MYAPP_ALLOW_HTTP": "1",
        "MYAPP_PROXIES": "none",
        "MYAPP_BIND": f"127.0.0.1:{port}",
        **more,
    }


@contextmanager
def serving(folder: Path, *command: str, port: int | None = None, **more: str) -> Iterator[Server]:
    """Started by `python -m` with this command, with an owner and no tables."""
    folder.chmod(0o700)
    port = port or port_of_our_own()
    prepare_data(folder / "tables.sqlite")
    given = settings(folder, port, **more)
    owner = [sys.executable, "-m", "myapp.public", "create-owner", "Olga"]
    subprocess.run(
        owner, input=f"{PASSWORD}\n".encode(), env=given, check=True, stdout=subprocess.DEVNULL
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *(command or GUNICORN)],
            env=given,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    started = Server(process, port, folder)
    try:
        wait_until(lambda: Person(port).get("/health")[0] == 200)
        yield started
    finally:
        process.terminate()
        ended = process.wait(60)
    assert not [line for line in started.log if "failure" in line]
    assert ended == 0 or command
