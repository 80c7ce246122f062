"""The settings file: below the command line and the environment, above the defaults."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from myapp.desktop.settings import read_settings
from tests.conftest import LIMIT, ROOT, end_program, start_program


def test_a_setting_holds_and_the_command_line_beats_it(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('app = "nowhere:app"\n', encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "launcher.py", "--no-browser", "--data-folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert refused.returncode == 5
    assert "nowhere" in refused.stderr
    started = start_program(tmp_path, "--port", "0", "--stay", "--app", "myapp.web:create_app")
    end_program(started)


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = 1\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "launcher.py", "--no-browser", "--app", "nowhere:app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        env={**os.environ, "MYAPP_DATA_FOLDER": str(tmp_path), "MYAPP_PORT": "0"},
    )
    assert done.returncode == 5, done.stderr


def test_a_broken_file_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("port = 8000\nstay = maybe\n", encoding="utf-8")
    started = start_program(tmp_path, "--port", "0", "--stay")
    end_program(started)
    said = " ".join(started.said)
    assert "settings.toml" in said
    assert "line 2" in said
    assert "left out" in (tmp_path / "logs" / "myapp.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "kept", "remark"),
    [
        ("port = 8000", {"port": 8000}, None),
        ("no-browser = true\nstay = false", {"no_browser": True, "stay": False}, None),
        ("prot = 1", {}, "no setting “prot”"),
        ('port = "8000"', {}, "“port” cannot be '8000'"),
        ("port = 70000", {}, "“port” cannot be 70000"),
        ("port = true", {}, "“port” cannot be True"),
        ("stay = 1", {}, "“stay” cannot be 1"),
        ("\ufeffstay = true", {"stay": True}, None),
        ("stay = tru", {}, "line 1"),
        ('network_proxy = "https://a.lan"', {"network_proxy": "https://a.lan"}, None),
        # Kept as text, which is refused when sharing starts: left out, it would mean plain HTTP.
        ("network-proxy = 1", {"network_proxy": "1"}, "“network-proxy” cannot be 1"),
    ],
)
def test_each_value_is_taken_or_told(
    tmp_path: Path, text: str, kept: dict[str, object], remark: str | None
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    found, remarks = read_settings(path)
    assert found == kept
    assert [remark in each for each in remarks] == [True] if remark else not remarks


def test_an_unreadable_one_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"port = \xff")
    assert read_settings(path)[0] == {}
    path.unlink()
    path.mkdir()
    assert "cannot be read" in read_settings(path)[1][0]
