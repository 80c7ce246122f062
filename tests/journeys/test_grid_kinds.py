"""Choices, money and addresses in the grid and in a record's form, by keyboard and by mouse."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from myapp.store import (
    CreateTable,
    InsertRecord,
    Kind,
    Limits,
    NewField,
    create_database,
    open_database,
)
from myapp.web.misfits import misfit_of
from tests.conftest import Program

from .grid_tables import page, program, stored

__all__ = ["page", "program"]
pytestmark = pytest.mark.journey
FIELDS = (
    NewField("Task", Kind.TEXT),
    NewField("Status", Kind.CHOICE, limits=Limits(("Open", "Waiting", "Done"))),
    NewField("Tags", Kind.CHOICES, limits=Limits(("home", "work", "later"))),
    NewField("Cost", Kind.MONEY, currency="€"),
    NewField("Page", Kind.WEB),
    NewField("Phone", Kind.PHONE),
    NewField("Notes", Kind.LONG),
)
RECORDS = (
    ("Paint", "Open", "home, later", "1234.5", "example.org", "+49 (0)30 12", "one\ntwo"),
    ("Write", "Done", "", "-3", "", "", ""),
)
EDITOR = ".grid-edit"


@pytest.fixture
def tasks(page: Page, program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "tasks.sqlite"
    database = create_database(path)
    database.apply(CreateTable("Tasks", FIELDS))
    for record in RECORDS:
        given = dict(zip((f.name for f in FIELDS), (each or None for each in record), strict=True))
        database.apply(InsertRecord("Tasks", given))
    database.close()
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/Tasks")
    expect(page.locator("#cell-0-1")).to_have_text("Paint")
    return path


def test_what_is_filled_in_first_can_be_read_whole(tasks: Path, page: Page) -> None:
    page.locator("#cell-1-3").click()
    page.keyboard.press("F2")
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-3 .pill")).to_have_count(2)
    for cell in ("#cell-0-3", "#cell-1-3", "#cell-0-2", "#cell-0-6"):
        text = page.locator(f"{cell} .grid-text")
        assert text.evaluate("(text) => text.scrollWidth - text.clientWidth") <= 0, cell


def test_choices_are_picked_by_keyboard(tasks: Path, page: Page) -> None:
    expect(page.locator("#cell-0-3 .pill")).to_have_text(["home", "later"])
    expect(page.locator("#cell-0-4")).to_have_text("1,234.50\u00a0€")
    page.locator("#cell-0-2").click()
    page.keyboard.press("F2")
    page.keyboard.press("w")
    expect(page.locator(EDITOR)).to_have_value("Waiting")
    page.keyboard.press("Tab")
    expect(page.locator("#cell-0-2 .pill")).to_have_text("Waiting")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-picks input:checked")).to_have_count(2)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-3 .pill")).to_have_text(["work", "later"])
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(page.locator(EDITOR)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-0-3 .pill")).to_have_text(["home", "later"])
    assert stored(tasks, "SELECT Status || Tags FROM Tasks") == 'Waiting["home","later"]'


def test_boxes_are_ticked_by_mouse_and_kept_by_a_click_elsewhere(tasks: Path, page: Page) -> None:
    page.locator("#cell-1-3").dblclick()
    page.locator(".grid-picks .pill", has_text="work").click()
    page.locator(".grid-picks").get_by_label("home").check()
    page.locator("#cell-0-1").click()
    expect(page.locator("#cell-1-3 .pill")).to_have_text(["home", "work"])
    assert stored(tasks, "SELECT Tags FROM Tasks WHERE id = 2") == '["home","work"]'


def test_cells_lead_outside_and_are_copied_and_filled_as_text(tasks: Path, page: Page) -> None:
    expect(page.locator("#cell-0-5 a")).to_have_attribute("href", "https://example.org")
    expect(page.locator("#cell-0-6 a")).to_have_attribute("href", "tel:+493012")
    page.locator("#cell-0-2").click()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    expect(page.locator("#cell-1-3 .pill")).to_have_text(["home", "later"])
    page.evaluate(
        "() => document.addEventListener('copy', (event) =>"
        " { window.seen = event.clipboardData.getData('text/plain'); })"
    )
    page.locator("#cell-0-3").click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+c")
    assert page.evaluate("window.seen") == "home, later\t1234.50"
    page.locator("#cell-1-4").dblclick()
    page.keyboard.type("0.005")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-problem")).to_contain_text("whole cents")


def test_a_filter_offers_the_choices(tasks: Path, page: Page) -> None:
    page.get_by_role("button", name="Filter Tags").click()
    expect(page.get_by_label("Condition").locator("option")).to_have_text(
        ["has", "has not", "is empty", "is not empty"]
    )
    page.get_by_label("Value of Tags").select_option("later")
    page.locator(".filterbox").get_by_role("button", name="Filter").click()
    expect(page.locator("[data-grid-count]")).to_have_text("1 record")
    expect(page.locator(".chip")).to_contain_text("Tags has later")


def test_the_form_has_an_input_for_every_kind(tasks: Path, page: Page, program: Program) -> None:
    page.goto(f"{program.origin}/tables/Tasks/records/1")
    page.get_by_label("Status").select_option("Done")
    page.get_by_role("group", name="Tags").get_by_label("home").uncheck()
    page.get_by_label("Page").fill("sqlite.org/lang.html")
    assert page.get_by_label("Phone").get_attribute("type") == "tel"
    page.get_by_label("Notes").press("End")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("link", name="Open https://sqlite.org/lang.html")).to_be_visible()
    assert stored(tasks, "SELECT Status || Tags || Page FROM Tasks") == (
        'Done["later"]https://sqlite.org/lang.html'
    )
    assert stored(tasks, "SELECT Notes FROM Tasks") == "one\ntwo"


def test_a_choice_is_typed_by_its_whole_name_and_another_word_is_refused(
    tasks: Path, page: Page
) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.type("done")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2 .pill")).to_have_text("Done")
    page.keyboard.type("bogus")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-problem")).to_contain_text("“bogus” is none of the choices")
    page.keyboard.press("Escape")
    assert stored(tasks, "SELECT Status FROM Tasks WHERE id = 2") == "Done"


def test_what_does_not_fit_its_type_is_marked_as_the_record_page_marks_it(
    page: Page, program: Program, tmp_path: Path
) -> None:
    fields = {"day": "DATE", "at": "DATETIME", "n": "INTEGER", "d": "DECIMAL", "b": "BOOLEAN"}
    values = ["soon", "2026-02-30", "2026-02-28", "2026-02-28 14:30", "2026-02-28x", "", None]
    values += [1, 2.5, 2**60, float("inf"), b"\x01", "x" * 2_000]
    path = tmp_path / "foreign.db"
    connection = sqlite3.connect(path)
    columns = ", ".join(f"{name} {declared}" for name, declared in fields.items())
    connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns}, free TEXT)")
    connection.executemany(
        "INSERT INTO t VALUES (NULL, ?1, ?1, ?1, ?1, ?1, ?1)", [(each,) for each in values]
    )
    connection.commit()
    connection.close()
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/t")
    first = page.locator("#cell-0-1")
    expect(first).to_have_text("soon (not a date)")
    expect(first.get_by_title("“soon” is not a date")).to_be_visible()
    expect(page.get_by_role("gridcell", name="soon (not a whole number)")).to_have_count(1)
    database = open_database(path)
    table = database.table("t")
    records = [database.record("t", str(row + 1)) for row in range(len(values))]
    database.close()
    for row, record in enumerate(records):
        for place, field in enumerate(table.fields):
            if isinstance(value := record.values[place], str) and len(value) > 1_000:
                continue
            marks = page.locator(f"#cell-{row}-{place} .is-misfit")
            told = [mark.get_attribute("title") for mark in marks.all()]
            wanted = misfit_of(field, record.values[place])
            assert told == ([wanted] if wanted else []), (field.name, value)
    assert page.locator(f"#cell-{len(values) - 1}-1 .is-misfit").count() == 1
