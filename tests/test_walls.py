"""The walls between the rooms stand: import-linter's contracts in pyproject.toml hold."""

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_import_keeps_to_its_room() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_launcher_reaches_into_the_shell_and_nowhere_else() -> None:
    tree = ast.parse((ROOT / "launcher.py").read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    outside = {name for name in imported if name.startswith("myapp")}
    assert all(name.startswith("myapp.desktop") for name in outside)
