"""What the build leaves out must be used nowhere: it would fail on a person's computer alone."""

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

OPTIONAL = {"webview", "qtpy"}
"""Of an extra: the program does without them, and says so."""


def left_out() -> set[str]:
    """The names in the spec's list for our own program."""
    spec = ast.parse((ROOT / "myapp.spec").read_text(encoding="utf-8"))
    return {
        each.value
        for node in ast.walk(spec)
        if isinstance(node, ast.Assign | ast.AugAssign)
        and "unused" in ast.unparse(node).partition("=")[0]
        for each in ast.walk(node.value)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_nothing_that_the_build_leaves_out_is_imported() -> None:
    missing = left_out() - OPTIONAL
    assert {"ssl", "tkinter", "pip"} <= missing
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "myapp").rglob("*.py")
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if any(name == each or name.startswith(f"{each}.") for each in missing)
    }
    assert not found
