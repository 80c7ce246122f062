"""The started program that the attacks go to, shared by all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Program, end_program, start_program

PROBE = str(Path(__file__).with_name("probe.py"))


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("probe")
    started = start_program(folder, "--port", "0", "--stay", "--app", PROBE)
    try:
        started.enter()
        yield started
    finally:
        end_program(started)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The real application, with its sample database."""
    started = start_program(tmp_path_factory.mktemp("database"), "--port", "0", "--stay")
    try:
        started.enter()
        assert started.post("/sample").status == 303
        yield started
    finally:
        end_program(started)
