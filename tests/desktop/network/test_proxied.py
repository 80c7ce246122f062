"""Shared through a reverse proxy on this computer: what a proxy would pass on, and lies.

Everything goes over raw sockets to the port that the proxy passes on to.
"""

import ipaddress
import socket
from collections.abc import Iterator

import pytest

from myapp.desktop.errors import DesktopError
from myapp.desktop.interfaces import find_interfaces
from myapp.desktop.proxied_guard import parse_address
from tests.conftest import LIMIT, Program, end_program, start_program
from tests.desktop.hostile.attack import Request, honest_at, seen

from .conftest import PROBE
from .shared import Device, Owner, need_network, send_raw, start_shared

FOR = ("X-Forwarded-For", "INSIDE")
PROTO = ("X-Forwarded-Proto", "https")
PAGE, CHANGE = honest_at("shop.lan", "https://shop.lan", FOR, PROTO)
JOIN = PAGE.but(target="/_desktop/join", cookie=None)

DROPPED: dict[str, Request] = {
    "nobody named": PAGE.but(x_forwarded_for=None),
    "an empty name": PAGE.but(x_forwarded_for=""),
    "two headers": PAGE.and_also(FOR),
    "two headers, the second false": PAGE.and_also(("X-Forwarded-For", "8.8.8.8")),
    "two headers, in other letters": PAGE.and_also(("x-FORWARDED-for", "INSIDE")),
    "appended, as by a proxy that keeps what a browser says": PAGE.but(
        x_forwarded_for="INSIDE, INSIDE"
    ),
    "appended to a lie": PAGE.but(x_forwarded_for="127.0.0.1, INSIDE"),
    "appended to nothing": PAGE.but(x_forwarded_for=", INSIDE"),
    "an address of another subnet": PAGE.but(x_forwarded_for="198.51.100.7"),
    "loopback": PAGE.but(x_forwarded_for="127.0.0.1"),
    "the subnet itself": PAGE.but(x_forwarded_for="SUBNET"),
    "everybody": PAGE.but(x_forwarded_for="0.0.0.0"),
    "IPv6": PAGE.but(x_forwarded_for="::1"),
    "IPv6 of the link": PAGE.but(x_forwarded_for="fe80::1"),
    "IPv6 of the link, with its interface": PAGE.but(x_forwarded_for="fe80::1%eth0"),
    "IPv6 of the house": PAGE.but(x_forwarded_for="fd00::1"),
    "mapped into IPv6": PAGE.but(x_forwarded_for="::ffff:INSIDE"),
    "mapped, with an interface": PAGE.but(x_forwarded_for="::ffff:INSIDE%eth0"),
    "mapped, in brackets": PAGE.but(x_forwarded_for="[::ffff:INSIDE]"),
    "with a port": PAGE.but(x_forwarded_for="INSIDE:80"),
    "in quotes": PAGE.but(x_forwarded_for='"INSIDE"'),
    "a name": PAGE.but(x_forwarded_for="localhost"),
    "unknown": PAGE.but(x_forwarded_for="unknown"),
    "with another character": PAGE.but(x_forwarded_for="INSIDE\x0b"),
    "a line break of one byte": PAGE.but(x_forwarded_for="INSIDE\nX-A: b"),
    "a name of underscores": PAGE.but(x_forwarded_for=None).and_also(("X_Forwarded_For", "INSIDE")),
    "a name with a blank": PAGE.and_also(("X-Forwarded-For ", "INSIDE")),
    "a line that goes on": PAGE.but(x_forwarded_for="8.8.8.8\r\n INSIDE"),
    "other headers of proxies": PAGE.but(
        x_forwarded_for=None, x_real_ip="INSIDE", forwarded="for=INSIDE;proto=https"
    ),
    "not over TLS": PAGE.but(x_forwarded_proto="http"),
    "nothing said of TLS": PAGE.but(x_forwarded_proto=None),
    "TLS said twice": PAGE.and_also(PROTO),
    "TLS on one way of two": PAGE.but(x_forwarded_proto="https, http"),
    "who joins, unnamed": JOIN.but(x_forwarded_for=None),
    "a change, unnamed": CHANGE.but(x_forwarded_for=None),
}

