"""A page from a file, for a failure that comes before there is a server to show it."""

import html
import tempfile
from pathlib import Path

from myapp import identity

from .browser import open_browser

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{name} could not start</title>
<style>body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto;
padding: 0 1rem; overflow-wrap: anywhere; }}</style></head>
<body><h1>{name} could not start</h1><p>{sentence}</p>{where}</body></html>
"""


def show_failure(sentence: str, log_path: Path | None) -> bool:
    """Open the sentence in the browser; False where there is none, or no place for the page."""
    where = f"<p>The log: {html.escape(str(log_path))}</p>" if log_path else ""
    text = PAGE.format(name=html.escape(identity.NAME), sentence=html.escape(sentence), where=where)
    name = f"{identity.SLUG}-failed.html"
    try:
        folder = log_path.parent if log_path else Path(tempfile.mkdtemp(prefix=identity.SLUG))
        (folder / name).write_text(text, encoding="utf-8")
    except OSError:
        return False
    return open_browser((folder / name).as_uri())
