"""Unsafe settings are refused before anything is opened, each by its name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.public import UnsafeSettings, create_app, read_settings

from .conftest import environment

CASES: dict[str, tuple[dict[str, str | None], str]] = {
    "no data": ({"MYAPP_DATA": None}, "MYAPP_DATA is missing"),
    "data by half a path": ({"MYAPP_DATA": "tables.sqlite"}, "MYAPP_DATA must be a whole path"),
    "data not there": ({"MYAPP_DATA": "{folder}/other.sqlite"}, "other.sqlite is missing"),
    "data is a folder": ({"MYAPP_DATA": "{folder}"}, "is a folder"),
    "folder not there": ({"MYAPP_DATA": "{folder}/no/x.sqlite"}, "the folder"),
    "no secret": ({"MYAPP_SECRET": None}, "MYAPP_SECRET is missing"),
    "short secret": ({"MYAPP_SECRET": "b3f1c07a9de84455"}, "MYAPP_SECRET is too short"),
    "secret repeats": ({"MYAPP_SECRET": "ab" * 32}, "MYAPP_SECRET can be guessed"),
    "secret of an example": (
        {"MYAPP_SECRET": "please-change-this-4f8a1c9e7b2d6035"},
        "MYAPP_SECRET can be guessed",
    ),
    "two secrets": ({"MYAPP_SECRET_FILE": "/etc/hostname"}, "not both"),
    "secret file not there": (
        {"MYAPP_SECRET": None, "MYAPP_SECRET_FILE": "{folder}/none"},
        "MYAPP_SECRET_FILE cannot be read",
    ),
    "no process": ({"MYAPP_WORKERS": "0"}, "MYAPP_WORKERS must be a whole number"),
    "processes in words": ({"MYAPP_WORKERS": "two"}, "MYAPP_WORKERS must be a whole number"),
    "no thread": ({"MYAPP_THREADS": "0"}, "MYAPP_THREADS must be a whole number"),
    "a level of the log that is none": ({"MYAPP_LOG_LEVEL": "LOUD"}, "MYAPP_LOG_LEVEL must be"),
    "no address": ({"MYAPP_ADDRESS": None}, "MYAPP_ADDRESS is missing"),
    "http": ({"MYAPP_ADDRESS": "http://tables.test"}, "MYAPP_ADDRESS is http"),
    "address with a path": ({"MYAPP_ADDRESS": "https://tables.test/x"}, "without a path"),
    "address with a name": ({"MYAPP_ADDRESS": "https://a@tables.test"}, "without a path"),
    "address with umlauts": ({"MYAPP_ADDRESS": "https://b\u00fccher.test"}, "xn--"),
    "address with a blank": ({"MYAPP_ADDRESS": "https://tab les.test"}, "as browsers send it"),
    "no address at all": ({"MYAPP_ADDRESS": "tables.test"}, "MYAPP_ADDRESS must be https"),
    "no proxies": ({"MYAPP_PROXIES": None}, "MYAPP_PROXIES is missing"),
    "all proxies": ({"MYAPP_PROXIES": "*"}, "trust everybody"),
    "whole internet": ({"MYAPP_PROXIES": "0.0.0.0/0"}, "too wide"),
    "whole IPv6": ({"MYAPP_PROXIES": "::/0"}, "too wide"),
    "half of it": ({"MYAPP_PROXIES": "10.0.0.5, 128.0.0.0/1"}, "too wide"),
    "none and one": ({"MYAPP_PROXIES": "none,10.0.0.5"}, "says none"),
    "a name as proxy": ({"MYAPP_PROXIES": "proxy.test"}, "it is no address"),
    "no number": ({"MYAPP_PROXY_COUNT": "many"}, "MYAPP_PROXY_COUNT must be"),
    "upload without end": ({"MYAPP_LARGEST_UPLOAD": "0"}, "MYAPP_LARGEST_UPLOAD must be"),
    "debug": ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is set"),
    "our debug": ({"MYAPP_DEBUG": "yes"}, "MYAPP_DEBUG is set"),
    "mistyped": ({"MYAPP_PROXYS": "10.0.0.5"}, "MYAPP_PROXYS is not a setting"),
}


def given(data: Path, change: dict[str, str | None]) -> dict[str, str]:
    merged = {**environment(data), **change}
    return {k: v.replace("{folder}", str(data.parent)) for k, v in merged.items() if v is not None}


@pytest.mark.parametrize("case", CASES)
def test_unsafe_setting_is_refused_by_name(data: Path, case: str) -> None:
    change, said = CASES[case]
    with pytest.raises(UnsafeSettings) as refused:
        create_app(given(data, change))
    assert said in str(refused.value)
    assert not (data.parent / "tables.accounts.sqlite").exists()


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "accounts for all to read": (
        lambda folder: (folder / "tables.accounts.sqlite").touch(0o644),
        "tables.accounts.sqlite can be read by others",
    ),
    "data for all to read": (
        lambda folder: (folder / "tables.sqlite").chmod(0o644),
        "can be read by every user",
    ),
    "folder for all to write": (lambda folder: folder.chmod(0o777), "everybody may write"),
    "no database": (
        lambda folder: (folder / "tables.sqlite").write_text("x" * 100),
        "no SQLite file in WAL mode",
    ),
    "open work folder": (
        lambda folder: (folder / "tables.myapp").mkdir(0o755),
        "tables.myapp is open to others",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_unsafe_file_is_refused(data: Path, case: str) -> None:
    make, said = FILES[case]
    make(data.parent)
    with pytest.raises(UnsafeSettings, match=said):
        read_settings(environment(data))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UnsafeSettings) as refused:
        read_settings({})
    for name in ("MYAPP_DATA", "MYAPP_SECRET", "MYAPP_ADDRESS", "MYAPP_PROXIES"):
        assert f"{name} is missing" in str(refused.value)


def test_secret_may_come_from_a_file_for_this_user_alone(data: Path) -> None:
    file = data.parent / "secret"
    file.write_text("9a8b7c6d5e4f30211f2e3d4c5b6a79880f1e2d3c\n")
    file.chmod(0o600)
    change: dict[str, str | None] = {"MYAPP_SECRET": None, "MYAPP_SECRET_FILE": str(file)}
    assert read_settings(given(data, change)).secret.startswith(b"9a8b")
    file.chmod(0o640)
    with pytest.raises(UnsafeSettings, match="MYAPP_SECRET_FILE can be read by others"):
        read_settings(given(data, change))


def test_address_is_what_a_browser_sends_as_its_origin(data: Path) -> None:
    for said, origin in (
        ("https://Tables.Test/", "https://tables.test"),
        ("https://xn--bcher-kva.test", "https://xn--bcher-kva.test"),
        ("https://tables.test:443", "https://tables.test"),
        ("https://tables.test:8443", "https://tables.test:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ):
        assert read_settings(given(data, {"MYAPP_ADDRESS": said})).address == origin