REFUSED: dict[str, tuple[Request, Request, int]] = {
    "another host": (PAGE, PAGE.but(host="evil.example"), 421),
    "the address behind the proxy": (PAGE, PAGE.but(host="127.0.0.1:PORT"), 421),
    "the address of the network": (PAGE, PAGE.but(host="INSIDE"), 421),
    "the host with its usual port": (PAGE, PAGE.but(host="shop.lan:443"), 421),
    "the host with the port of plain HTTP": (PAGE, PAGE.but(host="shop.lan:80"), 421),
    "the host with a trailing dot": (PAGE, PAGE.but(host="shop.lan."), 421),
    "the host in capitals": (PAGE, PAGE.but(host="SHOP.lan"), 421),
    "no host": (PAGE, PAGE.but(host=None), 421),
    "two hosts": (PAGE, PAGE.and_also(("Host", "evil.example")), 400),
    "a forwarded host": (PAGE, PAGE.but(host="evil.example", x_forwarded_host="shop.lan"), 421),
    "an http origin": (CHANGE, CHANGE.but(origin="http://shop.lan"), 403),
    "the origin of another port": (CHANGE, CHANGE.but(origin="https://shop.lan:8443"), 403),
    "the owner's own origin": (CHANGE, CHANGE.but(origin="http://127.0.0.1:PORT"), 403),
    "the origin of another page": (CHANGE, CHANGE.but(origin="https://evil.example"), 403),
    "no origin": (CHANGE, CHANGE.but(origin=None), 403),
    "no cookie": (PAGE, PAGE.but(cookie=None), 303),
    "the cookie under its plain name": (PAGE, PAGE.but(cookie="myapp-PORT=VALUE"), 303),
    "the cookie without its prefix": (PAGE, PAGE.but(cookie="myapp-443=VALUE"), 303),
    "another site": (PAGE, PAGE.but(sec_fetch_site="cross-site"), 403),
    "quit": (CHANGE, CHANGE.but(target="/_desktop/quit", x_desktop_token="TOKEN"), 404),
    "the page Share": (PAGE, PAGE.but(target="/_desktop/share"), 404),
    "a whole address": (PAGE, PAGE.but(target="https://shop.lan/page"), 400),
}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Owner]]:
    more = ("--app", PROBE, "--network-proxy", "https://shop.lan")
    program, owner = start_shared(tmp_path_factory.mktemp("behind"), *more)
    yield program, owner
    end_program(program)


@pytest.fixture(scope="module")
def till(behind: tuple[Program, Owner]) -> Device:
    return behind[1].let_in("The till", "editor")


def filled(request: Request, device: Device) -> str:
    subnet = next(each.subnet for each in find_interfaces() if each.address == device.source)
    text = request.text().replace("INSIDE", device.source)
    text = text.replace("SUBNET", str(subnet.network_address))
    return text.replace("VALUE", device.cookie.partition("=")[2])


@pytest.mark.parametrize("name", DROPPED)
def test_without_one_true_word_of_the_proxy_no_byte_is_answered(
    behind: tuple[Program, Owner], till: Device, name: str
) -> None:
    assert send_raw(till, filled(PAGE, till)).status == 200, "the honest one must be answered"
    before = seen(behind[0])
    reply = send_raw(till, filled(DROPPED[name], till))
    assert (reply.statuses, reply.text) == ([], "")
    assert seen(behind[0]) == before


@pytest.mark.parametrize("name", REFUSED)
def test_the_other_rules_hold_at_the_https_address(
    behind: tuple[Program, Owner], till: Device, name: str
) -> None:
    honest, hostile, status = REFUSED[name]
    assert send_raw(till, filled(honest, till)).status == 200
    before = seen(behind[0])
    reply = send_raw(till, filled(hostile, till))
    assert reply.status == status
    assert "treasure" not in reply.text
    assert seen(behind[0]) == before


