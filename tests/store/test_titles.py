"""A chosen field names a table's records, wherever they are shown."""

from pathlib import Path

import pytest

from myapp.store import (
    ChangeField,
    ChooseTitle,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    Incoming,
    InsertRecord,
    Kind,
    LinkTo,
    NewField,
    Query,
    RenameField,
    RenameTable,
    Sort,
    StoreError,
    open_database,
)

from .conftest import contents, raw


@pytest.fixture
def own(own: Database) -> Database:
    own.apply(CreateTable("man", (NewField("name", Kind.TEXT), NewField("nick", Kind.TEXT))))
    own.apply(
        CreateTable(
            "pet", (NewField("of", Kind.TEXT, link=LinkTo("man")), NewField("as", Kind.TEXT))
        )
    )
    for name, nick in (("Ann", "Zed"), ("Ben", "Abe")):
        own.apply(InsertRecord("man", {"name": name, "nick": nick}))
    for of in ("1", "2", "2"):
        own.apply(InsertRecord("pet", {"of": of, "as": f"Rex {of}"}))
    return own


def shown(database: Database) -> list[str]:
    """The links of the pets as the grid shows them."""
    records = database.window(Query("pet"), 0, 9).records
    return [record.labels.get("of", "") for record in records]


def test_the_chosen_field_names_records_everywhere(own: Database) -> None:
    own.apply(ChooseTitle("man", "nick"))
    assert own.table("man").chosen_title == "nick"
    assert shown(own) == ["Zed", "Abe", "Abe"]
    assert own.record("pet", "1").labels == {"of": "Zed"}
    assert [choice.label for choice in own.choices("pet", "of", "").records] == ["Abe", "Zed"]
    assert own.named("pet", "of", "Abe") == 2
    by_title = own.window(Query("pet", sort=(Sort("of"),)), 0, 9).records
    assert [record.id for record in by_title] == ["2", "3", "1"]
    assert [hit.title for found in own.search("Ann") for hit in found.hits] == ["Zed"]
    assert own.linked("man", "2") == (
        Incoming("pet", "of", 2, 2, (("2", "Rex 2"), ("3", "Rex 2"))),
    )
    own.apply(DeleteRecords("pet", ("1",)))
    own.apply(DeleteRecords("man", ("1",)))
    assert own.next_undo() == "Delete 1 record of man: Zed"


def test_a_choice_is_undone_redone_and_taken_back_also_after_a_restart(own: Database) -> None:
    own.apply(ChooseTitle("man", "nick"))
    own.apply(ChooseTitle("man", None))
    assert shown(own)[0] == "Ann"
    own.undo()
    assert shown(own)[0] == "Zed"
    own.undo()
    assert shown(own)[0] == "Ann"
    own.close()
    again = open_database(own.path)
    again.redo()
    assert shown(again)[0] == "Zed"
    again.redo()
    assert shown(again)[0] == "Ann"
    again.close()


def test_a_choice_follows_names_and_waits_for_what_is_gone(own: Database) -> None:
    own.apply(ChooseTitle("man", "nick"))
    own.apply(RenameField("man", "nick", "called"))
    own.apply(RenameTable("man", "person"))
    assert shown(own)[0] == "Zed"
    own.apply(DropField("person", "called"))
    assert shown(own)[0] == "Ann"
    own.undo()
    assert shown(own)[0] == "Zed"
    own.apply(DropTable("person"))
    own.apply(CreateTable("person", (NewField("a", Kind.TEXT), NewField("called", Kind.TEXT))))
    assert own.table("person").chosen_title is None
    own.undo()
    own.undo()
    assert shown(own)[0] == "Zed"
    own.apply(ChangeField("person", "called", link=LinkTo("pet"), by="title", misfits="empty"))
    assert shown(own)[0] == "Ann"
    for _ in range(3):
        own.undo()
    assert own.table("man").chosen_title == "nick"
    assert shown(own)[0] == "Zed"


def test_what_cannot_name_a_record_is_refused(own: Database) -> None:
    with pytest.raises(StoreError, match="cannot name the records"):
        own.apply(ChooseTitle("pet", "of"))
    own.apply(ChooseTitle("man", "id"))
    assert shown(own)[0] == "1"


def test_the_choices_are_kept_apart_from_the_records(own: Database) -> None:
    before = contents(own.path)
    own.apply(ChooseTitle("man", "nick"))
    assert contents(own.path) == before
    raw(Path(own.path), "DROP TABLE _myapp_titles")
    assert shown(own)[0] == "Ann"
    own.undo()
    raw(Path(own.path), "CREATE TABLE _myapp_titles (x)")
    assert shown(own)[0] == "Ann"
    with pytest.raises(StoreError):
        own.apply(ChooseTitle("man", "nick"))
