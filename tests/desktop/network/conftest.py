"""Two programs that are shared by all tests here: a naive application, and our own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Program, end_program

from .shared import Device, Owner, start_shared

PROBE = str(Path(__file__).parent.with_name("hostile") / "probe.py")


@pytest.fixture(scope="session")
def naive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Owner]]:
    program, owner = start_shared(tmp_path_factory.mktemp("naive"), "--app", PROBE)
    yield program, owner
    end_program(program)


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Owner]]:
    """Our own application, with its sample table, Books."""
    program, owner = start_shared(tmp_path_factory.mktemp("ours"))
    assert program.post("/sample").status == 303
    yield program, owner
    end_program(program)


@pytest.fixture(scope="session")
def editor(naive: tuple[Program, Owner]) -> Device:
    return naive[1].let_in("The editor", "editor")


@pytest.fixture(scope="session")
def watcher(naive: tuple[Program, Owner]) -> Device:
    return naive[1].let_in("The viewer", "viewer")


@pytest.fixture(scope="session")
def devices(ours: tuple[Program, Owner]) -> dict[str, Device]:
    """One of each role."""
    return {role: ours[1].let_in(f"The {role}", role) for role in ("viewer", "editor", "owner")}
