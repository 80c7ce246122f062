"""What can go wrong with a database, each with its sentence for the person at the screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .query import Incoming


class AppError(Exception):
    """A refusal that a person may read as it is: what happened, what was lost, what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class StoreError(AppError):
    """Anything the database refuses."""


class NotADatabase(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} is either encrypted or not an SQLite database. Nothing in it was changed."
        )


class CorruptDatabase(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} is damaged and cannot be read reliably. Nothing in it was changed; "
            "restore it from a backup, or copy it and try to recover it with SQLite's own tools."
        )


MISSING_PARTS = {
    "function": "the function",
    "collation sequence": "the order of texts",
    "module": "the extension of SQLite",
}


class PartMissing(StoreError):
    """A definition of the file needs what only the program that made it brings along."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"This needs {MISSING_PARTS[kind]} “{name}”, which only the program has that made "
            "this file. Do it there. Nothing was changed."
        )


class LockedByAnother(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Another program is using {path.name} right now. Nothing was changed; "
            "close it there, or try again in a moment."
        )


class StillWorking(StoreError):
    def __init__(self, sentence: str) -> None:
        super().__init__(
            f"The program is still at work on this: {sentence}. Nothing else was changed; "
            "try again in a moment."
        )


class ReadOnlyFile(StoreError):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} can be read but not changed: {why} Nothing was changed.")


class FileVanished(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} is not at its place any more. If it was moved, open it from there."
        )


class NoSuchFile(StoreError):
    """Nothing is at a path that the person gave, as far as anybody knows never was."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no file {path}. Check how its path is written; nothing was opened."
        )


class FileReplaced(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} was replaced by another file while it was open. Nothing was written to "
            "the new one; open it again to go on with it."
        )


class CannotOpen(StoreError):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} cannot be opened: {why}")


class BrokenOff(CannotOpen):
    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "a program ended while it wrote to it, and what it left half done must be taken back "
            "first; but the file or its folder is write-protected. Copy it, together with the "
            f"file {path.name}-journal beside it, to a folder that you may write to.",
        )


class DiskFull(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {path.name} is full. The last change was not made; "
            "everything before it is safe. Make room and try again."
        )


class DiskFailed(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The disk that holds {path.name} reported an error. The last change was not made; "
            "everything before it is safe."
        )


class NotText(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} holds a text here whose letters cannot be read (it is not UTF-8). "
            "Nothing was changed."
        )


class TookTooLong(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} needed too long for this, so it was stopped. Nothing was changed."
        )


class ReadStopped(StoreError):
    """Whoever asked for the records does not want them any more."""

    def __init__(self) -> None:
        super().__init__("The reading was stopped. Nothing was changed.")


class OldSQLite(StoreError):
    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"This installation brings SQLite {found}, which has a known fault. "
            f"Install version {needed} or newer of the package apsw."
        )


