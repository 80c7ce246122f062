"""Write tables as one web page that needs nothing else: to read, to send, to print."""

from collections.abc import Callable, Sequence
from html import escape
from typing import BinaryIO

from myapp.store import HtmlLines, Part, Snapshot

from .tally import Tally

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h1:not(:first-of-type) { margin-top: 2.5rem; }
p { margin: 0 0 1rem; opacity: .75; }
table { border-collapse: collapse; }
th { text-align: left; position: sticky; top: 0; background: Canvas; }
th, td { border-bottom: 1px solid color-mix(in srgb, CanvasText 25%, Canvas);
  padding: .3rem .6rem; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; }
th { border-bottom: 2px solid CanvasText; white-space: normal; overflow-wrap: normal; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.q { opacity: .7; font-style: italic; }
@page { margin: 1.5cm; }
@media print {
  :root { color-scheme: light; }
  body { margin: 0; font-size: 9pt; }
  thead { display: table-header-group; }
  th { position: static; }
  tr { break-inside: avoid; }
  h1:not(:first-of-type) { break-before: page; }
}
""".strip()
Counted = Callable[[Part, int], None]


def write_page(
    file: BinaryIO, snapshot: Snapshot, parts: Sequence[Part], tally: Tally, counted: Counted
) -> None:
    """`counted` hears each table's count."""
    title = escape(snapshot.table(parts[0].table).name if len(parts) == 1 else "Tables")
    write(
        file,
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        # A page of plain text and one style: nothing in it may run or be fetched.
        "<meta http-equiv=Content-Security-Policy"
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n",
    )
    for part in parts:
        table = snapshot.shown(part)
        lines = HtmlLines()
        found = snapshot.count(part)
        records = f"{found:,} {'record' if found == 1 else 'records'}"
        write(
            file,
            f"<h1>{escape(table.name)}</h1>\n<p>{records}</p>\n<table>\n"
            f"{lines.head(table)}<tbody>\n",
        )
        written = 0
        for count, text in snapshot.lines(part, lines):
            file.write(text)
            written += count
            tally.add(count)
        write(file, "</tbody></table>\n")
        counted(part, written)


def write(file: BinaryIO, text: str) -> None:
    file.write(text.encode("utf-8", "replace"))
