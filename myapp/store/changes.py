"""A change is one object: what to do, and the sentence that names it in the history."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, Literal, NamedTuple

from .query import Query, RecordId, SavedView
from .schema import LinkTo, NewField
from .values import Kind, Limits, Value


def counted(count: int) -> str:
    return f"{count:,} {'record' if count == 1 else 'records'}"


class SetFile(NamedTuple):
    """The bytes of `source` as the file of a record, of this name; without one, no file.

    The source is read once, from where it stands; undo and redo need it no more.
    """

    table: str
    id: RecordId
    field: str
    source: BinaryIO | None = None
    size: int = 0
    name: str = ""

    @property
    def sentence(self) -> str:
        if self.source is None:
            return f"Take the file out of {self.field} of {self.table}"
        return f"Put a file into {self.field} of {self.table}: {self.name[:60]}"


class InsertRecord(NamedTuple):
    """`values` are as typed, by field; None and missing fields are left to the field's default.
    Of the `files` the id is left open."""

    table: str
    values: Mapping[str, str | None]
    files: tuple[SetFile, ...] = ()

    @property
    def sentence(self) -> str:
        return f"Add a record to {self.table}"


class UpdateRecord(NamedTuple):
    """`was` holds what the person saw before typing; where it is given, it must still be so."""

    table: str
    id: RecordId
    values: Mapping[str, str | None]
    was: Mapping[str, Value] | None = None
    files: tuple[SetFile, ...] = ()

    @property
    def sentence(self) -> str:
        if self.files and not self.values:
            return self.files[0].sentence
        fields = ", ".join(self.values) if len(self.values) <= 3 else f"{len(self.values)} fields"
        return f"Edit {fields} of {self.table}"


class RecordValues(NamedTuple):
    """What one of many records becomes; without an `id` it is a new one."""

    id: RecordId | None
    values: Mapping[str, str | None]
    was: Mapping[str, Value] | None = None


class UpdateRecords(NamedTuple):
    """Values of many records at once. In the link fields `named`, records are given by name."""

    table: str
    records: tuple[RecordValues, ...]
    named: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        edited = sum(record.id is not None for record in self.records)
        added = len(self.records) - edited
        if not edited:
            return f"Add {counted(added)} to {self.table}"
        return f"Edit {counted(edited)} of {self.table}" + (f" and add {added:,}" if added else "")


class DeleteRecords(NamedTuple):
    table: str
    ids: tuple[RecordId, ...]

    @property
    def sentence(self) -> str:
        return f"Delete {counted(len(self.ids))} of {self.table}"


class DeleteFound(NamedTuple):
    """All records that a view finds, whatever their number; they must still be `told`."""

    query: Query
    told: int

    @property
    def table(self) -> str:
        return self.query.table

    @property
    def sentence(self) -> str:
        return f"Delete {counted(self.told)} of {self.table}"


class FillField(NamedTuple):
    """One value, as typed, in a field of many records, None for no value: in those of these ids,
    or in all that a view finds, which must still be `told`. With `named` it is the name of the
    record that a link points to."""

    table: str
    field: str
    text: str | None
    of: tuple[RecordId, ...] | Query
    told: int
    named: bool = False

    @property
    def sentence(self) -> str:
        return f"Edit {self.field} in {counted(self.told)} of {self.table}"


class BringBack(NamedTuple):
    """A record that the history's entry `step` deleted, by its `number` there; or, without one, all
    that a step deleted, which is named by its newest entry, as `Step.whole` is."""

    table: str
    step: int
    number: int | None = None

    @property
    def sentence(self) -> str:
        what = "the deleted records" if self.number is None else "a deleted record"
        return f"Bring back {what} of {self.table}"

    def said(self, count: int) -> str:
        """Once it is known how many they are."""
        return f"Bring back {counted(count).replace(' ', ' deleted ')} of {self.table}"


class PutBack(NamedTuple):
    """Values of a record as they were before the history's entry `step` changed it, or `after`
    that: those of `fields`, or of all that are others now. `seen` holds marks, by field, of what
    the person saw in it; where one is given, the value must still be that one."""

    table: str
    id: RecordId
    step: int
    fields: tuple[str, ...] = ()
    after: bool = False
    seen: Mapping[str, str] = MappingProxyType({})

    @property
    def sentence(self) -> str:
        return self.said(self.fields) if self.fields else f"Put back a record of {self.table}"

    def said(self, fields: Sequence[str]) -> str:
        told = ", ".join(fields) if len(fields) <= 3 else f"{len(fields)} fields"
        return f"Put back {told} of {self.table}"


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
    """A field at the end of a table, in every record empty or its default value; with `beside` one
    more before it, that of the names of its files."""

    table: str
    field: NewField
    beside: NewField | None = None

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


class DropField(NamedTuple):
    """A field with all that it holds, and the indexes that it is in."""

    table: str
    field: str

    @property
    def sentence(self) -> str:
        return f"Delete the field {self.field} of {self.table}"


class ChangeField(NamedTuple):
    """Another type or other rules. None leaves each as it is; `default` is as typed, "" for none.

    `misfits` says what becomes of values that do not fit the type; with `fill` the empty ones take
    the default. `renamed` are choices by their old and new names, and `colours` those of the
    choices in `limits`. A choice that is given none takes the values that are there.

    With a `link` the values become keys of its table's records: they are those keys already, or
    those records' titles, as `by` says, and `misfits` may make the missing records.
    """

    table: str
    field: str
    kind: Kind | None = None
    required: bool | None = None
    unique: bool | None = None
    default: str | None = None
    misfits: Literal["refuse", "empty", "make"] = "refuse"
    fill: bool = False
    limits: Limits | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    colours: tuple[str, ...] | None = None
    currency: str | None = None
    link: LinkTo | Literal["none"] | None = None
    by: Literal["key", "title"] = "key"

    @property
    def sentence(self) -> str:
        return f"Change the field {self.field} of {self.table}"


class MoveField(NamedTuple):
    """To the place `to` among the table's fields, counted from 0."""

    table: str
    field: str
    to: int

    @property
    def sentence(self) -> str:
        return f"Move the field {self.field} of {self.table}"


