"""An open file that is asked of one record and its links, files and past; and of its fields."""

from typing import TYPE_CHECKING, BinaryIO

from .errors import NameNotClear
from .hearing import Told
from .open_file import found
from .query import Choices, Incoming, RecordId, WholeRecord
from .reading import fetch_titles, fetch_whole
from .schema import LinkTo, read_unique
from .values import NO_LIMITS, Kind, Limits, Value
from .viewing import ViewedFile

if TYPE_CHECKING:
    from .changes import InsertRecord, UpdateRecord
    from .deleted import DeletedRecords
    from .dropping import FieldLoss, TableLoss
    from .earlier import RecordThen
    from .errors import StoreError
    from .field_rules import FieldRules
    from .files import StoredFile
    from .matching import By, Matching
    from .past import Past
    from .steps import Step
    from .touched import StepTold


class AskedFile(ViewedFile):
    """What is asked of an open file beside its views."""

    def record(self, table: str, id_: RecordId) -> WholeRecord:
        """One record, whole. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            schema = self.schema(connection)
            return fetch_whole(connection, schema, found(schema, table), id_)

    def unique_fields(self, table: str) -> frozenset[str]:
        """The fields that tell records apart, alone or together: a copy must differ in them."""
        with self.reading() as connection:
            return read_unique(connection, found(self.schema(connection), table))

    def refusals(self, change: "InsertRecord | UpdateRecord") -> "tuple[StoreError, ...]":
        """Why a record that was refused does not fit, for every field that can be told of."""
        from .refusals import find_refusals

        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, change.table)
            return tuple(find_refusals(connection, schema, there, change))

    def choices(self, table: str, field: str, text: str, limit: int = 20) -> Choices:
        """Records that a link field can point to, by what their title contains."""
        from .links import find_choices

        with self.reading() as connection:
            schema = self.schema(connection)
            return find_choices(connection, schema, found(schema, table), field, text, limit)

    def named(self, table: str, field: str, text: str) -> Value:
        """What a link field holds that points to the record named `text`; None where none is.

        Raises NameNotClear where more than one has the name.
        """
        from .links import find_named

        with self.reading() as connection:
            schema = self.schema(connection)
            asked = found(schema, table).field(field)
            keys = find_named(connection, schema, asked, [text]).get(text, [])
        if len(keys) > 1 and asked.link is not None:
            raise NameNotClear(field, text, asked.link.table, asked.link.field)
        return keys[0] if keys else None

    def linked(self, table: str, id_: RecordId) -> tuple[Incoming, ...]:
        """Which records of other tables point to this one, counted by table and field."""
        from .links import find_incoming

        with self.reading() as connection:
            schema = self.schema(connection)
            record = fetch_whole(connection, schema, found(schema, table), id_)
            return find_incoming(connection, schema, found(schema, table), record)

    def link_name(self, table: str, field: str, value: Value) -> str | None:
        """What a link field shows for `value`; None where it leads nowhere."""
        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            names = fetch_titles(connection, schema, there, there.position_of(field), [value])
            return next(iter(names.values()), None)

    def find_by(self, table: str, field: str, value: Value) -> RecordId | None:
        """The id of the record whose `field` holds `value`: where a link leads."""
        from .links import find_by

        with self.reading() as connection:
            return find_by(connection, found(self.schema(connection), table), field, value)

    def find_code(self, table: str, code: str, most: int) -> list[RecordId]:
        """At most `most` records of which a field holds exactly a scanned code."""
        from .codes import find_code

        with self.reading() as connection:
            return find_code(connection, found(self.schema(connection), table), code, most)

    def file(self, table: str, id_: RecordId, field: str) -> "StoredFile":
        """What is known of a record's file. Raises NoSuchTable, NoSuchRecord, NoFileThere."""
        from .files import stored_file

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return stored_file(connection, there, there.field(field), id_)

    def copy_file(self, table: str, id_: RecordId, field: str, target: BinaryIO) -> None:
        """Write a record's file, piece by piece. Raises as `file` does."""
        from .files import copy_file

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            copy_file(connection, there, there.field(field), id_, target)

    def fields(self, table: str) -> "tuple[FieldRules, ...]":
        """A table's fields with the rules that a person may change."""
        from .field_rules import rules_of

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return tuple(rules_of(connection, there).values())

    def field_loss(self, table: str, field: str, told: Told | None = None) -> "FieldLoss":
        """What would go with a field. Raises NoSuchTable, NoSuchField."""
        from .dropping import find_loss

        with self.looking(told) as connection:
            there = found(self.schema(connection), table)
            return find_loss(connection, there, there.field(field))

    def table_loss(self, table: str) -> "TableLoss":
        """What would go with a table. Raises NoSuchTable."""
        from .dropping import find_table_loss

        with self.reading() as connection:
            return find_table_loss(connection, found(self.schema(connection), table))

    def misfits(
        self, table: str, field: str, kind: Kind, limits: Limits = NO_LIMITS
    ) -> tuple[int, str | None]:
        """How many values would not fit another type, and one of them with its record."""
        from .fitting import Fit, find_misfits

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            asked = there.field(field)
            return find_misfits(connection, there, asked, Fit(asked.kind, kind, limits))

    def matching(
        self, table: str, field: str, link: LinkTo, by: "By", told: Told | None = None
    ) -> "Matching | None":
        """What a field's values would become as links; None where they would stay as they are, or
        where no title could be one. Raises NoSuchTable, NoSuchField, CannotLink."""
        from .matching import find_matching

        with self.looking(told) as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            return find_matching(connection, schema, there, there.field(field), link, by)

    def steps(self, before: int | None = None) -> "tuple[Step, ...]":
        """The history's newest steps, or those before one, and one more than a page shows."""
        from .steps import read_steps

        with self.reading() as connection:
            return read_steps(connection, before)

    def past(
        self, table: str, id_: RecordId, before: int | None = None, key: RecordId | None = None
    ) -> "Past":
        """What became of a record. Raises NoSuchTable, NoSuchRecord."""
        from .past import read_past

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return read_past(connection, there, id_, before, key)

    def told_steps(self, before: int | None = None) -> "tuple[StepTold, ...]":
        """As `steps`, each with what it changed."""
        from .touched import read_told

        with self.reading() as connection:
            return read_told(connection, self.schema(connection), before)

    def record_then(self, table: str, id_: RecordId, entry: int, *, after: bool) -> "RecordThen":
        """A record as it was before the history's `entry` changed it, or after that. Raises
        NoSuchTable, NoSuchRecord, NotInPast, TableReadOnly."""
        from .earlier import read_then

        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            return read_then(connection, schema, there, id_, entry, after)

    def deleted(self, table: str, after: tuple[int, int] | None = None) -> "DeletedRecords":
        """Records of a table that the history can bring back. Raises NoSuchTable."""
        from .deleted import read_deleted

        with self.reading() as connection:
            return read_deleted(connection, found(self.schema(connection), table), after)
