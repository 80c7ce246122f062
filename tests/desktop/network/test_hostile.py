"""Hostile requests to the shared address over raw sockets, each beside an honest one.

The probe behind it believes every header, so that only the guard can have refused.
"""

import re
import socket

import pytest

from tests.conftest import LIMIT, Program, wait_until
from tests.desktop.hostile.attack import Request, honest_at, seen

from .shared import Device, Owner, is_dropped, send_raw

PAGE, CHANGE = honest_at("HOSTNAME:PORT", "http://HOSTNAME:PORT")
GUESS = "a" * 43

REFUSED: dict[str, tuple[Request, Request, int]] = {
    "no cookie": (PAGE, PAGE.but(cookie=None), 303),
    "guessed cookie": (PAGE, PAGE.but(cookie=f"myapp-PORT={GUESS}"), 303),
    "empty cookie": (PAGE, PAGE.but(cookie="myapp-PORT="), 303),
    "cookie under another port's name": (PAGE, PAGE.but(cookie="xCOOKIE"), 303),
    "cookie of the waiting": (PAGE, PAGE.but(cookie=f"myapp-PORT-join={GUESS}"), 303),
    "cookie in another header": (PAGE, PAGE.but(cookie=None, authorization="COOKIE"), 303),
    "cookie twice": (PAGE, PAGE.and_also(("Cookie", "a=b")), 400),
    "change without a cookie": (CHANGE, CHANGE.but(cookie=None), 403),
    "host of loopback": (PAGE, PAGE.but(host="127.0.0.1:PORT"), 421),
    "host localhost": (PAGE, PAGE.but(host="localhost:PORT"), 421),
    "host without a port": (PAGE, PAGE.but(host="HOSTNAME"), 421),
    "host of a rebound name": (PAGE, PAGE.but(host="evil.example:PORT"), 421),
    "host 0.0.0.0": (PAGE, PAGE.but(host="0.0.0.0:PORT"), 421),
    "host mapped into IPv6": (PAGE, PAGE.but(host="[::ffff:HOSTNAME]:PORT"), 421),
    "host with a trailing dot": (PAGE, PAGE.but(host="HOSTNAME.:PORT"), 421),
    "no host": (PAGE, PAGE.but(host=None), 421),
    "two hosts": (PAGE, PAGE.and_also(("Host", "evil.example")), 400),
    "forwarded host": (PAGE, PAGE.but(host="evil", x_forwarded_host="HOSTNAME:PORT"), 421),
    "whole address as target": (PAGE, PAGE.but(target="http://HOSTNAME:PORT/page"), 400),
    "origin of another page": (CHANGE, CHANGE.but(origin="http://evil.example"), 403),
    "origin of another port": (CHANGE, CHANGE.but(origin="http://HOSTNAME:1"), 403),
    "origin of the owner's own address": (CHANGE, CHANGE.but(origin="http://127.0.0.1:PORT"), 403),
    "origin null": (CHANGE, CHANGE.but(origin="null"), 403),
    "no origin": (CHANGE, CHANGE.but(origin=None), 403),
    "asked by another site": (PAGE, PAGE.but(sec_fetch_site="cross-site"), 403),
    "asked by another port": (
        PAGE,
        PAGE.but(sec_fetch_site="same-site", sec_fetch_mode="cors", sec_fetch_dest="empty"),
        403,
    ),
    "method of the wire": (PAGE, PAGE.but(method="TRACE"), 405),
    "method made up": (PAGE, PAGE.but(method="BREW"), 405),
    "method of WebDAV": (PAGE, PAGE.but(method="PROPFIND"), 405),
    "HTTP/1.0 without a host": (PAGE, PAGE.but(version=" HTTP/1.0", host=None), 421),
    "upgrade": (PAGE, PAGE.but(upgrade="websocket"), 400),
    "method told in a header": (PAGE, PAGE.but(x_http_method_override="DELETE"), 400),
    "body with a GET": (PAGE, PAGE.but(content_length="3", body="a=1"), 400),
    "two lengths": (CHANGE, CHANGE.and_also(("Content-Length", "9")), 400),
    "no length": (CHANGE, CHANGE.but(content_length=None, transfer_encoding="chunked"), 411),
    "huge body of an editor": (CHANGE, CHANGE.but(content_length="999999999"), 413),
    "quit": (CHANGE, CHANGE.but(target="/_desktop/quit"), 404),
    "quit, with a token": (
        CHANGE,
        CHANGE.but(target="/_desktop/quit", x_desktop_token="TOKEN"),
        404,
    ),
    "the page Share": (PAGE, PAGE.but(target="/_desktop/share"), 404),
    "what is shared changed": (
        CHANGE,
        CHANGE.but(target="/_desktop/share", x_desktop_token="TOKEN"),
        404,
    ),
    "a code asked for": (PAGE, PAGE.but(target="/_desktop/share/state"), 404),
    "hand-over": (CHANGE, CHANGE.but(target="/_desktop/handover"), 404),
    "hand-over without a cookie": (
        CHANGE,
        CHANGE.but(target="/_desktop/handover", cookie=None),
        403,
    ),
    "entry link": (PAGE, PAGE.but(target="/_desktop/enter?code=a"), 404),
    "entry link without a cookie": (
        PAGE,
        PAGE.but(target="/_desktop/enter?code=a", cookie=None),
        303,
    ),
    "own addresses without their slash": (PAGE, PAGE.but(target="/_desktop"), 404),
    "own addresses by a detour": (PAGE, PAGE.but(target="/_desktop/../_desktop/quit"), 404),
    "own addresses in disguise": (PAGE, PAGE.but(target="/%5Fdesktop/share"), 404),
    "own addresses with two slashes": (PAGE, PAGE.but(target="//_desktop/share"), 404),
    "leave without a token": (CHANGE, CHANGE.but(target="/_desktop/leave"), 403),
    "join from a page of another site": (
        CHANGE,
        CHANGE.but(target="/_desktop/join", cookie=None, origin="http://evil.example"),
        403,
    ),
    "join without an origin": (
        CHANGE,
        CHANGE.but(target="/_desktop/join", cookie=None, origin=None),
        403,
    ),
    "join with a large body": (
        CHANGE,
        CHANGE.but(target="/_desktop/join", cookie=None, content_length="5000"),
        413,
    ),
    "a change of a page's presence without a cookie": (
        CHANGE,
        CHANGE.but(target="/_desktop/presence", cookie=None),
        403,
    ),
}


