"""The examples of installer/server tried for real: nginx and Caddy with TLS, Waitress, the unit."""

import http.client
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from myapp.public.preparing import prepare_data
from tests.conftest import port_of_our_own, wait_until
from tests.proxies import caddy_with, certificate, filled_in, needs, nginx_with

from .conftest import PASSWORD
from .serving import GUNICORN, ROOT, Person, serving, settings
from .under_the_unit import NUMBERS

pytestmark = pytest.mark.slow
EXAMPLES = ROOT / "installer" / "server"
HOST = "tables.example.org"


@contextmanager
def nginx(folder: Path, behind: int) -> Iterator[tuple[int, int, Path]]:
    """The example with other ports and paths; gives its ports for https and http."""
    pem, secure, plain = certificate(folder, HOST), port_of_our_own(), port_of_our_own()
    text = (EXAMPLES / "nginx.conf").read_text(encoding="utf-8")
    text = filled_in(
        text,
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{secure} ssl http2;"),
        ("127.0.0.1:8000", f"127.0.0.1:{behind}"),
        ("/etc/ssl/tables.example.org.pem", str(pem)),
        ("/etc/ssl/private/tables.example.org.key", str(pem)),
    )
    with nginx_with(folder, text):
        yield secure, plain, pem


def test_nginx_with_tls_stands_before_it(tmp_path: Path) -> None:
    needs("nginx")
    behind = port_of_our_own()
    with (
        serving(
            tmp_path, port=behind, MYAPP_ADDRESS=f"https://{HOST}", MYAPP_PROXIES="127.0.0.1"
        ) as server,
        nginx(tmp_path, behind) as (secure, plain, pem),
    ):
        person = Person(secure, HOST, pem)
        wait_until(lambda: person.get("/sign-in")[0] == 200)
        person.sign_in()
        assert set(person.cookies) == {"__Host-myapp", "__Host-myapp-visit"}
        assert person.ask("POST", "/sample", {})[0] == 303
        assert '"total":12' in person.get("/tables/Books/rows?count=1")[1]
        # A browser's own forwarded headers are not what is believed.
        forged = {
            "X-Forwarded-For": "6.6.6.6",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.test",
            "Forwarded": "for=6.6.6.6",
        }
        status, page = person.ask("GET", "/account", **forged)
        assert status == 200 and "6.6.6.6" not in page
        requests = [line for line in server.log if line["event"] == "request"]
        assert {line["client"] for line in requests[-3:]} == {"127.0.0.1"}
        # Underscores and other hosts.
        assert person.ask("GET", "/", SCRIPT_NAME="/sign-in")[0] == 200
        assert person.ask("GET", "/", Host="evil.test")[0] == 421
        # Without TLS one is led to it; past nginx nobody is let in.
        status, place = Person(plain, HOST).get("/history")
        assert (status, place) == (301, f"https://{HOST}/history")
        assert Person(behind, HOST).get("/sign-in")[0] == 403
        # What is too large nginx refuses before it is sent on.
        assert person.ask("POST", "/files", **{"Content-Length": str(101 << 20)})[0] == 413


