"""The examples of installer/network tried for real: a device joins through nginx and Caddy."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from myapp.desktop.interfaces import find_interfaces
from tests.conftest import LIMIT, ROOT, Program, end_program, port_of_our_own, wait_until
from tests.proxies import caddy_with, certificate, filled_in, needs, nginx_with

from .shared import Device, Owner, need_network, start_shared

pytestmark = pytest.mark.slow
HOST = "shop.lan"


@dataclass
class Browser(Device):
    """Speaks TLS with the proxy, whose certificate it was given."""

    address: str = ""
    pem: str = ""
    told: tuple[tuple[str, str], ...] = ()
    """What it says of itself."""

    def connect(self) -> http.client.HTTPConnection:
        trusted = ssl.create_default_context(cafile=self.pem)
        port = int(self.host.rpartition(":")[2])
        connection = http.client.HTTPConnection(self.address, port, timeout=LIMIT)
        source = (self.source, 0) if self.source else None
        plain = socket.create_connection((self.address, port), LIMIT, source)
        connection.sock = trusted.wrap_socket(plain, server_hostname=HOST)
        return connection

    def passed_on(self) -> dict[str, str]:
        return {"Host": self.host, **dict(self.told)}


@dataclass
class Shop:
    program: Program
    owner: Owner
    address: str
    subnet: str
    port: int
    pem: Path
    behind: int
    folder: Path

    def browser(self, *told: tuple[str, str]) -> Browser:
        origin = f"https://{HOST}:{self.port}"
        return Browser(origin, address=self.address, pem=str(self.pem), told=told)

    def nginx(self) -> str:
        return filled_in(
            (ROOT / "installer" / "network" / "nginx.conf").read_text(encoding="utf-8"),
            ("192.168.1.5:443", f"{self.address}:{self.port}"),
            ("192.168.1.0/24", self.subnet),
            ("127.0.0.1:27384", f"127.0.0.1:{self.behind}"),
            ("/etc/ssl/shop.lan.pem", str(self.pem)),
            ("/etc/ssl/private/shop.lan.key", str(self.pem)),
        )

    def caddy(self) -> str:
        return filled_in(
            (ROOT / "installer" / "network" / "Caddyfile").read_text(encoding="utf-8"),
            ("https://shop.lan {", f"https://shop.lan:{self.port} {{"),
            ("bind 192.168.1.5", f"bind {self.address}"),
            ("192.168.1.0/24", self.subnet),
            ("127.0.0.1:27384", f"127.0.0.1:{self.behind}"),
            ("/etc/caddy/shop.lan.pem", str(self.pem)),
            ("/etc/caddy/shop.lan.key", str(self.pem)),
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    needs("openssl")
    address, port = need_network(), port_of_our_own()
    subnet = next(str(each.subnet) for each in find_interfaces() if each.address == address)
    more = ("--network-proxy", f"https://{HOST}:{port}")
    program, owner = start_shared(tmp_path / "data", *more)
    try:
        assert program.post("/sample").status == 303
        pem = certificate(tmp_path, HOST)
        yield Shop(program, owner, address, subnet, port, pem, owner.behind, tmp_path)
    finally:
        end_program(program)


PROXIES: dict[str, Callable[[Shop], AbstractContextManager[None]]] = {
    "nginx": lambda shop: nginx_with(shop.folder, shop.nginx()),
    "caddy": lambda shop: caddy_with(shop.folder, shop.caddy()),
}


def wait_until_it_answers(browser: Browser) -> None:
    wait_until(lambda: browser.get("/_desktop/join").status == 200)


@pytest.mark.parametrize("name", PROXIES)
def test_a_device_joins_and_changes_a_record_over_tls(shop: Shop, name: str) -> None:
    needs(name)
    with PROXIES[name](shop):
        # What the device's own browser says of itself is not what the owner is shown.
        lies = (("X-Forwarded-For", "10.99.99.99"), ("X-Forwarded-Proto", "http"))
        device = shop.browser(*lies, ("Forwarded", "for=10.99.99.99"), ("X-Real-IP", "10.99.99.99"))
        wait_until_it_answers(device)
        assert device.join(shop.owner.code, "Till").status == 303
        assert device.cookie.startswith(f"__Host-myapp-{shop.port}-join=")
        page = shop.owner.page()
        assert f"from {shop.address}" in page and "10.99.99.99" not in page
        shop.owner.do("confirm", id=shop.owner.id_of("Till"), role="editor")
        assert device.fetch().status == 303
        assert device.cookie.startswith(f"__Host-myapp-{shop.port}=")

        assert device.get("/tables/Books").status == 200
        saved = device.post_json("/tables/Books/records/1", {"values": {"Title": "Over TLS"}})
        assert saved.status == 200
        assert "Over TLS" in shop.program.get("/tables/Books/records/1").text
        assert "Till" in shop.program.get("/history").text

        # Another host, another page's origin, and an address outside of the subnet.
        other = device.ask("GET", "/", headers={"Host": f"evil.example:{shop.port}"})
        assert other.status == 421 or other.text == ""
        foreign = {"Origin": f"http://{device.host}"}
        assert device.ask("POST", "/tables/Books/records/new", "a=b", foreign).status == 403
        outside = shop.browser()
        outside.cookie, outside.source = device.cookie, "127.0.0.9"
        try:
            status = outside.get("/").status
        except (OSError, http.client.HTTPException):
            status = 403
        assert status == 403
        # At no other address of this computer, and not without TLS.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", shop.port), LIMIT)
        plain = http.client.HTTPConnection(shop.address, shop.port, timeout=LIMIT)
        plain.request("GET", "/_desktop/join", headers={"Host": device.host})
        assert plain.getresponse().status == 400
        plain.close()


def test_a_proxy_that_keeps_what_a_browser_said_is_not_believed(shop: Shop) -> None:
    """Whoever copies another example appends to the lie; then nobody is answered who lies."""
    needs("nginx")
    before = "proxy_set_header X-Forwarded-For $remote_addr;"
    after = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
    with nginx_with(shop.folder, filled_in(shop.nginx(), (before, after))):
        wait_until_it_answers(shop.browser())
        for lie in (shop.address, "10.99.99.99", "127.0.0.1", "unknown"):
            told = ("X-Forwarded-For", lie)
            assert shop.browser(told).get("/_desktop/join").status == 502


def test_a_proxy_that_opens_wider_lets_nobody_else_in(shop: Shop) -> None:
    needs("nginx")
    wide = filled_in(shop.nginx(), ("deny all;", ""))
    with nginx_with(shop.folder, wide):
        inside, outside = shop.browser(), shop.browser()
        wait_until_it_answers(inside)
        outside.source = "127.0.0.9"
        assert outside.get("/_desktop/join").status == 502


def test_a_proxy_that_says_nothing_gets_nothing(shop: Shop) -> None:
    needs("nginx")
    silent = filled_in(shop.nginx(), ("proxy_set_header X-Forwarded-For $remote_addr;", ""))
    with nginx_with(shop.folder, silent):
        browser = shop.browser()
        statuses: list[int] = []
        wait_until(lambda: statuses.append(browser.get("/_desktop/join").status) or statuses)
        assert statuses == [502]
