"""A start, a second start, a kill, an end: with real processes on real ports."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import (
    LIMIT,
    ROOT,
    Program,
    end_program,
    port_of_our_own,
    start_program,
    wait_until,
)


def test_the_link_is_printed_once_the_server_answers(program: Program) -> None:
    assert program.get("/").status == 200


def test_an_entry_link_works_once(program: Program) -> None:
    used = program.link.removeprefix(program.origin)
    assert program.ask("GET", used).status == 403


def test_quit_ends_the_program_and_leaves_no_lock(program: Program) -> None:
    assert program.post("/_desktop/quit").status == 200
    assert program.process.wait(LIMIT) == 0
    assert not (program.data / "instance.json").exists()


def test_sigterm_ends_the_program_with_zero(program: Program) -> None:
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(LIMIT) == 0


def test_a_second_start_gets_a_link_into_the_first_and_exits_with_zero(program: Program) -> None:
    second = start_program(program.data)
    assert second.process.wait(LIMIT) == 0
    assert second.port == program.port
    second.enter()
    assert second.get("/").status == 200
    end_program(second)


def test_a_second_start_passes_its_file_on(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name,age\nAda,36\n", encoding="utf-8")
    second = start_program(program.data, str(file))
    assert second.process.wait(LIMIT) == 0
    entered = second.ask("GET", second.link.removeprefix(second.origin))
    assert entered.headers["location"].startswith("/import/")
    end_program(second)


def test_a_start_after_a_kill_takes_over_with_the_same_port_and_records(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "port").write_text(str(port_of_our_own()), encoding="ascii")
    first = start_program(tmp_path / "data", "--stay")
    first.enter()
    assert first.post("/sample").status == 303
    first.process.kill()
    first.process.wait()
    end_program(first)
    again = start_program(tmp_path / "data", "--stay")
    try:
        assert again.port == first.port
        again.cookie = first.cookie
        assert "Books" in again.get("/").text, "the session of the first start still holds"
    finally:
        end_program(again)


def test_two_starts_at_once_become_one_program(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--port", "0"]
    command += ["--data-folder", str(tmp_path / "data")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        wait_until(lambda: any(each.poll() is not None for each in both), "the end of one")
        ended = [each for each in both if each.poll() is not None]
        assert [each.returncode for each in ended] == [0]
    finally:
        for each in both:
            if each.poll() is None:
                each.terminate()
            each.wait(LIMIT)
            if each.stdout is not None:
                each.stdout.close()


def test_a_taken_port_that_was_asked_for_is_a_clear_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, str(ROOT / "launcher.py"), "--port", port]
            + ["--data-folder", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
    assert ended.returncode == 3
    assert f"Port {port} is taken" in ended.stderr


def test_a_stale_run_file_of_a_dead_instance_does_not_stop_a_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "instance.json").write_text('{"pid": 1, "port": 9, "secret": "x"}', encoding="ascii")
    program = start_program(data, "--port", "0")
    end_program(program)
    assert program.process.returncode == 0


def test_the_next_start_opens_where_the_last_one_was_left(tmp_path: Path) -> None:
    first = start_program(tmp_path / "data", "--stay")
    first.enter()
    first.post("/sample")
    first.get("/tables/Books")
    end_program(first)
    again = start_program(tmp_path / "data", "--stay")
    try:
        entered = again.ask("GET", again.link.removeprefix(again.origin))
        assert entered.headers["location"] == "/tables/Books"
    finally:
        end_program(again)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can be stopped in time")
def test_a_request_that_was_given_up_is_not_taken_for_another_users(program: Program) -> None:
    program.process.send_signal(signal.SIGSTOP)
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT) as connection:
            head = f"GET /given-up HTTP/1.1\r\nHost: 127.0.0.1:{program.port}\r\n"
            connection.sendall(f"{head}Cookie: {program.cookie}\r\n\r\n".encode())
    program.process.send_signal(signal.SIGCONT)
    assert program.get("/").status == 200
    log = (program.data / "logs" / "myapp.log").read_text(encoding="utf-8")
    assert "refused" not in log