@contextmanager
def caddy(folder: Path, behind: int, secure: int) -> Iterator[Path]:
    """The example with other ports and a given certificate; gives that."""
    pem = certificate(folder, HOST)
    text = (EXAMPLES / "Caddyfile").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    text = text.replace(f"{HOST} {{", f"{HOST}:{secure} {{\n\ttls {pem} {pem}\n\tbind 127.0.0.1", 1)
    with caddy_with(folder, "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text):
        yield pem


@contextmanager
def behind_caddy(tmp_path: Path) -> Iterator[Person]:
    """Somebody who has signed in."""
    needs("caddy")
    behind, secure = port_of_our_own(), port_of_our_own()
    host = f"{HOST}:{secure}"
    with (
        serving(tmp_path, port=behind, MYAPP_ADDRESS=f"https://{host}", MYAPP_PROXIES="127.0.0.1"),
        caddy(tmp_path, behind, secure) as pem,
    ):
        person = Named(secure, host, pem)
        wait_until(lambda: person.get("/sign-in")[0] == 200)
        person.sign_in()
        yield person


def test_caddy_with_tls_stands_before_it(tmp_path: Path) -> None:
    with behind_caddy(tmp_path) as person:
        assert person.ask("POST", "/sample", {})[0] == 303
        page = person.ask("GET", "/account", **{"X-Forwarded-For": "6.6.6.6"})[1]
        assert "6.6.6.6" not in page and "127.0.0.1" in page


class Named(Person):
    """Says in TLS, too, which host is asked: Caddy finds the certificate by that."""

    def connect(self) -> http.client.HTTPConnection:
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection.sock = trusted.wrap_socket(plain, server_hostname=HOST)
        return connection


def test_waitress_serves_it_too(tmp_path: Path) -> None:
    port = port_of_our_own()
    command = ("waitress", f"--listen=127.0.0.1:{port}", "--no-clear-untrusted-proxy-headers")
    with serving(
        tmp_path,
        *command,
        "--call",
        "myapp.wsgi:create_app",
        port=port,
        MYAPP_ADDRESS=f"https://{HOST}",
        MYAPP_PROXIES="127.0.0.1",
    ):
        forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        person = Person(port, HOST)
        assert person.get("/sign-in")[0] == 403
        assert person.ask("GET", "/sign-in", **forwarded)[0] == 200
        form = {"name": "Olga", "password": PASSWORD}
        origin = {"Origin": f"https://{HOST}"}
        assert person.ask("POST", "/sign-in", form, **forwarded, **origin)[0] == 303
        page = person.ask("GET", "/account", **forwarded)[1]
        assert "203.0.113.7" in page


def test_slow_clients_do_not_keep_others_out(tmp_path: Path) -> None:
    """Behind nginx, which waits for them: more of them than the program has threads."""
    needs("nginx")
    behind = port_of_our_own()
    with (
        serving(
            tmp_path,
            port=behind,
            MYAPP_ADDRESS=f"https://{HOST}",
            MYAPP_PROXIES="127.0.0.1",
            MYAPP_WORKERS="1",
            MYAPP_THREADS="2",
        ),
        nginx(tmp_path, behind) as (secure, _, pem),
    ):
        person = Person(secure, HOST, pem)
        wait_until(lambda: person.get("/sign-in")[0] == 200)
        with slow_senders(secure, HOST, pem):
            begun = time.monotonic()
            assert person.get("/sign-in")[0] == 200
            assert time.monotonic() - begun < 20, "it waited for the slow ones"


@contextmanager
def slow_senders(port: int, host: str, pem: Path) -> Iterator[None]:
    """Thirty who have not signed in, each in the middle of a form."""
    trusted = ssl.create_default_context(cafile=str(pem))
    slow = []
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nContent-Length: 5000"
        "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nname="
    )
    for _ in range(30):
        plain = socket.create_connection(("127.0.0.1", port))
        held = trusted.wrap_socket(plain, server_hostname=HOST)
        held.sendall(head.encode())
        slow.append(held)
    try:
        yield
    finally:
        for held in slow:
            held.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                held.recv(1)  # it was not waited for: it waits itself
            held.close()


def test_slow_clients_behind_caddy_leave_threads_to_who_works_here(tmp_path: Path) -> None:
    """As the example is, Caddy waits for nobody, and passes on what comes as it comes."""
    with behind_caddy(tmp_path) as person:
        assert person.certificate is not None
        with slow_senders(person.port, person.host, person.certificate):
            time.sleep(0.5)
            begun = time.monotonic()
            assert person.ask("POST", "/sample", {})[0] == 303
            assert person.get("/tables/Books")[0] == 200
            assert time.monotonic() - begun < 20, "it waited for the slow ones"


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = needs("systemd-analyze")
    unit = (EXAMPLES / "myapp.service").read_text(encoding="utf-8")
    copy = tmp_path / "myapp.service"
    # The program is not installed here; everything else is looked at as it is.
    copy.write_text(re.sub("/opt/myapp/bin/gunicorn", "/bin/true", unit), encoding="utf-8")
    done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_under_the_units_filter_it_listens_on_a_unix_socket(tmp_path: Path) -> None:
    """The one way that keeps other users of the server out."""
    needs("systemd-analyze")
    if not NUMBERS.exists():
        pytest.skip("the numbers of the system calls are not here")
    tmp_path.chmod(0o700)
    prepare_data(tmp_path / "tables.sqlite")
    place = tmp_path / "socket"
    bound = {"MYAPP_BIND": f"unix:{place}", "MYAPP_PROXIES": "unix"}
    secured = {"MYAPP_ADDRESS": f"https://{HOST}", "MYAPP_ALLOW_HTTP": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.public.under_the_unit", *GUNICORN],
        env=settings(tmp_path, 0, **bound, **secured),
        stdout=subprocess.DEVNULL,
    )
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            wait_until(lambda: asking.connect(str(place)) is None)
            head = f"GET /sign-in HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 203.0.113.7"
            asking.sendall(f"{head}\r\nX-Forwarded-Proto: https\r\n\r\n".encode())
            asking.settimeout(20)
            assert asking.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert place.stat().st_mode & 0o777 == 0o770
    finally:
        process.terminate()
        process.wait(60)
