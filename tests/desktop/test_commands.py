"""The first word of a command line can name a command of the application."""

import sys
from pathlib import Path

import pytest

from myapp import desktop, identity


@pytest.fixture
def greeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "greeting_command.py"
    module.write_text("def greet(arguments):\n    print(arguments)\n    return 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    # What a command is told of the data folder must not reach the tests after this one.
    monkeypatch.setenv("MYAPP_DATA_FOLDER", str(tmp_path))
    monkeypatch.setitem(identity.COMMANDS, "greet", "greeting_command:greet")


@pytest.mark.usefixtures("greeting")
def test_a_command_gets_the_arguments_after_it_and_gives_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["launcher.py", "greet", "world", "--loudly"])
    with pytest.raises(SystemExit) as ended:
        desktop.main()
    assert ended.value.code == 3
    assert capsys.readouterr().out == "['world', '--loudly']\n"


@pytest.mark.usefixtures("greeting")
def test_a_command_is_not_loaded_for_anything_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sys.modules.pop("greeting_command", None)
    monkeypatch.setattr(sys, "argv", ["launcher.py", "--version"])
    with pytest.raises(SystemExit) as ended:
        desktop.main()
    assert ended.value.code == 0
    assert identity.VERSION in capsys.readouterr().out
    assert "greeting_command" not in sys.modules
