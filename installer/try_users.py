"""Two people at one computer, each with the program: neither comes into the other's.

Makes two users for as long as it takes, so it needs root; otherwise it says that it was left out.
Usage: python installer/try_users.py COMMAND [ARGUMENT …]
"""

import encodings.idna  # noqa: F401, what another user's process may not be able to read
import http.client
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from visiting import Visitor

NAMES = ("try-program-1", "try-program-2")


class Person(NamedTuple):
    """A user of this computer, with a running program of their own."""

    name: str
    home: Path
    program: subprocess.Popen[str]
    link: str

    @property
    def port(self) -> int:
        return urllib.parse.urlsplit(self.link).port or 0


def try_users(command: list[str]) -> None:
    if os.geteuid() != 0 or not (shutil.which("useradd") and shutil.which("userdel")):
        print("two users: left out, since users can be made by root alone")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        command = reachable(command, folder)
        if not command:
            return
        people: list[Person] = []
        try:
            for each in NAMES:
                people.append(begin(each, folder / each, command))
            check(*people)
        finally:
            for person in people:
                person.program.terminate()
                person.program.communicate(timeout=60)
            for each in NAMES:
                subprocess.run(["userdel", each], stderr=subprocess.DEVNULL, check=False)
    print("two users: a port and data for each, and no way into the other's")


def reachable(command: list[str], folder: Path) -> list[str]:
    """The command, where other users may run it; empty where they may not."""
    program = Path(command[0]).resolve()
    with program.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    if not (program.parent / "_internal").is_dir():
        program = Path(shutil.copy(program, folder))
    closed = [each for each in program.parents if not each.stat().st_mode & stat.S_IXOTH]
    return [] if closed else [str(program), *command[1:]]


def begin(name: str, home: Path, command: list[str]) -> Person:
    subprocess.run(["userdel", name], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["useradd", "--no-create-home", "--home-dir", str(home), name], check=True)
    user = pwd.getpwnam(name)
    home.mkdir(mode=0o755)
    os.chown(home, user.pw_uid, user.pw_gid)
    program = subprocess.Popen(
        [*command, "--no-browser", "--stay"],
        stdout=subprocess.PIPE,
        text=True,
        env={"HOME": str(home), "USER": name, "PATH": os.defpath},
        cwd=home,
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
    )
    assert program.stdout is not None
    link = ""
    while not link.startswith("http"):
        link = program.stdout.readline().strip()
        assert link, f"{name}'s program ended"
    return Person(name, home, program, link)


def check(first: Person, second: Person) -> None:
    assert first.port < second.port, "the second gets the next free port"
    run_as(first.name, is_kept_out, second)
    run_as(second.name, is_kept_out, first)
    run_as(first.name, comes_in, first)
    run_as(second.name, comes_in, second)
    for person in (first, second):
        files = [each for each in person.home.rglob("*") if each.is_file()]
        assert files and {each.owner() for each in files} == {person.name}


def comes_in(person: Person) -> None:
    visitor = Visitor(person.link)
    assert person.name not in visitor.look(), "somebody made a table before"
    visitor.take_in(visitor.upload(f"{person.name}.csv", b"a,b\n1,2\n"), person.name)
    home = visitor.look()
    assert [each for each in NAMES if each in home] == [person.name]


def is_kept_out(other: Person) -> None:
    """Neither by the other's entry link nor by the files."""
    split = urllib.parse.urlsplit(other.link)
    for address in (f"{split.path}?{split.query}", "/", "/_desktop/health"):
        connection = http.client.HTTPConnection("127.0.0.1", other.port, timeout=60)
        connection.request("GET", address)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 403, (address, answer.status)
    found = [each for each in other.home.rglob("*") if each.is_file() and os.access(each, os.R_OK)]
    assert not found, f"readable for others: {found}"


def run_as(name: str, what: Callable[[Person], None], person: Person) -> None:
    """In a process of that user's; Python itself may lie where only root can start it."""
    user = pwd.getpwnam(name)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            what(person)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, f"{name}: see above"


if __name__ == "__main__":
    try_users(sys.argv[1:])
