"""Tables of a web page, saved or copied."""

from html.parser import HTMLParser
from pathlib import Path

from .errors import EmptyFile, UnpacksTooBig
from .plan import FilePart, ReadOptions
from .reading import TextFile
from .table_rows import TableRows

LARGEST = 256 << 20
"""Characters. The page lies in memory."""

CELLS = ("td", "th")


class TableReader(HTMLParser):
    """Gathers `tables`, each a list of rows of texts; a table inside a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.titles: list[str] = []
        self.open: list[list[list[str]]] = []
        self.text: list[str] | None = None
        self.across = 1
        self.in_caption = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.end_cell()
            self.open.append([])
            self.tables.append(self.open[-1])
            self.titles.append("")
        elif tag == "caption":
            self.in_caption = bool(self.open)
        elif tag == "tr" and self.open:
            self.end_cell()
            self.open[-1].append([])
        elif tag in CELLS and self.open:
            self.end_cell()
            if not self.open[-1]:
                self.open[-1].append([])
            span = dict(attrs).get("colspan") or "1"
            self.across = min(int(span), 100) if span.isdecimal() else 1
            self.text = []
        elif tag == "br" and self.text is not None:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in (*CELLS, "tr"):
            self.end_cell()
        elif tag == "caption":
            self.in_caption = False
        elif tag == "table" and self.open:
            self.end_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(" ".join(data.split(" ")) if data.strip() else " ")
        elif self.in_caption and self.titles:
            self.titles[-1] += data

    def end_cell(self) -> None:
        if self.text is None or not self.open:
            return
        lines = "".join(self.text).split("\n")
        text = "\n".join(" ".join(line.split()) for line in lines).strip()
        self.open[-1][-1] += [text] + [""] * (max(self.across, 1) - 1)
        self.text = None


def read_tables(path: Path, name: str, encoding: str, member: str) -> dict[str, list[list[str]]]:
    """The tables with two cells or more, by a title that tells them apart."""
    file = TextFile(path, name, encoding, member)
    try:
        reader = TableReader()
        size = 0
        while text := file.text.read(1 << 18):
            size += len(text)
            if size > LARGEST:
                raise UnpacksTooBig(name)
            reader.feed(text)
        reader.close()
    finally:
        file.close()
    found: dict[str, list[list[str]]] = {}
    for number, (title, table) in enumerate(zip(reader.titles, reader.tables, strict=True), 1):
        if sum(map(len, table)) > 1:
            wanted = " ".join(title.split())[:120] or f"Table {number}"
            found[wanted if wanted not in found else f"{wanted} {number}"] = table
    if not found:
        raise EmptyFile(name)
    return found


class WebTable(TableRows):
    """All cells are texts."""

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        tables = read_tables(path, name, options.encoding or "utf-8", part.member)
        rows = tables.get(part.title) or next(iter(tables.values()))
        super().__init__(lambda: rows, options, typed=False, total=len(rows))