class ChooseTitle(NamedTuple):
    """Which field names the records of a table; None lets the program find one."""

    table: str
    field: str | None

    @property
    def sentence(self) -> str:
        if self.field is None:
            return f"Let the program name the records of {self.table}"
        return f"Name the records of {self.table} by {self.field}"


class MoveTable(NamedTuple):
    """To the place `to` among the tables that are shown, counted from 0."""

    table: str
    to: int

    @property
    def sentence(self) -> str:
        return f"Move the table {self.table}"


class OrderByName(NamedTuple):
    """The tables by name again."""

    @property
    def sentence(self) -> str:
        return "Order the tables by name"


class SaveView(NamedTuple):
    """A new view of a table, or with `replace` what one of this name shows from now on."""

    table: str
    view: SavedView
    replace: bool = False

    @property
    def sentence(self) -> str:
        verb = "Change" if self.replace else "Save"
        return f"{verb} the view {self.view.name} of {self.table}"


class RenameView(NamedTuple):
    table: str
    name: str
    to: str

    @property
    def sentence(self) -> str:
        return f"Rename the view {self.name} of {self.table} to {self.to}"


class DropView(NamedTuple):
    table: str
    name: str

    @property
    def sentence(self) -> str:
        return f"Delete the view {self.name} of {self.table}"


ManyRecords = UpdateRecords | DeleteRecords | DeleteFound | FillField | BringBack
RecordChange = InsertRecord | UpdateRecord | ManyRecords | SetFile | PutBack
FieldChange = AddField | RenameField | DropField | ChangeField | MoveField
ViewChange = SaveView | RenameView | DropView
TableChange = CreateTable | DropTable | RenameTable | ChooseTitle | MoveTable | OrderByName
Change = RecordChange | FieldChange | ViewChange | TableChange


class Applied(NamedTuple):
    """What a change did. `ids` are the records it made or changed; `version` the data's since.

    `table` is the table's name now, or None where an undone change took it away; `before` the one
    that it had before undo or redo, where it was there. `records` tells how many came back;
    of more than one there are no `ids`.
    """

    sentence: str
    table: str | None
    ids: tuple[RecordId, ...]
    version: int
    before: str | None = None
    records: int = 0

    @property
    def id(self) -> RecordId | None:
        return self.ids[0] if self.ids else None
