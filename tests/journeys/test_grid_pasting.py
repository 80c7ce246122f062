"""Blocks of cells pasted into the grid, and values filled down: each is one change."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import page, people, program, run_sql, show_people, stored

__all__ = ["page", "people", "program"]
pytestmark = [pytest.mark.journey, pytest.mark.gate]
COUNT = "[data-grid-count]"
PASTE = """([text, html]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  if (html) clipboardData.setData('text/html', html);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}"""


def paste(page: Page, text: str, html: str = "") -> None:
    """What another program's cells are, as its clipboard gives them."""
    page.evaluate(PASTE, [text, html])


def all_of(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_a_block_fills_cells_right_and_down_as_one_change(people: Path, page: Page) -> None:
    page.locator("#cell-1-1").click()
    paste(page, 'Ada\tLima\r\n"Two ""lines""\nhere"\tBasel\r\n')
    expect(page.get_by_text("4 cells pasted")).to_be_visible()
    expect(page.locator("#cell-1-1")).to_have_text("Ada")
    expect(page.locator("#cell-1-2 .grid-text")).to_have_text("Lima")
    assert all_of(people, "SELECT name, city FROM person WHERE id IN (2, 3)") == [
        ("Ada", 3),
        ('Two "lines"\nhere', 1),
    ]
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-1-1")).to_have_text("Person 2")
    assert stored(people, "SELECT name FROM person WHERE id = 3") == "Person 3"
    expect(page.locator("[data-grid-undo]")).to_be_disabled()


def test_rows_beyond_the_last_record_become_records(people: Path, page: Page) -> None:
    page.keyboard.press("Control+End")
    page.locator("#cell-299-1").click()
    paste(page, "Last\nNew one\nNew two\n")
    expect(page.get_by_text("2 records added")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text("302 records")
    assert all_of(people, "SELECT id, name FROM person WHERE id >= 300") == [
        (300, "Last"),
        (301, "New one"),
        (302, "New two"),
    ]
    page.keyboard.press("Control+z")
    expect(page.locator(COUNT)).to_have_text("300 records")


def test_an_empty_table_takes_pasted_cells(people: Path, page: Page, program: Program) -> None:
    program.post("/new-table", {"name": "fresh", "field": "a", "kind": "text"})
    page.goto(f"{program.origin}/tables/fresh")
    expect(page.get_by_text("No records yet.")).to_be_visible()
    paste(page, "\tAnn\n\tBen\n")
    expect(page.locator(COUNT)).to_have_text("2 records")
    assert all_of(people, "SELECT a FROM fresh") == [("Ann",), ("Ben",)]


def test_an_empty_table_takes_rows_with_and_without_their_headings(
    people: Path, page: Page, program: Program
) -> None:
    program.post("/new-table", {"name": "fresh", "field": "a", "kind": "text"})
    run_sql(people, "ALTER TABLE fresh ADD COLUMN b TEXT")
    page.goto(f"{program.origin}/tables/fresh")
    expect(page.get_by_text("No records yet.")).to_be_visible()
    paste(page, "Ann\tLima\nBen\tBasel\n")
    expect(page.locator(COUNT)).to_have_text("2 records")
    page.locator("#cell-1-0").click()
    paste(page, "B \ta\r\nBonn\tCleo\r\n")
    expect(page.get_by_text("The first row named the fields.")).to_be_visible()
    assert all_of(people, "SELECT a, b FROM fresh") == [("Ann", "Lima"), ("Cleo", "Bonn")]


def test_what_does_not_fit_refuses_the_whole_and_is_named(people: Path, page: Page) -> None:
    page.locator("#cell-0-3").click()
    paste(page, "2001-01-01\tyes\nsometime\tno")
    message = page.get_by_text("“Person 2”")
    expect(message).to_contain_text("“sometime” is not a date")
    expect(message).to_contain_text("Nothing was changed.")
    assert stored(people, "SELECT born FROM person WHERE id = 1") == "1950-01-02"
    paste(page, "a\tb\tc\td\te\tf\n")
    expect(page.get_by_text("6 fields wide")).to_be_visible()
    paste(page, "x\n" * 50_001)
    expect(page.get_by_text("At most 50,000 cells")).to_be_visible()


def test_one_value_fills_the_chosen_records(people: Path, page: Page) -> None:
    for row in (0, 2, 3):
        page.get_by_label(f"Choose record {row + 1}", exact=True).check()
    page.locator("#cell-0-2").click()
    paste(page, "Lima")
    expect(page.get_by_text("3 cells pasted")).to_be_visible()
    assert [each[0] for each in all_of(people, "SELECT city FROM person LIMIT 4")] == [3, 3, 3, 3]
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-0-2 .grid-text")).to_have_text("Oslo")


def test_what_only_looks_like_our_own_copy_is_taken_as_text(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").click()
    for number, html in enumerate(("5", "%7B%7D", '%7B"fields":[],"rows":[[1]]%7D', "%")):
        paste(page, f"Ada {number}", f"<table data-cells='{html}'>".replace("'", '"'))
        expect(page.locator("#cell-0-1")).to_have_text(f"Ada {number}")


def test_one_value_fills_a_marked_block(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").click()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    paste(page, "Same")
    expect(page.locator("#cell-2-1")).to_have_text("Same")
    assert stored(people, "SELECT count(*) FROM person WHERE name = 'Same'") == 3


def test_a_copy_of_the_grid_comes_back_as_it_was(
    people: Path, page: Page, program: Program
) -> None:
    run_sql(
        people,
        "UPDATE person SET note = 'a' || char(9) || 'b' || char(13, 10) || '\"c\"' WHERE id = 3",
        "UPDATE person SET note = replace(hex(zeroblob(400)), '00', 'xy') WHERE id = 4",
        "INSERT INTO city VALUES (4, 'Lima')",
        "UPDATE person SET city = 4 WHERE id = 2",
        "UPDATE person SET name = 'x', city = NULL, born = NULL, active = NULL, big = NULL,"
        " note = 'x' WHERE id > 4",
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show_people(page, program, people)
    page.locator("#cell-0-0").click()
    page.keyboard.press("Shift+End")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+c")
    expect(page.get_by_text("4 records copied.")).to_be_visible()
    page.locator("#cell-4-0").click()
    page.keyboard.press("Control+v")
    expect(page.get_by_text("cells pasted")).to_contain_text("Left out: “id”, which numbers itself")
    fields = "name, city, born, active, big, note"
    copied = all_of(people, f"SELECT {fields} FROM person WHERE id BETWEEN 1 AND 4")
    assert all_of(people, f"SELECT {fields} FROM person WHERE id BETWEEN 5 AND 8") == copied
    assert {row[5] for row in copied} >= {None, "", 'a\tb\r\n"c"'}
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-4-1")).to_have_text("x")


def test_a_copy_pasted_where_it_came_from_changes_nothing(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").click()
    for key in ("Shift+End", "Shift+ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Control+c")
    page.locator("#cell-0-1").click()
    page.keyboard.press("Control+v")
    expect(page.get_by_text("hold these values already")).to_be_visible()
    expect(page.locator("[data-grid-undo]")).to_be_disabled()


def test_fill_down_copies_the_cell_above(people: Path, page: Page) -> None:
    page.locator("#cell-1-2").click()
    page.keyboard.press("Control+d")
    expect(page.locator("#cell-1-2 .grid-text")).to_have_text("Oslo")
    expect(page.locator("#cell-1-2")).to_be_focused()
    assert stored(people, "SELECT city FROM person WHERE id = 2") == 2
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+d")
    expect(page.get_by_text("There is no cell above")).to_be_visible()


def test_fill_down_gives_chosen_records_the_value_of_the_first(people: Path, page: Page) -> None:
    for row in (1, 2, 4):
        page.get_by_label(f"Choose record {row + 1}", exact=True).check()
    page.locator("#cell-4-1").click()
    page.keyboard.press("Control+d")
    expect(page.locator("#cell-4-1")).to_have_text("Person 2")
    names = [each[0] for each in all_of(people, "SELECT name FROM person LIMIT 5")]
    assert names == ["Person 1", "Person 2", "Person 2", "Person 4", "Person 2"]
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-4-1")).to_have_text("Person 5")


def test_fill_down_in_a_marked_block_repeats_its_first_record(people: Path, page: Page) -> None:
    page.locator("#cell-0-0").click()
    for key in ("Shift+End", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Control+d")
    message = page.get_by_text("cells filled")
    expect(message).to_contain_text("“id”, which numbers itself; “photo”, which holds files.")
    rows = all_of(people, "SELECT name, city, born, active, big, note FROM person LIMIT 3")
    assert len(set(rows)) == 1
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-1-1")).to_have_text("Person 2")


def test_a_table_that_can_only_be_read_says_so(people: Path, page: Page, program: Program) -> None:
    run_sql(people, "CREATE VIEW adults AS SELECT name FROM person")
    page.goto(f"{program.origin}/tables/adults")
    expect(page.locator("#cell-0-0")).to_have_text("Person 1")
    paste(page, "a\tb")
    expect(page.get_by_text("adults can only be read. Nothing was pasted.")).to_be_visible()
    page.keyboard.press("Control+d")
    assert stored(people, "SELECT count(*) FROM person WHERE name = 'Person 2'") == 1


def test_cut_cells_are_copied_and_then_emptied(people: Path, page: Page) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.press("Shift+ArrowRight")
    cut = """() => { const clipboardData = new DataTransfer();
      document.activeElement.dispatchEvent(
        new ClipboardEvent('cut', { clipboardData, bubbles: true, cancelable: true }));
      return clipboardData.getData('text/plain'); }"""
    assert page.evaluate(cut) == "Oslo\t1950-01-02"
    expect(page.get_by_text("2 cells emptied.")).to_be_visible()
    assert all_of(people, "SELECT city, born FROM person WHERE id = 1") == [(None, None)]


def test_new_records_that_do_not_fit_can_be_imported_instead(people: Path, page: Page) -> None:
    page.keyboard.press("Control+End")
    page.locator("#cell-300-1").click()
    paste(page, "Ann\tLima\t2001-02-03\nBen\tLima\tsometime\n")
    toasts = page.locator("#toasts")
    expect(toasts).to_contain_text("“sometime” is not a date")
    toasts.get_by_role("button", name="Import them instead").click()
    expect(page.get_by_role("heading", name="Import Pasted cells")).to_be_visible()
    expect(page.get_by_text("sometime")).to_be_visible()
    assert stored(people, "SELECT count(*) FROM person") == 300
