"""Which type a file is sent with, where the system is wrong about it."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from myapp.desktop.loading import load_application


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a registry that a badly made program has written to; installer/try_setup.py does."""
    system = tmp_path / "mime.types"
    system.write_text("text/plain js mjs css svg\napplication/x-own own\n", encoding="ascii")
    with monkeypatch.context() as patched:
        patched.setattr(mimetypes, "knownfiles", [str(system)])
        mimetypes.init()
        yield
    mimetypes.init()


@pytest.mark.usefixtures("damaged")
def test_a_damaged_registry_does_not_decide_how_scripts_and_styles_are_sent(
    tmp_path: Path,
) -> None:
    assert mimetypes.guess_type("page.js")[0] == "text/plain"
    app = load_application("myapp.web:create_app", tmp_path)
    assert isinstance(app, Flask)
    types = [mimetypes.guess_type(f"page.{each}")[0] for each in ("js", "mjs", "css", "svg")]
    assert types == ["text/javascript", "text/javascript", "text/css", "image/svg+xml"]
    assert mimetypes.guess_type("page.own")[0] == "application/x-own"