class NoSuchTable(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(f"There is no table named “{table}” in this file.")


class NoSuchField(StoreError):
    def __init__(self, table: str, field: str) -> None:
        super().__init__(f"The table “{table}” has no field named “{field}”.")


class NoSuchView(StoreError):
    def __init__(self, table: str, view: str) -> None:
        super().__init__(f"The table “{table}” has no view named “{view}” any more.")


class ViewNameTaken(StoreError):
    def __init__(self, view: str) -> None:
        super().__init__(f"There is a view named “{view}” already. Choose another name.")


class NoSuchRecord(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(f"This record of “{table}” does not exist any more.")


class SeveralSuchRecords(StoreError):
    """An SQL view has more than one record of a key: SQLite promises nothing else."""

    def __init__(self, table: str, key: Sequence[str]) -> None:
        fields = ", ".join(f"“{name}”" for name in key)
        super().__init__(
            f"“{table}” shows several records with the same {fields}, so it is not clear which of "
            "them is meant. Nothing was changed."
        )


class NoFileThere(StoreError):
    def __init__(self, field: str) -> None:
        super().__init__(f"There is no file in the field “{field}” of this record any more.")


class TableReadOnly(StoreError):
    def __init__(self, table: str, why: str) -> None:
        super().__init__(f"The records of “{table}” cannot be changed here: {why}")


class CannotIndex(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"Search in “{table}” cannot be made faster: it needs a table whose records are "
            "numbered by a key of their own. Searching goes on by reading every record."
        )


class KeyRepeated(StoreError):
    def __init__(self, value: str) -> None:
        super().__init__(
            f"Two of the records that come in have the key “{value[:80]}”, so it is not clear "
            "which of them is meant. Nothing was changed."
        )


class NameTaken(StoreError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The name “{name}” is taken already. Choose another one.")


class BadName(StoreError):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"“{name}” cannot be used as a name: {why}")


class TooManyFields(StoreError):
    def __init__(self, count: int) -> None:
        super().__init__(f"A table can have up to 1,999 fields; this would have {count:,}.")


class ValueDoesNotFit(StoreError):
    """A typed value that its field cannot hold. `field` names the field."""

    def __init__(self, field: str, text: str, wanted: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(f"“{shown}” is not {wanted}, which the field “{field}” needs.")
        self.field = field


class AmountNotClear(ValueDoesNotFit):
    """An amount such as 1.500."""

    def __init__(self, field: str, text: str) -> None:
        StoreError.__init__(
            self,
            f"“{text}” could be in thousands or have three decimals. Write the amount in “{field}”"
            " without the point, or with two decimals.",
        )
        self.field = field


class ValueNotAllowed(ValueDoesNotFit):
    """A value of the right kind that is beyond what its field takes, which `allowed` says."""

    def __init__(self, field: str, text: str, allowed: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        StoreError.__init__(self, f"“{shown}” does not fit: {allowed}")
        self.field = field


class RuleBroken(StoreError):
    """A constraint of the table refused the change. `field` names the field, where it is known."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(f"{sentence} Nothing was changed.")
        self.field = field


class RecordRefused(StoreError):
    """One of many records refused what all of them were given, so that none was changed.

    `cause` is the refusal of that one, the `position`th; `field` names the field, where known.
    """

    def __init__(self, record: str, position: int, cause: StoreError) -> None:
        reason = cause.sentence.partition(" Nothing was ")[0]
        super().__init__(f"Stopped at {record}: {reason} Nothing was changed.")
        self.position = position
        self.cause = cause
        self.field = getattr(cause, "field", None)


class TooManyCells(StoreError):
    def __init__(self, most: int, count: int) -> None:
        super().__init__(
            f"At most {most:,} cells can be changed at once; these are {count:,}. "
            "Nothing was changed; more come in as a file."
        )


class FilterUnfit(StoreError):
    """A filter that compares a number with something else. `field` names the field."""

    def __init__(self, field: str, text: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(f"“{shown}” is not a number, and the field “{field}” holds numbers.")
        self.field = field


class DateUnfit(StoreError):
    """A filter that compares a date with something else. `field` names the field."""

    def __init__(self, field: str, text: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(
            f"“{shown}” is not a date for the field “{field}”. Write it like 2026, 2026-03 or"
            " 2026-03-31."
        )
        self.field = field


class TooManyConditions(StoreError):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"A view takes at most {most} conditions, and this one has more. Nothing was changed."
        )


class Refused(RuleBroken):
    """A trigger of the file refused the change, in the words of who wrote it."""

    def __init__(self, words: str) -> None:
        said = " ".join(words.split())
        said = said if len(said) <= 300 else f"{said[:299]}…"
        super().__init__(said if said.endswith((".", "!", "?", "…")) else f"{said}.")


class NothingDone(RuleBroken):
    def __init__(self, view: str) -> None:
        super().__init__(f"“{view}” is an SQL view, and its triggers did nothing with this.")


class NotTakenBack(RuleBroken):
    """A trigger writes where the history cannot follow. `why` says where."""

    def __init__(self, view: str, why: str) -> None:
        super().__init__(f"A trigger of “{view}” does what could not be undone: {why}")


class LinkBroken(RuleBroken):
    """A link would lead nowhere. SQLite does not say which; `broken_links.explain` finds out."""

    def __init__(self) -> None:
        super().__init__("A linked record is missing, or other records still point to this one.")


class CheckBroken(RuleBroken):
    """A CHECK refused the change. `rule` is its name or text as SQLite tells it, which for most of
    ours is the field's name; `checks.explain` says what the field takes."""

    def __init__(self, rule: str) -> None:
        super().__init__(f"A rule of the table does not allow this ({rule}).")
        self.rule = rule


class NotLinkable(RuleBroken):
    """What was typed in a link field names no record that it could point to."""

    def __init__(self, field: str, text: str, table: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(f"“{shown}” names no record of “{table}”.", field)


class LinkLost(RuleBroken):
    """The field's links lead to a table that is in the trash."""

    def __init__(self, field: str) -> None:
        super().__init__(
            f"The field “{field}” links to a table that was deleted. Bring that back, or change "
            "the type of the field.",
            field,
        )


class LinkedFromTrash(RuleBroken):
    """Records cannot be deleted, since those of a table in the trash must point to some."""

    def __init__(self, count: int) -> None:
        them = "it" if count == 1 else "them"
        super().__init__(
            f"Records of a deleted table link to {them}, and need a link. "
            "Bring that table back and delete its records first, or forget the history."
        )


class LinkGone(RuleBroken):
    """An earlier value links to a record that is not there any more."""

    def __init__(self, field: str, text: str, table: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(
            f"The field “{field}” linked to a record of “{table}” then that is not there now "
            f"({shown}).",
            field,
        )


class NameNotClear(RuleBroken):
    """What was typed in a link field names more than one record; `key` tells them apart."""

    def __init__(self, field: str, text: str, table: str, key: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "…"
        super().__init__(
            f"“{shown}” names several records of “{table}”. Pick one from the field's list, or "
            f"give its “{key}” instead.",
            field,
        )


class StillLinked(RuleBroken):
    """Records cannot be deleted, since those of `incoming` point to them."""

    def __init__(self, count: int, incoming: "Sequence[Incoming]") -> None:
        totals: dict[str, int] = {}
        for each in incoming:
            totals[each.table] = totals.get(each.table, 0) + each.total
        told = [
            f"{total:,} {'record' if total == 1 else 'records'} of “{table}”"
            for table, total in totals.items()
        ]
        listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
        verb = "points" if len(told) == 1 and sum(totals.values()) == 1 else "point"
        super().__init__(
            f"{listed} {verb} to {'it' if count == 1 else 'them'}. Let those point elsewhere or "
            f"delete them first, then delete {'this record' if count == 1 else 'these records'}."
        )
        self.incoming = tuple(incoming)


class ValuesDoNotFit(RuleBroken):
    """So many values have no form in a field's new type."""


class ChangedMeanwhile(StoreError):
    """Somebody else changed the same value. `theirs` maps field names to what is there now."""

    def __init__(self, table: str, theirs: dict[str, int | float | str | bytes | None]) -> None:
        fields = ", ".join(f"“{name}”" for name in theirs)
        super().__init__(
            f"This record of “{table}” was changed elsewhere in the meantime ({fields}). "
            "Nothing was overwritten."
        )
        self.theirs = theirs


class ViewChanged(StoreError):
    """A view finds another number of records than the person was told."""

    def __init__(self, table: str, told: int, now: int) -> None:
        super().__init__(
            f"“{table}” was changed in the meantime: the view has {now:,} records now, and had "
            f"{told:,}. Nothing was changed; look again."
        )


class StepTooLarge(StoreError):
    """What a change takes away or replaces does not fit into one value of SQLite's."""

    def __init__(self) -> None:
        super().__init__(
            "This changes more at once than the history can keep as one step (one gigabyte). "
            "Nothing was changed; choose fewer records, and do it in parts."
        )


class CannotUndo(StoreError):
    def __init__(self, sentence: str) -> None:
        super().__init__(
            f"“{sentence}” cannot be undone or redone any more, because the same records were "
            "changed since. Nothing was changed."
        )


class LinksLost(CannotUndo):
    """A link of what would come back, or one to what would go, leads nowhere."""

    def __init__(self, sentence: str) -> None:
        StoreError.__init__(
            self,
            f"“{sentence}” cannot be undone or redone now, because links of records would lead "
            "nowhere. Let those that link to its records point elsewhere first, or bring back what "
            "they point to. Nothing was changed.",
        )


class LinksUnfollowed(CannotUndo):
    """SQLite can follow no link of a table: it leads to a table that is not there, or to fields
    that tell no records apart."""


class AnothersChange(StoreError):
    def __init__(self, sentence: str, who: str | None) -> None:
        maker = who or "the owner at the computer"
        super().__init__(
            f"The newest change, “{sentence}”, was made by {maker}, and is theirs or the owner's "
            "to take back. Nothing was changed."
        )


class CannotBringBack(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"This deleted record of “{table}” is not in the history any more, or is back already. "
            "Nothing was changed."
        )


class NotInPast(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"What this record of “{table}” was then is not in the history any more. "
            "Nothing was changed."
        )


class NothingToPutBack(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"This record of “{table}” is already as it was then. Nothing was changed."
        )


class NoRoomForBackup(StoreError):
    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(
            f"There is no backup: {folder} has not enough room left for {size // 1_000_000:,} MB. "
            "Free some space on that disk."
        )


class BackupDamaged(StoreError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The backup {path.name} is damaged and was not used. Nothing was changed."
        )
