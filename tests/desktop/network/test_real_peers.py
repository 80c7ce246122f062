"""Real peers, each in a network of its own: inside the subnet, outside of it, and a liar.

A router joins two networks: the shop, where the program is shared, and the street. The kernel's
own network namespaces are used; what is made here is taken down again.
"""

import os
import secrets
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT, wait_until
from tests.proxies import certificate, filled_in, needs, nginx_with


def why_not() -> str | None:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can make networks"
    if shutil.which("ip") is None:
        return "ip, of iproute2, is not installed"
    tried = f"try-{secrets.token_hex(3)}"
    made = subprocess.run(["ip", "netns", "add", tried], capture_output=True, check=False)
    if made.returncode:
        return f"no network can be made here: {made.stderr.decode().strip()}"
    subprocess.run(["ip", "netns", "delete", tried], check=True)
    return None


pytestmark = [pytest.mark.slow]


@dataclass
class Town:
    """Names of the namespaces: the shop's computer, a till, the router, a passer-by."""

    mark: str
    shop: str
    till: str
    router: str
    street: str

    def run(self, name: str, *command: str) -> str:
        done = subprocess.run(
            ["ip", "netns", "exec", name, *command],
            capture_output=True,
            text=True,
            timeout=2 * LIMIT,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    mark = secrets.token_hex(2)
    town = Town(mark, *(f"{each}-{mark}" for each in ("shop", "till", "router", "street")))
    places = (town.shop, town.till, town.router, town.street)
    try:
        for place in places:
            ip("netns", "add", place)
            ip("-n", place, "link", "set", "dev", "lo", "up")
        # The router's bridge is the shop's switch; the street hangs on another of its plugs.
        ip("-n", town.router, "link", "add", "shop", "type", "bridge")
        ip("-n", town.router, "link", "set", "dev", "shop", "up")
        for place, plug in ((town.shop, "pa"), (town.till, "pb"), (town.street, "pc")):
            ip("link", "add", f"{plug}-{mark}", "netns", place, "type", "veth",
               "peer", "name", plug, "netns", town.router)  # fmt: skip
            ip("-n", place, "link", "set", "dev", f"{plug}-{mark}", "up")
            ip("-n", town.router, "link", "set", "dev", plug, "up")
        for plug in ("pa", "pb"):
            ip("-n", town.router, "link", "set", "dev", plug, "master", "shop")
        ip("-n", town.router, "address", "add", "10.77.1.1/24", "dev", "shop")
        ip("-n", town.router, "address", "add", "10.77.2.1/24", "dev", "pc")
        ip("-n", town.shop, "address", "add", "10.77.1.5/24", "dev", f"pa-{mark}")
        for last in ("6", "254"):
            ip("-n", town.till, "address", "add", f"10.77.1.{last}/24", "dev", f"pb-{mark}")
        ip("-n", town.street, "address", "add", "10.77.2.9/24", "dev", f"pc-{mark}")
        ip("-n", town.shop, "route", "add", "default", "via", "10.77.1.1")
        ip("-n", town.till, "route", "add", "default", "via", "10.77.1.1")
        ip("-n", town.street, "route", "add", "default", "via", "10.77.2.1")
        town.run(town.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        yield town
    finally:
        for place in places:
            subprocess.run(["ip", "netns", "delete", place], check=False, capture_output=True)


@dataclass
class Shop:
    """The shared program, with its owner's own door inside the shop's namespace."""

    town: Town
    origin: str
    link: str
    data: Path


@pytest.fixture(scope="module")
def shop(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("shop")
    launcher = [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--stay", "--network"]
    process = subprocess.Popen(
        ["ip", "netns", "exec", town.shop, *launcher, "--data-folder", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        shared, link = process.stdout.readline(), process.stdout.readline()
        assert "http://10.77.1.5:" in shared
        yield Shop(town, shared.rpartition(" ")[2].strip(), link.strip(), data)
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT)


ASK = """
import socket, sys
host, port, source, text, patience = sys.argv[1:]
where = (source, 0) if source else None
try:
    with socket.create_connection((host, int(port)), float(patience), where) as asking:
        asking.sendall(text.replace("|", "\\r\\n").encode())
        answer = b""
        while piece := asking.recv(65536):
            answer += piece
    print(answer.split(b"\\r\\n")[0].decode() if answer else "dropped")
except TimeoutError:
    print("silent")
except ConnectionResetError:
    print("dropped")
except ConnectionRefusedError:
    print("closed")
"""


def ask(shop: Shop, place: str, *headers: str, source: str = "", path: str = "/_desktop/join",
        address: str = "", patience: float = LIMIT) -> str:  # fmt: skip
    host, _, port = shop.origin.removeprefix("http://").partition(":")
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", *headers, "Connection: close", "", ""]
    given = [address or host, port, source, "|".join(lines), str(patience)]
    return shop.town.run(place, sys.executable, "-c", textwrap.dedent(ASK), *given)


def test_a_device_inside_the_subnet_is_answered(shop: Shop) -> None:
    assert ask(shop, shop.town.till) == "HTTP/1.1 200 OK"
    assert ask(shop, shop.town.till, source="10.77.1.254") == "HTTP/1.1 200 OK"
    assert ask(shop, shop.town.till, path="/") == "HTTP/1.1 303 See Other"


def test_one_that_is_routed_from_outside_gets_no_byte(shop: Shop) -> None:
    # The way is there: only the program drops it.
    shop.town.run(shop.town.street, sys.executable, "-c", REACHES, "10.77.1.1")
    assert ask(shop, shop.town.street) == "dropped"


def test_nor_by_saying_that_it_is_another(shop: Shop) -> None:
    for name in ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP"):
        assert ask(shop, shop.town.street, f"{name}: 10.77.1.6") == "dropped"
    assert ask(shop, shop.town.street, "Forwarded: for=10.77.1.6;host=127.0.0.1") == "dropped"


def test_an_address_of_another_subnet_on_the_same_wire_gets_no_byte(shop: Shop) -> None:
    """A device may give itself any address; the answer finds its way, and there is none."""
    town = shop.town
    ip("-n", town.till, "address", "add", "10.77.3.6/24", "dev", f"pb-{town.mark}")
    ip("-n", town.shop, "route", "add", "10.77.3.0/24", "dev", f"pa-{town.mark}")
    assert ask(shop, town.till, source="10.77.3.6") == "dropped"


def test_a_source_that_is_forged_gets_no_connection(shop: Shop) -> None:
    """From the street under an address of the shop: the answers go to the shop's own wire."""
    town = shop.town
    ip("-n", town.street, "address", "add", "10.77.1.77/32", "dev", f"pc-{town.mark}")
    assert ask(shop, town.street, source="10.77.1.77", patience=3) in ("silent", "dropped")


def test_it_is_not_at_the_owners_loopback_nor_at_ipv6(shop: Shop) -> None:
    assert ask(shop, shop.town.shop, address="127.0.0.1") == "closed"
    assert ask(shop, shop.town.shop, address="::1") == "closed"


def test_nor_at_any_address_of_ipv6_of_the_same_wire(shop: Shop) -> None:
    """Of the link, and of the house: both are there, and the till reaches the computer by them."""
    town = shop.town
    dev = f"pa-{town.mark}"
    for place, plug, last in ((town.shop, dev, "5"), (town.till, f"pb-{town.mark}", "6")):
        ip("-n", place, "address", "add", f"fd77::{last}/64", "dev", plug, "nodad")
    shown = town.run(town.shop, "ip", "-6", "-o", "address", "show", "dev", dev, "scope", "link")
    link = shown.split("inet6 ")[1].split("/")[0]
    for address in (f"{link}%pb-{town.mark}", "fd77::5"):
        assert ask(shop, town.till, address=address) == "closed"


SECURELY = """
import http.client, socket, ssl, sys
host, port, source, pem, said = sys.argv[1:]
trusted = ssl.create_default_context(cafile=pem)
try:
    plain = socket.create_connection((host, int(port)), 30, (source, 0) if source else None)
    asking = trusted.wrap_socket(plain, server_hostname="shop.lan")
    lie = f"X-Forwarded-For: {said}\\r\\n" if said else ""
    asking.sendall(f"GET /_desktop/join HTTP/1.1\\r\\nHost: shop.lan:{port}\\r\\n".encode())
    asking.sendall(f"{lie}Connection: close\\r\\n\\r\\n".encode())
    print(asking.recv(100).split(b"\\r\\n")[0].decode() or "dropped")
except (OSError, http.client.HTTPException) as error:
    print("dropped")
"""


@pytest.mark.parametrize("open_wide", [False, True], ids=["as in the example", "open to all"])
def test_through_a_proxy_the_same_peers_get_in(town: Town, tmp_path: Path, open_wide: bool) -> None:
    """nginx sees their true addresses, and so does the program behind it."""
    needs("nginx")
    pem, inside = certificate(tmp_path, "shop.lan"), ("ip", "netns", "exec", town.shop)
    launcher = [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--stay", "--network"]
    more = [
        "--port",
        "0",
        "--network-proxy",
        "https://shop.lan:8443",
        "--data-folder",
        str(tmp_path / "data"),
    ]
    text = filled_in(
        (ROOT / "installer" / "network" / "nginx.conf").read_text(encoding="utf-8"),
        ("192.168.1.5:443", "10.77.1.5:8443"),
        ("allow 192.168.1.0/24", "allow all" if open_wide else "allow 10.77.1.0/24"),
        ("/etc/ssl/shop.lan.pem", str(pem)),
        ("/etc/ssl/private/shop.lan.key", str(pem)),
    )
    process = subprocess.Popen(
        [*inside, *launcher, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        shared = process.stdout.readline()
        assert "https://shop.lan:8443, whose proxy passes on to 127.0.0.1:27384" in shared

        def ask_securely(place: str, source: str = "", said: str = "") -> str:
            given = ["10.77.1.5", "8443", source, str(pem), said]
            return town.run(place, sys.executable, "-c", SECURELY, *given)

        with nginx_with(tmp_path, text, *inside):
            wait_until(lambda: ask_securely(town.till) == "HTTP/1.1 200 OK")
            # By whatever it says of itself, a device of the shop is one, and a passer-by none.
            assert ask_securely(town.till, said="10.77.2.9") == "HTTP/1.1 200 OK"
            refused = "HTTP/1.1 502 Bad Gateway" if open_wide else "HTTP/1.1 403 Forbidden"
            assert ask_securely(town.street) == refused
            assert ask_securely(town.street, said="10.77.1.6") == refused
        # Without the proxy there is no way in, for the shop's own devices neither.
        plain = [ASK_PORT, "10.77.1.5", "27384"]
        assert town.run(town.till, sys.executable, "-c", *plain) == "closed"
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT)


ASK_PORT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 30)
    print("open")
except OSError:
    print("closed")
"""


def test_when_the_computer_leaves_its_network_sharing_stops(shop: Shop) -> None:
    """Last here, since it takes the address away."""
    town = shop.town
    log = shop.data / "logs"
    ip("-n", town.shop, "address", "delete", "10.77.1.5/24", "dev", f"pa-{town.mark}")
    ip("-n", town.shop, "address", "add", "10.77.1.7/24", "dev", f"pa-{town.mark}")
    left = "has left the network"
    wait_until(
        lambda: any(left in each.read_text("utf-8") for each in log.iterdir() if each.is_file()),
        left,
    )
    ip("-n", town.shop, "address", "add", "10.77.1.5/24", "dev", f"pa-{town.mark}")
    assert ask(shop, town.till) == "closed"


REACHES = """
import subprocess, sys
sys.exit(subprocess.run(["ip", "route", "get", sys.argv[1]], capture_output=True).returncode)
"""
