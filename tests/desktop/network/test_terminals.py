"""Many terminals at once: nothing is lost. How long they wait, benchmarks/terminals.py tells."""

import os
from pathlib import Path

import pytest

from benchmarks.terminals import measure

SECONDS = float(os.environ.get("MYAPP_TERMINAL_SECONDS", "20"))


@pytest.mark.slow
def test_fifty_terminals_read_and_write_and_nothing_is_lost(tmp_path: Path) -> None:
    tally, lost = measure(tmp_path, terminals=50, seconds=SECONDS, records=20_000)
    assert tally.failures == []
    assert lost == []
    assert len(tally.added) >= 50
