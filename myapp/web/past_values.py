"""Values of the past, as the pages of the history show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from myapp.store import BlobSize, Database, Field, LongText, Table, Value, format_value, name_field

if TYPE_CHECKING:
    from myapp.store import KeptFile

LONGEST_TEXT = 1_000
"""Characters of a value that are shown."""


class Shown(NamedTuple):
    """A value as a page shows it: `text`, or in `instead` what is said in place of one."""

    text: str
    instead: str


def names_of_files(table: Table) -> dict[str, str]:
    """By a field that holds names of files: the field of these, which takes it along."""
    beside = {each.name: name_field(table, each) for each in table.fields}
    return {each.name: field for field, each in beside.items() if each is not None}


class PastValues:
    """Called with a table, the name of a field and a value. Links are told by the names that their
    records have now, and by what they held where there is none; long texts are cut."""

    def __init__(self, database: Database, longest: int = LONGEST_TEXT) -> None:
        self.database, self.longest = database, longest
        self.names: dict[tuple[str, str, Value], str] = {}

    def __call__(
        self, table: Table, field: str, value: Value | BlobSize | LongText | KeptFile
    ) -> Shown:
        if value is None or value == "":
            return Shown("", "empty")
        if isinstance(value, LongText):
            return Shown(f"{value.prefix[: self.longest]}…", "")
        if not isinstance(value, str | int | float):
            size = len(value) if isinstance(value, bytes) else value.bytes
            return Shown("", f"{size:,} bytes of data")
        there = next((each for each in table.fields if each.name == field), None)
        if there is not None and there.link is not None:
            return self.cut(self.name_of(table, there, value))
        return self.cut(format_value(there.kind, value) if there else str(value))

    def cut(self, text: str) -> Shown:
        if len(text) <= self.longest:
            return Shown(text, "")
        return Shown(f"{text[: self.longest]}…", f"({len(text):,} characters)")

    def name_of(self, table: Table, field: Field, value: Value) -> str:
        asked = table.name, field.name, value
        if asked not in self.names:
            name = self.database.link_name(table.name, field.name, value)
            self.names[asked] = format_value(field.kind, value) if name is None else name
        return self.names[asked]