def test_each_request_of_a_connection_says_for_itself_who_asks(till: Device) -> None:
    """A proxy uses one connection for many devices."""
    honest = filled(PAGE.but(connection=None), till)
    assert send_raw(till, honest * 2).statuses == [200, 200]
    liar = filled(PAGE.but(x_forwarded_for=None, connection=None), till)
    assert send_raw(till, honest + liar + honest).statuses == [200]


def test_a_head_that_is_too_large_is_not_answered_either(till: Device) -> None:
    large = filled(PAGE.but(x_forwarded_for=None).and_also(("X-A", "a" * 70_000)), till)
    assert send_raw(till, large).text == ""


def test_only_loopback_reaches_it(till: Device) -> None:
    """From the network, nobody; from another address of loopback, nobody either."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((till.source, till.behind), LIMIT)
    with socket.create_connection(("127.0.0.1", till.behind), LIMIT, ("127.0.0.9", 0)) as asking:
        try:
            asking.sendall(filled(PAGE, till).encode())
            assert asking.recv(100) == b""
        except ConnectionError:
            pass


def test_the_owner_sees_the_address_that_the_proxy_named(behind: tuple[Program, Owner]) -> None:
    _, owner = behind
    subnet = next(each.subnet for each in find_interfaces() if each.address == need_network())
    named = str(ipaddress.IPv4Address(int(subnet.broadcast_address) - 1))
    device = owner.device()
    device.source = named
    assert device.join(owner.code, "Far end").status == 303
    assert f"from {named}" in owner.page()
    owner.do("refuse", id=owner.id_of("Far end"))


def test_who_guesses_waits_and_another_device_behind_the_same_proxy_does_not(
    behind: tuple[Program, Owner],
) -> None:
    _, owner = behind
    subnet = next(each.subnet for each in find_interfaces() if each.address == need_network())
    eve, anna = owner.device(), owner.device()
    eve.source = str(ipaddress.IPv4Address(int(subnet.broadcast_address) - 2))
    wrong = f"{(int(owner.code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert eve.join(wrong, "Eve").status == 403
    assert eve.join(owner.code, "Eve").status == 429
    assert anna.join(owner.code, "Not Eve").status == 303
    owner.do("refuse", id=owner.id_of("Not Eve"))


def test_browsers_are_told_to_open_its_pages_apart_as_at_home(till: Device) -> None:
    for path in ("/page", "/_desktop/"):
        assert till.get(path).headers["cross-origin-opener-policy"] == "same-origin"


def test_its_cookies_go_over_tls_alone(behind: tuple[Program, Owner]) -> None:
    _, owner = behind
    device = owner.device()
    asked = device.join(owner.code, "Cookie jar").headers["cookies"]
    assert asked.startswith("__Host-myapp-443-join=")
    owner.do("confirm", id=owner.id_of("Cookie jar"), role="viewer")
    given = device.fetch().headers["cookies"].splitlines()
    assert given[0].startswith("__Host-myapp-443=")
    for each in (asked, *given):
        assert "; Path=/; Secure; HttpOnly; SameSite=Strict;" in each
        assert "Domain" not in each


def test_the_owners_cookie_is_none_there_nor_a_devices_at_home(
    behind: tuple[Program, Owner], till: Device
) -> None:
    program = behind[0]
    secret, owners = till.cookie.partition("=")[2], program.cookie.partition("=")[2]
    for cookie in (program.cookie, f"__Host-myapp-443={owners}", f"myapp-443={owners}"):
        assert till.ask("GET", "/page", headers={"Cookie": cookie}).status == 303
    for cookie in (till.cookie, f"myapp-{program.port}={secret}"):
        assert program.ask("GET", "/page", headers={"Cookie": cookie}).status == 403


@pytest.mark.slow
def test_a_session_that_went_without_encryption_is_none_with_it_nor_the_other_way(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("both")
    program, owner = start_shared(folder, "--app", PROBE)
    plain = owner.let_in("Anna’s phone", "owner")
    end_program(program)
    secret = plain.cookie.partition("=")[2]

    program, owner = start_shared(folder, "--app", PROBE, "--network-proxy", "https://shop.lan")
    try:
        assert "joined without encryption, and has to join anew" in owner.page()
        heard = owner.device()
        for cookie in (plain.cookie, f"__Host-myapp-443={secret}"):
            heard.cookie = cookie
            assert heard.get("/page").status == 303
        # By joining, it takes the place of what it was.
        secure = owner.let_in("Anna’s phone", "viewer")
        assert secure.get("/page").status == 200
        assert "has to join anew" not in owner.page()
    finally:
        end_program(program)

    program, owner = start_shared(folder, "--app", PROBE)
    try:
        port = plain.host.partition(":")[2]
        for cookie in (plain.cookie, f"myapp-{port}={secure.cookie.partition('=')[2]}"):
            plain.cookie = cookie
            assert plain.get("/page").status == 303
        assert "joined encrypted, and has to join anew" in owner.page()
    finally:
        end_program(program)


def test_the_page_shows_the_https_address_and_says_what_it_means(
    behind: tuple[Program, Owner],
) -> None:
    program, owner = behind
    page = owner.page()
    assert owner.origin == "https://shop.lan"
    assert "<strong>Encrypted</strong> between the devices and the proxy" in page
    assert "Nothing is encrypted" not in page
    device = owner.device()
    assert "goes through this network encrypted" in device.get("/_desktop/join").text
    owner.do("stop")
    assert "at <strong>https://shop.lan</strong>" in owner.page()
    with pytest.raises(OSError):
        device.get("/")
    owner.do("start", address=need_network())
    kept = (program.data / "proxied-port").read_text("ascii")
    assert owner.behind == int(kept)


def test_a_port_that_another_took_is_not_exchanged_for_one_the_proxy_does_not_know(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("taken")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # Outside of the range where ports are looked for, so that only this one could be meant.
        (folder / "proxied-port").write_text(str(port := taken.getsockname()[1]), "ascii")
        need_network()
        program = start_program(folder, "--port", "0", "--stay", "--network-proxy", "https://a.lan")
        try:
            program.enter()
            owner = Owner(program)
            owner.do("start")
            assert "Nothing is shared" in owner.page()
            assert f"Port {port}, which the proxy passes on to, is taken" in owner.page()
        finally:
            end_program(program)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://shop.lan", "shop.lan"),
        ("https://shop.lan/", "shop.lan"),
        ("HTTPS://Shop.LAN:443", "shop.lan"),
        ("https://shop.lan:8443", "shop.lan:8443"),
        ("https://192.168.1.5", "192.168.1.5"),
    ],
)
def test_an_address_of_a_proxy(text: str, host: str) -> None:
    assert parse_address(text).origin == f"https://{host}"


@pytest.mark.parametrize(
    "text",
    ["", "shop.lan", "http://shop.lan", "https://", "https://shop.lan/tables", "https://a@shop.lan"]
    + [
        "https://shop.lan?a",
        "https://shop.lan#a",
        "https://shop.lan:0x50",
        "https://shop.lan:99999",
    ]
    + ["https://shop.lan:", "https://shop_1.lan", "https://[::1]", "https://shop.lan\\a", "True"]
    + ["https://-shop.lan", "https://shop..lan", "https://*.lan", "https://shöp.lan", "https:/a"],
)
def test_no_address_of_a_proxy(text: str) -> None:
    with pytest.raises(DesktopError, match="Nothing is shared"):
        parse_address(text)


def test_a_broken_setting_shares_nothing_rather_than_without_encryption(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    need_network()
    folder = tmp_path_factory.mktemp("broken")
    (folder / "settings.toml").write_text("network = true\nnetwork_proxy = true\n", "utf-8")
    program = start_program(folder, "--port", "0", "--stay")
    try:
        assert any("cannot be the address of the proxy" in each for each in program.said)
        program.enter()
        assert "Nothing is shared" in Owner(program).page()
        assert "Shared in the network" not in Owner(program).page()
    finally:
        end_program(program)
