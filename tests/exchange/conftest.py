"""A database of the person's own, empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.store import Database, create_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = create_database(tmp_path / "test.sqlite")
    yield made
    made.close()
