"""A program that is shared, and devices that speak to it over its network address."""

import http.client
import json
import re
import socket
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

import pytest

from myapp.desktop.interfaces import find_interfaces
from tests.conftest import LIMIT, Answer, Program, start_program
from tests.desktop.hostile.attack import Reply, Request, send


def need_network() -> str:
    """This computer's private address."""
    found = find_interfaces()
    if not found:
        pytest.skip("this computer has no private IPv4 address to share at")
    return found[0].address


@dataclass
class Device:
    """What a browser on another device is: an address to speak to, and a cookie."""

    origin: str
    cookie: str = ""
    token: str = ""
    source: str = ""
    """The address that it speaks from, where that matters."""

    behind: int = 0
    """The port on loopback that a proxy passes on to, where one stands between."""

    @property
    def host(self) -> str:
        return self.origin.rpartition("/")[2]

    def connect(self) -> http.client.HTTPConnection:
        name, _, port = self.host.partition(":")
        source = (self.source, 0) if self.source else None
        return http.client.HTTPConnection(name, int(port), LIMIT, source)

    def passed_on(self) -> dict[str, str]:
        """What a proxy adds."""
        if not self.behind:
            return {}
        told = {"X-Forwarded-For": self.source, "X-Forwarded-Proto": "https"}
        return {"Host": self.host, **told}

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        if self.behind:
            connection = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=LIMIT)
        else:
            connection = self.connect()
        sent = {"Accept": "text/html", "Cookie": self.cookie, **self.passed_on(), **(headers or {})}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            told = {k.lower(): v for k, v in answer.getheaders()}
            cookies = answer.headers.get_all("Set-Cookie") or []
            told["cookies"] = "\n".join(cookies)
            return Answer(answer.status, told, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, form: dict[str, str] | None = None) -> Answer:
        kind = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode({**(form or {}), "_token": self.token})
        return self.ask("POST", path, body, {"Origin": self.origin, "Content-Type": kind})

    def post_json(self, path: str, told: object) -> Answer:
        headers = {"Origin": self.origin, "Content-Type": "application/json"}
        headers |= {"X-Desktop-Token": self.token, "Accept": "application/json"}
        return self.ask("POST", path, json.dumps(told), headers)

    def join(self, code: str, name: str) -> Answer:
        answer = self.post("/_desktop/join", {"code": code, "name": name})
        if answer.status == 303:
            self.cookie = answer.headers["cookies"].partition(";")[0]
        return answer

    def fetch(self) -> Answer:
        """After the owner's yes: the session, and a page's token."""
        answer = self.get("/_desktop/join")
        if "cookies" in answer.headers and answer.headers.get("location") == "/":
            self.cookie = answer.headers["cookies"].partition(";")[0]
            found = re.search(r'name="_token" value="([^"]+)"', self.get("/_desktop/").text)
            self.token = found[1] if found else ""
        return answer


class Owner:
    """The page Share at the computer itself."""

    def __init__(self, program: Program) -> None:
        self.program = program
        found = re.search(r'name="_token" value="([^"]+)"', self.page())
        assert found is not None
        program.token = program.token or found[1]

    def page(self) -> str:
        answer = self.program.get("/_desktop/share")
        assert answer.status == 200
        return answer.text

    def do(self, action: str, **told: str) -> None:
        answer = self.program.post("/_desktop/share", {"action": action, **told})
        assert answer.status == 303

    @property
    def origin(self) -> str:
        found = re.search(r'class="large"><a href="([^"]+)"', self.page())
        assert found is not None, "nothing is shared"
        return found[1]

    @property
    def behind(self) -> int:
        """The port that a proxy has to pass on to; 0 where none is set."""
        found = re.search(r"pass on to <strong>127\.0\.0\.1:(\d+)<", self.page())
        return int(found[1]) if found else 0

    @property
    def code(self) -> str:
        found = re.search(r'code">(\d{3}) (\d{3})<', self.page())
        assert found is not None, "no code is shown"
        return found[1] + found[2]

    def id_of(self, name: str) -> str:
        """Of a device that waits or has joined."""
        found = re.search(rf"<strong>{re.escape(name)}</strong>.*?name=\"id\" value=\"(\w+)\"",
                          self.page(), re.DOTALL)  # fmt: skip
        assert found is not None, f"{name} is not on the page"
        return found[1]

    def let_in(self, name: str, role: str, device: Device | None = None) -> Device:
        device = device or self.device()
        assert device.join(self.code, name).status == 303
        self.do("confirm", id=self.id_of(name), role=role)
        assert device.fetch().status == 303
        return device

    def device(self) -> Device:
        """One that has not joined; behind a proxy one that speaks from an address of the subnet."""
        behind = self.behind
        return Device(self.origin, source=need_network() if behind else "", behind=behind)


def start_shared(folder: Path, *more: str) -> tuple[Program, Owner]:
    address = need_network()
    program = start_program(folder, "--port", "0", "--stay", *more)
    program.enter()
    owner = Owner(program)
    owner.do("start", address=address)
    return program, owner


def send_raw(device: Device, request: Request | str, patience: float = LIMIT) -> Reply:
    """These very bytes; HOST, COOKIE and TOKEN are filled in."""
    text = request if isinstance(request, str) else request.text()
    name = device.host.partition(":")[0]
    text = text.replace("HOSTNAME", name)
    reached = f"127.0.0.1:{device.behind}" if device.behind else device.host
    asked = Program(None, f"http://{reached}/", Path(), device.cookie, device.token)  # type: ignore[arg-type]
    return send(asked, text, reached.partition(":")[0], patience)


def is_dropped(address: tuple[str, int], source: str) -> bool:
    """Whether a peer at `source` gets no byte of an answer."""
    host = f"{address[0]}:{address[1]}"
    asked = f"GET /_desktop/join HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {address[0]}\r\n"
    try:
        with socket.create_connection(address, LIMIT, (source, 0)) as connection:
            connection.sendall(f"{asked}Forwarded: for={address[0]}\r\n\r\n".encode())
            return connection.recv(100) == b""
    except ConnectionError:
        return True