OPENER = "cross-origin-opener-policy"


def test_of_the_headers_that_keep_other_pages_away_one_alone_is_left_out(
    naive: tuple[Program, Owner], editor: Device
) -> None:
    """No browser heeds it on plain HTTP: it would only be an error on each page's console."""
    pages = ((editor.get("/page"), naive[0].get("/page")),
             (editor.get("/_desktop/nothing"), naive[0].get("/_desktop/nothing")))  # fmt: skip
    for shared, own in pages:
        assert own.headers[OPENER] == "same-origin"
        kept = {name for name in own.headers if name not in (OPENER, "date")}
        assert kept <= set(shared.headers)
        assert OPENER not in shared.headers
    assert OPENER not in send_raw(editor, PAGE.but(upgrade="websocket")).text.lower()


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_reaches_the_application(
    naive: tuple[Program, Owner], editor: Device, name: str
) -> None:
    honest, hostile, status = REFUSED[name]
    assert send_raw(editor, honest).status == 200, "the honest request must be accepted"
    before = seen(naive[0])
    reply = send_raw(editor, hostile)
    assert reply.status == status
    assert "treasure" not in reply.text
    assert seen(naive[0]) == before


def test_a_file_as_large_as_a_record_takes_is_let_through_to_it(editor: Device) -> None:
    """Of 250 MB, and what a form adds; it is waited for, and nothing is answered yet."""
    assert send_raw(editor, CHANGE.but(content_length="250001000"), 0.3).statuses == []
    assert send_raw(editor, CHANGE.but(content_length="280000000")).status == 413


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_viewer_of_an_application_without_roles_only_looks(
    naive: tuple[Program, Owner], editor: Device, watcher: Device, method: str
) -> None:
    assert send_raw(editor, CHANGE.but(method=method)).status == 200
    before = seen(naive[0])
    assert send_raw(watcher, CHANGE.but(method=method)).status == 403
    assert seen(naive[0]) == before
    assert send_raw(watcher, PAGE).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1;host=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"x_forwarded_proto": "https", "x_forwarded_prefix": "/_desktop"},
    ],
    ids=str,
)
def test_what_a_proxy_would_say_is_not_believed(editor: Device, headers: dict[str, str]) -> None:
    honest = send_raw(editor, PAGE).text.partition("\r\n\r\n")[2]
    assert send_raw(editor, PAGE.but(**headers)).text.partition("\r\n\r\n")[2] == honest


