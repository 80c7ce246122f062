"""Another user of this machine, a real one, who holds a valid cookie."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT, Program, end_program, start_program

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
        timeout=LIMIT,
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


def test_another_user_runs_a_program_of_their_own_beside_it() -> None:
    """Same port of last time, own folder: neither takes the other for its first instance."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed")
    # May read like root, for the tests' own Python may lie in root's home, and writes as nobody.
    powers = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    become = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *powers, "--"]
    with tempfile.TemporaryDirectory(dir="/tmp") as mine, tempfile.TemporaryDirectory() as theirs:
        os.chown(theirs, NOBODY, NOBODY)
        first = start_program(Path(mine), "--stay")
        Path(theirs, "port").write_text(str(first.port), encoding="ascii")
        command = [*become, sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--stay"]
        second = subprocess.Popen(
            [*command, "--data-folder", theirs],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "HOME": theirs, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            assert second.stdout is not None
            remark, link = second.stdout.readline(), second.stdout.readline()
            assert f"Port {first.port} is taken" in remark
            theirs_now = Program(second, link.strip(), Path(theirs))
            assert theirs_now.port != first.port
            # Even who may read everything does not come in by the other user's link.
            split = urllib.parse.urlsplit(theirs_now.link)
            assert theirs_now.ask("GET", f"{split.path}?{split.query}").status == 403
            first.enter()
            assert first.get("/").status == 200
        finally:
            end_program(first)
            second.terminate()
            second.communicate(timeout=LIMIT)
