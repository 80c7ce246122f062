"""Reverse proxies with a given certificate, for the tests that put one before the program."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not here")
    return found


def certificate(folder: Path, host: str) -> Path:
    """Signed by itself, with its key in the same file."""
    path = folder / "certificate.pem"
    subprocess.run(
        [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={host}"]
        + ["-addext", f"subjectAltName=DNS:{host}", "-keyout", str(path), "-out", str(path)],
        check=True,
        capture_output=True,
    )
    return path


@contextmanager
def running(*command: str | Path) -> Iterator[None]:
    process = subprocess.Popen([str(each) for each in command], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def nginx_with(folder: Path, text: str, *before: str) -> Iterator[None]:
    """With this for its http block, files of its own in `folder`, and a command before it."""
    conf = folder / "nginx.conf"
    kept = "".join(
        f"{name}_temp_path {folder / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;"
        f"events {{}} http {{ access_log off; {kept} {text} }}",
        encoding="utf-8",
    )
    with running(*before, needs("nginx"), "-c", conf):
        yield


@contextmanager
def caddy_with(folder: Path, text: str) -> Iterator[None]:
    conf = folder / "Caddyfile"
    conf.write_text(text, encoding="utf-8")
    with running(needs("caddy"), "run", "--adapter", "caddyfile", "--config", conf):
        yield


def filled_in(text: str, *pairs: tuple[str, str]) -> str:
    """An example with other ports and paths; each must be in it."""
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return text
