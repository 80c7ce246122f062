"""The history tells who made a step, and who took it back, where they have names."""

from pathlib import Path

from myapp.store import CreateTable, Database, InsertRecord, Kind, NewField, acting_as


def make_table(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))


def test_a_step_tells_who_made_it_and_who_took_it_back(own: Database) -> None:
    with acting_as("Ann"):
        make_table(own)
        own.apply(InsertRecord("t", {"a": "1"}))
    with acting_as("Bob"):
        own.undo()
    newest, first = own.steps()
    assert (newest.who, newest.undone_by, first.who) == ("Ann", "Bob", "Ann")
    with acting_as("Cleo"):
        own.redo()
    assert (own.steps()[0].who, own.steps()[0].undone_by) == ("Ann", None)


def test_what_nobody_named_has_no_name(own: Database) -> None:
    make_table(own)
    with acting_as("Ann"):
        own.apply(InsertRecord("t", {"a": "1"}))
    own.apply(InsertRecord("t", {"a": "2"}))
    assert [step.who for step in own.steps()] == [None, "Ann", None]


def test_next_step_is_told_with_its_maker(own: Database) -> None:
    assert own.next_step_of(redo=False) is None
    with acting_as("Ann"):
        make_table(own)
    assert own.next_step_of(redo=False) == ("create", "Ann")


def test_a_file_can_be_put_into_wal_mode(tmp_path: Path) -> None:
    import apsw

    from myapp.store import open_database

    path = tmp_path / "plain.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    database = open_database(path)
    try:
        assert database.use_wal()
        assert not database.use_wal()
        assert [table.name for table in database.tables()] == ["t"]
    finally:
        database.close()
    assert path.read_bytes()[18:20] == b"\2\2"
