"""Start a built program and use it as a person would: enter, import a file, read it back, quit.

In surroundings that people have: folders with umlauts and emoji, a language that is not installed,
no time zones, starts that are killed, two people at one computer.

Usage: python installer/try_program.py COMMAND [ARGUMENT …]
"""

import html
import io
import os
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from try_users import try_users
from visiting import Visitor, check_files, check_full_text, check_sqlite, use, wait_until

LANGUAGES = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "PYTHONIOENCODING")
SURROUNDINGS = {
    "no language, no time zones": ({"LC_ALL": "C", "TZ": "Asia/Kathmandu", "TZDIR": "/no"}, 0),
    "a language that is not installed": ({"LC_ALL": "tr_TR.ISO-8859-9", "TZ": "Own-5:45"}, 345),
    "a language and a zone that nobody has": ({"LANG": "xx_XX", "TZ": "No/Where"}, 0),
}
"""What is changed in the environment, and how many minutes local time is then ahead of UTC."""


def main(command: list[str]) -> None:
    with tempfile.TemporaryDirectory(suffix=" Käse & 🙂") as name:
        folder = Path(name)
        awkward = moved(command, folder / "Prögramm 🙂")
        try_it(awkward, folder)
        for number, (what, (changed, minutes)) in enumerate(SURROUNDINGS.items()):
            try_surroundings(awkward, folder / str(number), changed, minutes)
            print(f"{what}: all fine")
        try_login(command, folder / "login")
        try_killed(awkward)
        try_abandoned(awkward)
    try_users(command)


def moved(command: list[str], folder: Path) -> list[str]:
    """The same command, with a frozen program copied to `folder`."""
    program = Path(command[0])
    folder.mkdir()
    if (program.parent / "_internal").is_dir():
        shutil.copytree(program.parent, folder / "all", symlinks=True)
        return [str(folder / "all" / program.name), *command[1:]]
    with program.open("rb") as file:
        # A venv's command is a script, its Python a link.
        if program.is_symlink() or file.read(4) != b"\x7fELF":
            return command
    return [str(shutil.copy(program, folder / program.name)), *command[1:]]


def try_it(command: list[str], folder: Path) -> None:
    began = time.monotonic()
    unpacked = folder / "Tëmp 🙂"
    program, link = start_in(command, folder / "data", unpacked)
    seconds = time.monotonic() - began
    try:
        visitor = use(link)
        check_files(visitor, inside_of(command, unpacked))
        version = check_sqlite(visitor)
        check_full_text(visitor, folder)
        visitor.quit()
        assert program.wait(30) == 0
    finally:
        end(program)
    print(
        f"tried {command[0]}: link after {seconds:.2f} s; pages, all files, import, edit, search, "
        f"export, SQLite {version} with FTS5, quit: all fine"
    )


def inside_of(command: list[str], unpacked: Path) -> Path:
    """Where the program's templates lie: unpacked, beside it, or in its Python's packages."""
    program = Path(command[0])
    places = [
        *unpacked.glob("_MEI*"),
        program.resolve().parent / "_internal",
        *program.parent.parent.glob("lib/python*/site-packages/myapp"),
    ]
    return next(each for each in places if (each / "templates").is_dir())


