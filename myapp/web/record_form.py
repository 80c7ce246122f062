"""The form of one record: what its inputs hold, and what comes back from them.

A field's input is named `f:` and the field's name; `was:` holds what the person saw in it. A link's
input shows the name of its record: `label:` and `key:` say which key that name stands for.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from myapp.store import (
    AppError,
    BlobSize,
    ChangedMeanwhile,
    Database,
    Field,
    Kind,
    Link,
    RecordId,
    Table,
    Value,
    WholeRecord,
    format_value,
    name_field,
)

from .hrefs import href_of
from .misfits import misfit_of
from .moments import from_input, to_input

Sent = Mapping[str, str]


class Shown(NamedTuple):
    """One field of the form. `was` is what is stored, as text, `text` what the input holds."""

    field: Field
    was: str
    text: str
    bytes: int | None = None
    is_picture: bool = False
    file_name: str = ""
    link: Link | None = None
    key: str = ""
    label: str = ""
    target: RecordId | None = None
    """The record that a link points to as it is stored."""

    now: str = ""
    """What is stored, as the person reads it."""

    href: str | None = None
    """Where it leads outside, as it is stored."""

    misfit: str = ""
    """What the stored value is not, though its field says so."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The choices that are taken, also those that the field does not offer."""
        if self.field.kind is Kind.CHOICE:
            return (self.text,) if self.text else ()
        from myapp.store import split_choices

        return tuple(split_choices(self.text))

    @property
    def offered(self) -> tuple[str, ...]:
        known = self.field.limits.choices
        return (*known, *(each for each in self.chosen if each not in known))

    @property
    def is_ascii(self) -> bool:
        """Browsers refuse letters beyond ASCII in some of their inputs."""
        return self.text.isascii()

    @property
    def is_day(self) -> bool:
        """Whether an input for dates can show it: what is no ISO date would be lost in one."""
        if not self.text:
            return True
        try:
            return date.fromisoformat(self.text).isoformat() == self.text
        except ValueError:
            return False

    @property
    def moment(self) -> str | None:
        """What an input for a date and time begins with; None where it cannot show it."""
        return to_input(self.text) if self.text else ""


def shown_fields(database: Database, table: Table, record: WholeRecord, sent: Sent) -> list[Shown]:
    """Every field as stored, or as it was sent where the person had changed it."""
    shown = [
        shown_field(database, field, value, record.labels.get(field.name), sent)
        for field, value in pairs(table, record)
    ]
    texts = {each.field.name: each.now for each in shown}
    return [
        each if each.bytes is None else as_file(database, table, record, each, texts)
        for each in shown
    ]


def as_file(
    database: Database,
    table: Table,
    record: WholeRecord,
    shown: Shown,
    texts: Mapping[str, str],
) -> Shown:
    from .record_files import LARGEST_SHOWN, picture_type

    beside = name_field(table, shown.field)
    known = database.file(table.name, record.id, shown.field.name)
    return shown._replace(
        file_name=texts[beside.name] if beside else "",
        is_picture=known.size <= LARGEST_SHOWN and picture_type(known.beginning) is not None,
    )


def shown_field(
    database: Database, field: Field, value: Value | BlobSize, label: str | None, sent: Sent
) -> Shown:
    if isinstance(value, bytes | BlobSize):
        size = value.bytes if isinstance(value, BlobSize) else len(value)
        return Shown(field, "", "", bytes=size, misfit=misfit_of(field, value))
    was, name = format_value(field.kind, value), field.name
    touched = is_touched(field, sent)
    if field.link is None:
        text = typed(field, sent) if touched else was
        unfit = "" if touched else misfit_of(field, value)
        return Shown(field, was, text, now=was, href=href_of(field, value), misfit=unfit)
    known = one_line(was if label is None else label)
    target = None
    if value is not None:
        target = database.find_by(field.link.table, field.link.field, value)
    shown = Shown(
        field, was, known, link=field.link, key=was, label=known, target=target, now=known
    )
    if not touched:
        return shown
    key, label = sent.get(f"key:{name}", ""), sent.get(f"label:{name}", "")
    return shown._replace(text=typed(field, sent), key=key, label=label)


