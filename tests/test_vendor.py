"""Third-party files are what the manifest says: known, licensed and unmodified."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"


def test_every_vendored_file_is_in_the_manifest_and_unmodified() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    told = {name: digest for each in manifest for name, digest in each["files"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.parent != VENDOR
    }
    assert found == told


def test_every_vendored_package_brings_its_licence() -> None:
    for each in json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8")):
        assert {"name", "version", "licence", "source"} <= each.keys()
        assert (VENDOR / each["licence_file"]).stat().st_size > 500