def test_who_asks_to_join_cannot_say_from_where(naive: tuple[Program, Owner]) -> None:
    _, owner = naive
    device = owner.device()
    form = f"code={owner.code}&name=Forged"
    kind = {"Origin": device.origin, "Content-Type": "application/x-www-form-urlencoded"}
    told = {"X-Forwarded-For": "10.99.99.99", "X-Forwarded-Proto": "https"}
    assert device.ask("POST", "/_desktop/join", form, {**kind, **told}).status == 303
    page = owner.page()
    assert f"from {device.host.partition(':')[0]}" in page
    assert "10.99.99.99" not in page
    owner.do("refuse", id=owner.id_of("Forged"))


def test_a_peer_of_no_device_of_the_subnet_gets_no_byte(
    naive: tuple[Program, Owner], editor: Device
) -> None:
    """This computer's own loopback is outside of every subnet, and is dropped like the world."""
    host, _, port = editor.host.partition(":")
    before = seen(naive[0])
    assert is_dropped((host, int(port)), "127.0.0.1")
    assert is_dropped((host, int(port)), "127.0.0.9")
    assert not is_dropped((host, int(port)), host)
    assert seen(naive[0]) == before


def test_it_listens_on_that_one_address_alone(editor: Device) -> None:
    host, _, port = editor.host.partition(":")
    for other in ("127.0.0.1", "127.0.0.2"):
        assert Device(f"http://{other}:{port}").host
        with pytest.raises(ConnectionRefusedError):
            Device(f"http://{other}:{port}").get("/")
    assert Device(f"http://{host}:{port}").get("/_desktop/join").status == 200


def test_over_ipv6_nobody_reaches_it(editor: Device) -> None:
    """A peer whose IPv4 address an IPv6 socket maps is the IPv4 peer that it is, and no other."""
    host, _, port = editor.host.partition(":")
    for address in ("::1", "::ffff:127.0.0.1", "fe80::1%lo", "fe80::1%eth0"):
        with pytest.raises(OSError), socket.create_connection((address, int(port)), 0.3):
            pass
    try:
        asking = socket.create_connection((f"::ffff:{host}", int(port)), LIMIT)
    except OSError:
        pytest.skip("no IPv6 here")
    with asking:
        asked = f"GET /_desktop/join HTTP/1.1\r\nHost: [::ffff:{host}]:{port}\r\n"
        asking.sendall(f"{asked}Connection: close\r\n\r\n".encode())
        assert asking.recv(100).startswith(b"HTTP/1.1 421 ")


def test_a_devices_cookie_is_none_of_the_owners_nor_the_other_way(
    naive: tuple[Program, Owner], editor: Device
) -> None:
    program = naive[0]
    value = editor.cookie.partition("=")[2]
    for cookie in (editor.cookie, f"myapp-{program.port}={value}"):
        assert program.ask("GET", "/page", headers={"Cookie": cookie}).status == 403
    port = editor.host.partition(":")[2]
    owners = program.cookie.partition("=")[2]
    for cookie in (program.cookie, f"myapp-{port}={owners}"):
        assert editor.ask("GET", "/page", headers={"Cookie": cookie}).status == 303


def test_of_requests_in_a_row_each_has_to_prove_itself(editor: Device) -> None:
    kept = {"connection": "keep-alive"}
    row = (PAGE.but(**kept), PAGE.but(cookie=None, **kept), PAGE.but(host="evil.example"))
    assert send_raw(editor, "".join(each.text() for each in row)).statuses == [200, 303, 421]


def test_a_cookie_that_another_server_of_the_address_left_hides_no_session(editor: Device) -> None:
    """Cookies ignore ports: another server there may set one of the name, which comes first."""
    name = editor.cookie.partition("=")[0]
    tossed = "; ".join([f"{name}={GUESS}"] * 3)
    assert send_raw(editor, PAGE.but(cookie=f"{tossed}; COOKIE")).status == 200
    assert send_raw(editor, PAGE.but(cookie=tossed)).status == 303


def test_who_says_to_be_two_devices_is_none(editor: Device, watcher: Device) -> None:
    """Another server there joined with a device of its own, and tosses its session in."""
    both = f"{watcher.cookie}; COOKIE"
    assert send_raw(editor, PAGE.but(cookie=both)).status == 403
    assert send_raw(editor, CHANGE.but(cookie=both)).status == 403
    assert send_raw(editor, PAGE.but(cookie=both, target="/_desktop/join")).status == 200
    assert send_raw(editor, PAGE.but(cookie="COOKIE; COOKIE")).status == 200


