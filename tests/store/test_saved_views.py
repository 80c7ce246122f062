"""Views under a name: kept in the file, followed through renames, and undone like any change."""

from collections.abc import Callable

import pytest

from myapp.store import (
    AddField,
    BadName,
    CreateTable,
    Database,
    DropField,
    DropTable,
    DropView,
    Filter,
    Kind,
    MoveField,
    NewField,
    NoSuchTable,
    NoSuchView,
    Op,
    Query,
    RenameField,
    RenameTable,
    RenameView,
    SavedView,
    SaveView,
    Sort,
    ViewNameTaken,
    open_database,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]
BOOKS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, pages INTEGER, read BOOLEAN)",
    "INSERT INTO books VALUES (1, 'Emma', 474, 1), (2, 'Walden', 352, 0)",
)
TO_READ = SavedView(
    "To read",
    sort=(Sort("pages", True), Sort("title")),
    filters=(Filter("read", Op.IS, "no"),),
    search="wal",
    hidden=("id",),
    widths=(("title", 240), ("pages", 80)),
)


def names(database: Database, table: str = "books") -> list[str]:
    return [view.name for view in database.saved_views(table)]


def test_a_view_comes_back_as_it_was_saved_also_after_a_restart(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    assert books.saved_views("books") == (TO_READ,)
    books.close()
    again = open_database(books.path)
    assert again.saved_views("BOOKS") == (TO_READ,)
    assert [table.name for table in again.tables()] == ["books"]
    again.close()


def test_a_foreign_file_gets_nothing_until_the_first_view_is_saved(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    before = books.path.read_bytes()
    assert books.saved_views("books") == ()
    books.close()
    assert books.path.read_bytes() == before


def test_saving_changing_renaming_and_deleting_are_undone_and_redone(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    shorter = TO_READ._replace(filters=(Filter("pages", Op.LT, "400"),))
    books.apply(SaveView("books", TO_READ))
    books.apply(SaveView("books", shorter, replace=True))
    books.apply(RenameView("books", "To read", "Short"))
    books.apply(DropView("books", "short"))
    assert names(books) == []
    assert books.next_undo() == "Delete the view short of books"
    states = []
    while books.undo():
        states.append(books.saved_views("books"))
    assert states == [(shorter._replace(name="Short"),), (shorter,), (TO_READ,), ()]
    while books.redo():
        states.append(books.saved_views("books"))
    assert states[4:] == [(TO_READ,), (shorter,), (shorter._replace(name="Short"),), ()]


def test_a_view_goes_with_its_table_and_its_fields_when_they_are_renamed(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    books.apply(RenameField("books", "pages", "length"))
    books.apply(RenameTable("books", "library"))
    (view,) = books.saved_views("library")
    assert view.sort == (Sort("length", True), Sort("title"))
    assert view.widths == (("title", 240), ("length", 80))
    books.undo()
    books.undo()
    assert books.saved_views("books") == (TO_READ,)


def test_the_views_of_a_deleted_table_come_back_with_it_and_no_stranger_gets_them(
    foreign: Foreign,
) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    books.apply(DropTable("books"))
    books.apply(CreateTable("books", (NewField("title", Kind.TEXT),)))
    assert names(books) == []
    books.undo()
    books.undo()
    assert names(books) == ["To read"]


def test_the_views_of_a_table_that_is_gone_for_good_go_too(foreign: Foreign) -> None:
    books = foreign(*BOOKS, "CREATE TABLE other (id INTEGER PRIMARY KEY)")
    books.apply(CreateTable("new", (NewField("title", Kind.TEXT),)))
    books.apply(SaveView("new", SavedView("Mine", sort=(Sort("title"),))))
    books.apply(DropTable("new"))
    # The entry that follows comes so late that the deletion is forgotten.
    raw(
        books.path,
        "INSERT INTO _myapp_history (id, at, sentence, kind, table_name)"
        " VALUES (5000, '', '', 'records', 'other')",
    )
    books.apply(AddField("other", NewField("x", Kind.TEXT)))
    assert raw(books.path, "SELECT * FROM _myapp_views") == []


def test_what_is_said_of_a_field_that_another_program_dropped_is_passed_over(
    foreign: Foreign,
) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    raw(books.path, "ALTER TABLE books DROP COLUMN pages", "ALTER TABLE books DROP COLUMN read")
    (view,) = books.saved_views("books")
    assert view == SavedView("To read", (Sort("title"),), (), "wal", ("id",), (("title", 240),))
    raw(books.path, "ALTER TABLE books ADD COLUMN pages INTEGER")
    (view,) = books.saved_views("books")
    assert view.sort == TO_READ.sort


def test_a_view_holds_again_when_a_dropped_field_comes_back(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    books.apply(MoveField("books", "title", 3))
    books.apply(DropField("books", "pages"))
    (view,) = books.saved_views("books")
    assert view == TO_READ._replace(sort=(Sort("title"),), widths=(("title", 240),))
    books.undo()
    books.undo()
    assert books.saved_views("books") == (TO_READ,)


def test_some_field_is_always_shown(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    all_hidden = SavedView("Nothing", hidden=("id", "title", "pages", "read"))
    books.apply(SaveView("books", all_hidden))
    assert books.saved_views("books") == (SavedView("Nothing"),)


def test_two_views_have_two_names_and_a_refusal_changes_nothing(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    books.apply(SaveView("books", SavedView("Über alles")))
    with pytest.raises(ViewNameTaken):
        books.apply(SaveView("books", SavedView("TO READ")))
    with pytest.raises(ViewNameTaken):
        books.apply(RenameView("books", "To read", "über ALLES"))
    books.apply(RenameView("books", "To read", "to READ"))
    with pytest.raises(NoSuchView):
        books.apply(DropView("books", "Nowhere"))
    with pytest.raises(NoSuchTable):
        books.apply(SaveView("nowhere", TO_READ))
    for bad in ("", "  ", "a\0b", "x" * 101):
        with pytest.raises(BadName):
            books.apply(SaveView("books", SavedView(bad)))
    assert names(books) == ["to READ", "Über alles"]


def test_saving_a_view_costs_no_list_that_was_computed(foreign: Foreign) -> None:
    books = foreign(*BOOKS)
    query = Query("books", (Sort("title"),))
    books.window(query, 0, 10)
    kept = books.views.lists[query].ids
    books.apply(SaveView("books", TO_READ))
    books.window(query, 0, 10)
    assert books.views.lists[query].ids is kept


@pytest.mark.parametrize(
    "layout",
    ["{", "[]", "{}", "null", '{"sort": 5}', '{"sort": [5]}', '{"filter": [["a"]]}',
     '{"filter": [["title", "like", "x"]]}', '{"widths": {"title": "wide"}}', '{"widths": [1]}'],
)  # fmt: skip
def test_nonsense_that_another_program_wrote_hides_no_other_view(
    foreign: Foreign, layout: str
) -> None:
    books = foreign(*BOOKS)
    books.apply(SaveView("books", TO_READ))
    raw(books.path, "INSERT INTO _myapp_views (table_name, name, layout) VALUES"
        f" ('books', 'Odd', '{layout}'), ('books', 'Blob', x'00')")  # fmt: skip
    assert "To read" in names(books)
    books.apply(RenameField("books", "title", "name"))
    assert "To read" in names(books)


def test_a_table_of_the_same_name_that_is_not_ours_is_no_obstacle(foreign: Foreign) -> None:
    books = foreign(*BOOKS, "CREATE TABLE _myapp_views (x)")
    assert books.saved_views("books") == ()
    books.apply(RenameTable("books", "library"))
    assert contents(books.path)["library"]