def try_surroundings(
    command: list[str], folder: Path, changed: dict[str, str], minutes: int
) -> None:
    """A file on the command line, imported and exported; and the same without a browser."""
    folder.mkdir()
    file = folder / "Größe & 🙂.csv"
    file.write_text("name,age\nGräce 🙂,85\n", encoding="utf-8")
    unpacked = folder / "Tëmp 🙂"
    program, link = start_in(command, folder / "dätä 🙂", unpacked, str(file), **changed)
    try:
        visitor = Visitor(link)
        visitor.look()
        assert html.escape(file.stem) in visitor.ask("GET", visitor.place)[2]
        visitor.take_in(visitor.place, "İmported 🙂")
        assert visitor.cells("İmported 🙂")[0][1:] == ["Gräce 🙂", 85]
        with zipfile.ZipFile(io.BytesIO(visitor.export("csv"))) as archive:
            written = datetime(*archive.infolist()[0].date_time, tzinfo=UTC)
        ahead = written - timedelta(minutes=minutes) - datetime.now(UTC)
        assert abs(ahead) < timedelta(minutes=2), f"local time is wrong by {ahead}"
        visitor.quit()
        assert program.wait(30) == 0
    finally:
        end(program)
    database, out = folder / "Bücher 🙂.sqlite", folder / "Größe & 🙂 again.csv"
    for words in (
        ["import", str(file), "--into", str(database)],
        ["export", "--from", str(database), "--to", str(out)],
    ):
        done = subprocess.run(
            [*command, *words],
            env=environment(unpacked, changed),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done
    assert '"Gräce 🙂",85' in out.read_text(encoding="utf-8-sig")


def try_login(command: list[str], folder: Path) -> None:
    """Turned on, started as a desktop would, moved, and turned off."""
    folder.mkdir()
    data, unpacked = folder / "dätä 🙂", folder / "Tëmp 🙂"
    changed = {"XDG_CONFIG_HOME": str(folder / "config")}
    options = ["--port", "0", "--data-folder", str(data)]

    def run(program: list[str], *words: str) -> str:
        return subprocess.run(
            [*program, *options, *words],
            env=environment(unpacked, changed),
            cwd="/",
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    unpacked.mkdir()
    first = moved(command, folder / "first 🙂")
    run(first, "--start-at-login", "on")
    (entry,) = (folder / "config" / "autostart").iterdir()
    (line,) = (each for each in entry.read_text("utf-8").splitlines() if each.startswith("Exec="))
    words = shlex.split(line.removeprefix("Exec="))
    with subprocess.Popen(words, env=environment(unpacked, changed), cwd="/") as started:
        wait_until(lambda: (data / "instance.json").exists(), "the start at login")
        assert "/_desktop/enter?code=" in run(first, "--no-browser")
        run(first, "--quit")
    assert started.returncode == 0
    second = moved(command, folder / "second 🙂")
    if first != second:
        shutil.rmtree(folder / "first 🙂")
        program, _ = start_in(second, data, unpacked, **changed)
        wait_until(lambda: second[0] in entry.read_text("utf-8"), "mending the entry")
        end(program)
    run(second, "--start-at-login", "off")
    assert not entry.exists()
    print("start at login, moved and turned off: all fine")


def try_killed(command: list[str]) -> None:
    """A one-file program whose outer process is killed ends, and leaves nothing unpacked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpacked = folder / "unpacked"
        program, link = start_in(command, folder, unpacked)
        port = urllib.parse.urlsplit(link).port
        if not list(unpacked.glob("_MEI*")):
            end(program)
            return
        program.kill()
        program.wait()
        wait_until(
            lambda: not answers(port or 0) and not list(unpacked.glob("_MEI*")),
            "the end of the inner process and its files",
        )
        program.communicate()
        print("killed from outside: ended, and nothing left behind")


def try_abandoned(command: list[str]) -> None:
    """What starts leave unpacked whose every process is killed, a later start removes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpacked = folder / "unpacked"
        first, _ = start_in(command, folder, unpacked)
        left = set(unpacked.glob("_MEI*"))
        if not left:
            end(first)
            return
        assert all((each / "instance.lock").exists() for each in left), "not marked"
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
        assert set(unpacked.glob("_MEI*")) == left
        left.add(kill_while_unpacking(command, folder, unpacked))
        second, _ = start_in(command, folder, unpacked)
        third, _ = start_in(command, folder / "other", unpacked)
        wait_until(lambda: not left & set(unpacked.glob("_MEI*")), "removing what was left")
        assert len(list(unpacked.glob("_MEI*"))) == 2, "a running program's folder is gone"
        end(second)
        end(third)
        print("every process killed, also while it unpacked: a later start removed what was left")


def kill_while_unpacking(command: list[str], folder: Path, unpacked: Path) -> Path:
    """What a start leaves that was killed then, an hour ago."""
    before = set(unpacked.glob("_MEI*"))
    # The kernel kills it in the middle of its first large file, however busy the machine is.
    program = popen(command, folder, unpacked, before=limit_files)
    program.communicate()
    assert program.returncode == -signal.SIGXFSZ, program.returncode
    (left,) = set(unpacked.glob("_MEI*")) - before
    assert not (left / "base_library.zip").exists(), "killed too late"
    then = time.time() - 3600
    os.utime(left, (then, then))
    return left


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


def start_in(
    command: list[str], folder: Path, unpacked: Path, *files: str, **changed: str
) -> tuple[subprocess.Popen[str], str]:
    """The program, unpacking to a folder of its own, and its entry link."""
    program = popen(command, folder, unpacked, *files, **changed)
    assert program.stdout is not None
    link = program.stdout.readline().strip()
    assert link.startswith("http"), link
    return program, link


def popen(
    command: list[str],
    folder: Path,
    unpacked: Path,
    *files: str,
    before: Callable[[], None] | None = None,
    **changed: str,
) -> subprocess.Popen[str]:
    unpacked.mkdir(exist_ok=True)
    options = ["--no-browser", "--stay", "--port", "0", "--data-folder", str(folder)]
    return subprocess.Popen(
        [*command, *options, *files],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(unpacked, changed),
        start_new_session=True,
        preexec_fn=before,
    )


def environment(unpacked: Path, changed: dict[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not changed or k not in LANGUAGES}
    return {**kept, "TMPDIR": str(unpacked), **changed}


def end(program: subprocess.Popen[str]) -> None:
    program.terminate()
    program.communicate(timeout=30)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
