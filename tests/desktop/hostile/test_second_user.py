"""Another user of this machine, a real one, who holds a valid cookie."""

import os
import subprocess
import sys

import pytest

from tests.conftest import Program

from .attack import PAGE, seen, send

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root can become another user, and only here is it known how",
)

NOBODY = 65534

ASK = """
import os, socket, sys
user, family, address, port, cookie, hurry = sys.argv[1:]
os.setgroups([]); os.setgid(int(user)); os.setuid(int(user))
with socket.socket(getattr(socket, family)) as asking:
    asking.connect((address, int(port)))
    asking.sendall(
        f"GET / HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nCookie: {cookie}\\r\\n"
        "Connection: close\\r\\n\\r\\n".encode()
    )
    if hurry == "leave":
        sys.exit()
    answer = b""
    while piece := asking.recv(65536):
        answer += piece
print(answer.split(b" ", 2)[1].decode())
"""


def ask_as(user: int, probe: Program, *, family: str = "AF_INET", hurry: str = "stay") -> str:
    address = "127.0.0.1" if family == "AF_INET" else "::ffff:127.0.0.1"
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(user), family, address, str(probe.port)]
        + [probe.cookie, hurry],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


def test_the_owner_with_the_cookie_comes_in(probe: Program) -> None:
    assert ask_as(os.geteuid(), probe) == "200"


def test_another_user_with_the_same_cookie_does_not(probe: Program) -> None:
    assert ask_as(NOBODY, probe) == "403"


def test_nor_through_a_socket_of_both_families(probe: Program) -> None:
    """The kernel lists such a connection in its other table."""
    assert ask_as(NOBODY, probe, family="AF_INET6") == "403"


def test_nor_by_leaving_before_it_is_asked_who_it_was(probe: Program) -> None:
    """A closed socket has no owner any more, so whoever leaves at once is refused."""
    before = seen(probe)
    for _ in range(20):
        ask_as(NOBODY, probe, hurry="leave")
    assert send(probe, PAGE).status == 200
    assert len(seen(probe)) == len(before) + 1
