"""One instance for each data folder, whatever the last one left or the first one does."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from myapp.desktop.instance import InstanceLock, RunInfo
from tests.conftest import (
    LIMIT,
    ROOT,
    Program,
    end_program,
    port_of_our_own,
    start_program,
    wait_until,
)

LAUNCHER = [sys.executable, str(ROOT / "launcher.py"), "--no-browser"]
STREAMS = str(Path(__file__).parent / "foreign" / "streams.py")
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def again(data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LAUNCHER, "--data-folder", str(data), *more],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2 * LIMIT,
        check=False,
    )


def test_sixteen_starts_at_once_become_one_program(tmp_path: Path) -> None:
    command = [*LAUNCHER, "--port", "0", "--stay", "--data-folder", str(tmp_path)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(16)
    ]
    try:
        wait_until(lambda: sum(each.poll() is None for each in started) == 1, "one that is left")
        ended = [each for each in started if each.poll() is not None]
        assert [each.returncode for each in ended] == [0] * 15
        port = json.loads((tmp_path / "instance.json").read_text())["port"]
        for each in ended:
            assert each.stdout is not None
            assert f"http://127.0.0.1:{port}/_desktop/enter" in each.stdout.read()
    finally:
        for each in started:
            each.terminate()
            each.communicate(timeout=LIMIT)


def test_the_process_id_of_a_dead_one_may_belong_to_another_by_now(tmp_path: Path) -> None:
    info = {"pid": os.getpid(), "port": 9, "secret": "x"}
    (tmp_path / "instance.json").write_text(json.dumps(info), encoding="ascii")
    program = start_program(tmp_path, "--port", "0")
    end_program(program)
    assert program.process.returncode == 0


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff\xfe", b"x" * 100_000])
def test_a_torn_run_file_does_not_stop_a_start(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "instance.json").write_bytes(left)
    program = start_program(tmp_path, "--port", "0")
    end_program(program)
    assert program.process.returncode == 0


@posix
@pytest.mark.slow
def test_one_that_hangs_is_named_and_left_alone(tmp_path: Path) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay")
    os.kill(program.process.pid, signal.SIGSTOP)
    try:
        second = again(tmp_path)
        assert second.returncode == 6
        assert f"process {program.process.pid}" in second.stderr
        assert "does not answer" in second.stderr
    finally:
        os.kill(program.process.pid, signal.SIGCONT)
    program.enter()
    assert program.get("/").status == 200
    end_program(program)


@pytest.mark.slow
def test_whoever_answers_without_the_proof_learns_nothing(tmp_path: Path) -> None:
    """A program that took the port of one that hangs, or another user's that waited for it."""
    lock = InstanceLock(tmp_path)
    assert lock.take()
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        lock.publish(RunInfo(os.getpid(), impostor.getsockname()[1], "the secret"))
        threading.Thread(target=answer_all, args=(impostor, heard), daemon=True).start()
        second = again(tmp_path, str(tmp_path / "private diary.csv"))
    lock.release()
    assert second.returncode == 6
    assert heard
    assert all(b"the secret" not in each and b"diary" not in each for each in heard)


def answer_all(impostor: socket.socket, heard: list[bytes]) -> None:
    body = json.dumps({"proof": "0" * 64, "nonce": "1", "link": "http://evil.example/"}).encode()
    while True:
        try:
            connection, _ = impostor.accept()
        except OSError:
            return
        with connection:
            heard.append(connection.recv(65536))
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)


def take_a_port_of_programs() -> socket.socket:
    """Below the range that the system gives out by itself, from which none is remembered."""
    for port in range(21_000, 22_000):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
    raise AssertionError("no port is free")


def test_a_taken_port_of_last_time_is_replaced_and_said(tmp_path: Path) -> None:
    with take_a_port_of_programs() as taken:
        port = taken.getsockname()[1]
        (tmp_path / "port").write_text(str(port), encoding="ascii")
        program = start_program(tmp_path, "--stay")
        end_program(program)
    assert program.port != port
    assert any(str(port) in line for line in program.said), program.said
    assert (tmp_path / "port").read_text() == str(port), "next time it is tried again"


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_each_polite_signal_ends_it_with_zero(tmp_path: Path, name: str) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay")
    program.process.send_signal(getattr(signal, name))
    assert program.process.wait(LIMIT) == 0
    end_program(program)
    assert not (tmp_path / "instance.json").exists()


@posix
def test_a_running_request_is_finished_before_the_end(tmp_path: Path) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay", "--app", STREAMS)
    program.enter()
    with socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT) as connection:
        connection.sendall(
            f"GET /page HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n"
            f"Cookie: {program.cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        got = connection.recv(65536)
        program.process.send_signal(signal.SIGTERM)
        while piece := connection.recv(65536):
            got += piece
    assert b"last</body>" in got
    assert program.process.wait(LIMIT) == 0
    end_program(program)


@posix
@pytest.mark.slow
def test_two_hundred_starts_stops_and_kills_leave_nothing_behind(tmp_path: Path) -> None:
    chance = random.Random(3)
    kept: set[str] | None = None
    (tmp_path / "port").write_text(str(port_of_our_own()), encoding="ascii")
    for number in range(200):
        program = start_program(tmp_path, "--stay")
        how = chance.choice(["quit", "SIGTERM", "SIGKILL", "SIGINT"])
        if how == "quit":
            program.enter()
            assert program.post("/_desktop/quit").status == 200
        else:
            program.process.send_signal(getattr(signal, how))
        code = program.process.wait(LIMIT)
        assert program.process.stdout is not None
        said = program.process.stdout.read()
        assert code == (-9 if how == "SIGKILL" else 0), (number, how, said)
        end_program(program)
        assert_nobody_answers(program)
        left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
        if how != "SIGKILL":
            assert "instance.json" not in left
            if number > 20:
                kept = kept or left
                assert left <= kept | {"MyApp.sqlite-shm", "MyApp.sqlite-wal"}
    assert kept is not None
    assert not [name for name in kept if ".tmp" in name or ".new" in name]


def assert_nobody_answers(program: Program) -> None:
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT).close()


def test_quit_on_the_command_line_ends_the_one_that_runs(tmp_path: Path) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay")
    ended = again(tmp_path, "--quit")
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "instance.json").exists(), "it has ended when the command returns"
    assert program.process.wait(LIMIT) == 0
    end_program(program)


def test_quit_where_nothing_runs_is_no_failure_and_starts_nothing(tmp_path: Path) -> None:
    ended = again(tmp_path, "--quit")
    assert ended.returncode == 0
    assert "http" not in ended.stdout
    assert not (tmp_path / "instance.json").exists()


def test_nobody_ends_it_without_the_proof(tmp_path: Path) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay")
    body = json.dumps({"nonce": "1", "files": [], "end": True})
    headers = {"Content-Type": "application/json", "X-Desktop-Proof": "0" * 64}
    assert program.ask("POST", "/_desktop/handover", body, headers).status == 403
    time.sleep(0.5)
    assert program.process.poll() is None
    end_program(program)


def test_the_lock_comes_free_though_what_was_told_cannot_be_removed(tmp_path: Path) -> None:
    """Windows refuses that while a second start reads it, as one that asks for the end does."""
    first, second = InstanceLock(tmp_path), InstanceLock(tmp_path)
    assert first.take()
    first.info_path.mkdir()
    first.release()
    assert second.take()
    second.release()
