"""Run the tests on a fresh machine: sets up `.venv` with what they need, then runs pytest in it.

Arguments go on to pytest; without any, the everyday tests run.
"""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Python 3.11 or newer is needed. Install it, then run this again.")

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from myapp.desktop.bootstrap import SetUpFailed, ensure_dependencies

    try:
        ensure_dependencies(ROOT, extra="dev")
    except SetUpFailed as error:
        sys.exit(str(error))
    import os

    import pytest

    os.chdir(ROOT)
    sys.exit(pytest.main(sys.argv[1:] or ["-m", "not slow and not gate", "-n", "3", "-q"]))
