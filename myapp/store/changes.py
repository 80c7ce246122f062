"""A change is one object: what to do, and the sentence that names it in the history."""

from collections.abc import Mapping
from typing import NamedTuple

from .query import RecordId
from .schema import NewField
from .values import Value


class InsertRecord(NamedTuple):
    """`values` are as typed, by field; None and missing fields are left to the field's default."""

    table: str
    values: Mapping[str, str | None]

    @property
    def sentence(self) -> str:
        return f"Add a record to {self.table}"


class UpdateRecord(NamedTuple):
    """`was` holds what the person saw before typing; where it is given, it must still be so."""

    table: str
    id: RecordId
    values: Mapping[str, str | None]
    was: Mapping[str, Value] | None = None

    @property
    def sentence(self) -> str:
        fields = ", ".join(self.values) if len(self.values) <= 3 else f"{len(self.values)} fields"
        return f"Edit {fields} of {self.table}"


class DeleteRecords(NamedTuple):
    table: str
    ids: tuple[RecordId, ...]

    @property
    def sentence(self) -> str:
        count = len(self.ids)
        return f"Delete {count:,} {'record' if count == 1 else 'records'} of {self.table}"


class CreateTable(NamedTuple):
    name: str
    fields: tuple[NewField, ...]

    @property
    def sentence(self) -> str:
        return f"Create the table {self.name}"


class DropTable(NamedTuple):
    name: str

    @property
    def sentence(self) -> str:
        return f"Delete the table {self.name}"


class RenameTable(NamedTuple):
    name: str
    to: str

    @property
    def sentence(self) -> str:
        return f"Rename the table {self.name} to {self.to}"


class AddField(NamedTuple):
    """A field at the end of a table, empty in every record."""

    table: str
    field: NewField

    @property
    def sentence(self) -> str:
        return f"Add the field {self.field.name} to {self.table}"


class RenameField(NamedTuple):
    table: str
    field: str
    to: str

    @property
    def sentence(self) -> str:
        return f"Rename the field {self.field} of {self.table} to {self.to}"


RecordChange = InsertRecord | UpdateRecord | DeleteRecords
FieldChange = AddField | RenameField
Change = RecordChange | FieldChange | CreateTable | DropTable | RenameTable


class Applied(NamedTuple):
    """What a change did. `ids` are the records it made or changed; `version` the data's since."""

    sentence: str
    table: str | None
    ids: tuple[RecordId, ...]
    version: int

    @property
    def id(self) -> RecordId | None:
        return self.ids[0] if self.ids else None