def flat(form: MultiDict[str, str]) -> Sent:
    """What was sent, with several choices of one field in one text. An empty input beside the boxes
    says that the field was there."""
    return {
        name: ", ".join(filter(None, values)) if len(values) > 1 else values[0]
        for name, values in form.lists()
    }


def title_of(table: Table, record: WholeRecord) -> str:
    """What names the record; nothing where its fields for that are empty."""
    words = {
        field.name: "" if isinstance(value, BlobSize) else format_value(field.kind, value)
        for field, value in pairs(table, record)
    }
    return " ".join(words[name] for name in table.title_fields).strip()


def one_line(text: str) -> str:
    """A name as an input without lines keeps it."""
    return " ".join(text.split())


def plain_lines(text: str) -> str:
    """Browsers send every end of a line as CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def typed(field: Field, sent: Sent) -> str:
    text = plain_lines(sent.get(f"f:{field.name}", ""))
    if field.kind is Kind.DATETIME:
        return from_input(text, sent.get(f"was:{field.name}", ""))
    return text


def is_touched(field: Field, sent: Sent) -> bool:
    """Whether the input holds something else than what the person was shown."""
    name = field.name
    if f"f:{name}" not in sent:
        return False
    was = plain_lines(sent.get(f"was:{name}", ""))
    text = typed(field, sent)
    if f"key:{name}" not in sent:
        return text != was
    return text != was and (text != sent.get(f"label:{name}") or sent[f"key:{name}"] != was)


class Read(NamedTuple):
    """What was typed, by field, and what of it is refused before the file is asked."""

    values: dict[str, str | None]
    errors: list[AppError]


def new_values(database: Database, table: Table, sent: Sent) -> Read:
    """What a new record is to hold."""
    read = Read({}, [])
    for field in table.fields:
        if field.writable:
            take(read, database, table, field, sent)
    return read


def changed_values(database: Database, table: Table, record: WholeRecord, sent: Sent) -> Read:
    """What the person changed. What somebody else changed as well is an error."""
    read = Read({}, [])
    theirs: dict[str, Value] = {}
    for field, value in pairs(table, record):
        if isinstance(value, bytes | BlobSize) or not is_touched(field, sent):
            continue
        take(read, database, table, field, sent)
        now = plain_lines(format_value(field.kind, value))
        was = plain_lines(sent.get(f"was:{field.name}", ""))
        if now not in (was, read.values.get(field.name) or ""):
            theirs[field.name] = value
    if theirs:
        read.errors.append(ChangedMeanwhile(table.name, theirs))
    return read


def take(read: Read, database: Database, table: Table, field: Field, sent: Sent) -> None:
    try:
        read.values[field.name] = stored_text(database, table, field, sent)
    except AppError as error:
        read.errors.append(error)


def stored_text(database: Database, table: Table, field: Field, sent: Sent) -> str | None:
    """What was typed; in a link the key of the record that it names. Raises NameNotClear."""
    text = typed(field, sent)
    if not text:
        return None
    if field.link is None:
        return text
    if text == sent.get(f"label:{field.name}") and sent.get(f"key:{field.name}"):
        return sent[f"key:{field.name}"]
    return key_of(database, table, field.name, text)


def key_of(database: Database, table: Table, field: str, text: str) -> str:
    """The key of the record that a link's text names; the text itself, which may be a key, where
    it names none. Raises NameNotClear."""
    named = database.named(table.name, field, text)
    return text if named is None else format_value(table.field(field).kind, named)


def copied(database: Database, table: Table, record: WholeRecord) -> WholeRecord:
    """A record to begin another one with: without what tells the two apart, and without data."""
    unique = {name.lower() for name in database.unique_fields(table.name)}
    unique |= {named.name.lower() for field in table.fields if (named := name_field(table, field))}
    kept = [may_be_copied(field, value, unique) for field, value in pairs(table, record)]
    values = tuple(value if keep else None for value, keep in zip(record.values, kept, strict=True))
    return WholeRecord("", values, record.labels)


def may_be_copied(field: Field, value: Value | BlobSize, unique: set[str]) -> bool:
    is_file = isinstance(value, bytes | BlobSize)
    return field.writable and field.name.lower() not in unique and not is_file


def pairs(table: Table, record: WholeRecord) -> Iterable[tuple[Field, Value | BlobSize]]:
    return zip(table.fields, record.values, strict=True)