def test_a_cookie_that_was_given_beforehand_is_never_made_a_session(
    naive: tuple[Program, Owner],
) -> None:
    """Session fixation: who planted both cookies on the device knows none of its sessions."""
    owner = naive[1]
    device = Device(owner.origin)
    port = device.host.partition(":")[2]
    device.cookie = f"myapp-{port}={GUESS}; myapp-{port}-join={GUESS}"
    assert device.join(owner.code, "Planted").status == 303
    waiting = device.cookie
    assert GUESS not in waiting
    owner.do("confirm", id=owner.id_of("Planted"), role="viewer")
    answer = device.fetch()
    assert GUESS not in answer.headers["cookies"]
    assert waiting.partition("=")[2] not in answer.headers["cookies"]
    assert device.get("/page").status == 200
    # Nor does the cookie of the waiting work as a session, or once more.
    again = Device(device.origin, waiting)
    assert again.get("/page").status == 303
    assert "Code" in again.get("/_desktop/join").text
    for cookie in answer.headers["cookies"].splitlines():
        assert "HttpOnly; SameSite=Strict" in cookie


def test_codes_cannot_be_guessed_at_length(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.conftest import end_program

    from .shared import start_shared

    program, owner = start_shared(tmp_path_factory.mktemp("guessed"))
    try:
        device, code = Device(owner.origin), owner.code
        wrong = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 8)]
        statuses = [device.join(each, "Mallory").status for each in wrong]
        assert statuses == [403] * 5 + [429] * 2
        assert device.join(code, "Mallory").status == 429
        assert "wrong codes were tried" in owner.page()
        assert "Mallory" not in owner.page()
    finally:
        end_program(program)


def test_a_device_that_was_ended_or_given_another_role_is_so_at_once(
    naive: tuple[Program, Owner],
) -> None:
    owner = naive[1]
    device = owner.let_in("Lent", "editor")
    id_ = owner.id_of("Lent")
    assert send_raw(device, CHANGE).status == 200
    owner.do("role", id=id_, role="viewer")
    assert send_raw(device, CHANGE).status == 403
    owner.do("role", id=id_, role="admin")
    assert send_raw(device, CHANGE).status == 403
    owner.do("end", id=id_)
    assert send_raw(device, PAGE).status == 303


def test_an_ended_device_is_cut_off_in_the_middle_of_what_it_reads(
    naive: tuple[Program, Owner],
) -> None:
    owner = naive[1]
    device = owner.let_in("Halfway", "editor")
    host, _, port = device.host.partition(":")
    asked = PAGE.text().replace("HOSTNAME:PORT", device.host).replace("COOKIE", device.cookie)
    with socket.create_connection((host, int(port)), LIMIT) as connection:
        connection.sendall(asked.replace("Connection: close\r\n", "").encode())
        assert connection.recv(20).startswith(b"HTTP/1.1 200")
        while connection.recv(65536).find(b"}") < 0:
            pass
        owner.do("end", id=owner.id_of("Halfway"))
        assert connection.recv(1) == b""


def test_what_the_owner_decides_needs_the_pages_token(naive: tuple[Program, Owner]) -> None:
    program, owner = naive
    headers = {"Cookie": program.cookie, "Origin": program.origin}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for token in ("", "&_token=guess"):
        answer = program.ask("POST", "/_desktop/share", f"action=stop{token}", headers | kind)
        assert answer.status == 403
    evil = {**headers, **kind, "Origin": "http://evil.example"}
    body = f"action=stop&_token={program.token}"
    assert program.ask("POST", "/_desktop/share", body, evil).status == 403
    assert program.ask("GET", "/_desktop/share?action=stop", headers=headers).status == 200
    assert owner.origin


def test_a_name_is_shown_as_text(naive: tuple[Program, Owner]) -> None:
    owner = naive[1]
    device = Device(owner.origin)
    assert device.join(owner.code, "<b onload=alert(1)>'\"").status == 303
    assert "<b onload" not in owner.page()
    assert "<b onload" not in device.get("/_desktop/join").text
    assert re.search(r"&lt;b onload", owner.page())


def test_half_sent_requests_hold_up_nobody_and_are_few_from_one_address(editor: Device) -> None:
    host, _, port = editor.host.partition(":")
    held = []
    try:
        for _ in range(130):
            each = socket.create_connection((host, int(port)), LIMIT)
            each.sendall(f"POST /_desktop/join HTTP/1.1\r\nHost: {editor.host}\r\nConte".encode())
            held.append(each)
        assert held[0].fileno() > 0
        with pytest.raises(OSError):
            editor.get("/page")
    finally:
        for each in held[:60]:
            each.close()
    # Seventy still hang there; eight threads answer, once it is seen that the others went.
    try:
        wait_until(lambda: editor.get("/page").status == 200)
    finally:
        for each in held:
            each.close()
