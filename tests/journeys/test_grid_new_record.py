"""The empty row after the last record: what is typed or pasted there becomes records."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import page, people, program, run_sql, stored
from .test_grid_pasting import COUNT, all_of, paste

__all__ = ["page", "people", "program"]
pytestmark = pytest.mark.journey
NEWEST = "SELECT id, name, city FROM person WHERE id > 300 ORDER BY id"


def to_new(page: Page, field: int = 1) -> None:
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cell-300-7")).to_be_focused()
    page.locator(f"#cell-300-{field}").click()


def test_a_block_pasted_on_the_new_row_is_added_and_overwrites_nothing(
    people: Path, page: Page
) -> None:
    to_new(page)
    paste(page, "Ann\tLima\nBen\tOslo\n")
    expect(page.get_by_text("4 cells pasted, 2 records added.")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text("302 records")
    expect(page.locator("#cell-302-1")).to_be_focused()
    page.locator("#cell-302-0").click()
    paste(page, "Cleo\tBasel\n")
    expect(page.locator(COUNT)).to_have_text("303 records")
    assert all_of(people, NEWEST) == [(301, "Ann", 3), (302, "Ben", 2), (303, "Cleo", 1)]
    assert stored(people, "SELECT name FROM person WHERE id = 300") == "Person 300"
    page.keyboard.press("Control+z")
    expect(page.locator(COUNT)).to_have_text("302 records")
    expect(page.locator("#cell-302-0")).to_be_focused()
    page.locator("#cell-302-1").click()
    paste(page, "Dora\n" * 100)
    expect(page.locator("#cell-402-1")).to_be_focused()
    expect(page.locator("#cell-402-1")).to_be_in_viewport()
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-302-1")).to_be_focused()


def test_typing_on_the_new_row_adds_a_record_and_goes_on_in_it(people: Path, page: Page) -> None:
    to_new(page)
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-edit")).to_have_count(0)
    expect(page.locator(COUNT)).to_have_text("300 records")
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    expect(page.locator("#cell-300-2")).to_be_focused()
    page.keyboard.type("Lima")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-300-2 .grid-text")).to_have_text("Lima")
    expect(page.locator("#cell-301-2")).to_be_focused()
    page.keyboard.type("Oslo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "The field “name” must not be empty. Nothing was changed. “Add record” has all fields."
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Control+ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New record of person")).to_be_visible()
    assert all_of(people, NEWEST) == [(301, "Ann", 3)]


def test_records_typed_one_after_the_other_lose_no_letter(people: Path, page: Page) -> None:
    to_new(page)
    names = [f"Person {n} typed" for n in range(301, 311)]
    for name in names:
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    expect(page.locator("#cell-310-1")).to_be_focused()
    assert [row[1] for row in all_of(people, NEWEST)] == names


@pytest.mark.gate
def test_a_new_record_is_followed_to_where_the_order_puts_it(
    people: Path, page: Page, program: Program
) -> None:
    page.goto(f'{program.origin}/tables/person?sort=["-name"]')
    expect(page.locator("#cell-0-1")).to_have_text("Person 99")
    to_new(page)
    page.keyboard.type("Zoe")
    page.keyboard.press("Tab")
    expect(page.locator("#cell-0-2")).to_be_focused()
    expect(page.locator("#cell-0-1")).to_have_text("Zoe")
    page.goto(f"{program.origin}/tables/person?q=Zoe")
    expect(page.locator(COUNT)).to_have_text("1 record")
    page.locator("#cell-1-1").click()
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("The record was added, but this view does not show it.")
    ).to_be_visible()
    expect(page.locator("#cell-1-1")).to_be_focused()
    assert stored(people, "SELECT name FROM person WHERE id = 302") == "Ann"


@pytest.mark.gate
def test_the_cursor_stays_on_the_new_row_when_somebody_adds_records(
    people: Path, page: Page
) -> None:
    to_new(page)
    run_sql(people, "INSERT INTO person (name) VALUES ('Theirs')")
    page.evaluate("dispatchEvent(new CustomEvent('records-changed', { detail: -1 }))")
    expect(page.locator(COUNT)).to_have_text("301 records")
    expect(page.locator("#cell-301-1")).to_be_focused()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".is-in-block")).to_have_count(2)
    paste(page, "Both")
    expect(page.get_by_text("2 cells pasted.")).to_be_visible()
    assert all_of(people, NEWEST) == [(301, "Both", None)]


@pytest.mark.gate
def test_a_record_that_was_added_is_not_sent_again_where_nobody_says_where_it_stands(
    people: Path, page: Page
) -> None:
    to_new(page)
    page.route("**/position?*", lambda route: route.fulfill(status=423, json={"error": "Busy."}))
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Try again")
    expect(page.locator(".grid-edit")).to_have_count(0)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(COUNT)).to_have_text("301 records")
    assert all_of(people, NEWEST) == [(301, "Ann", None)]


@pytest.mark.gate
def test_an_sql_view_has_the_new_row_where_its_triggers_add_records(
    people: Path, page: Page, program: Program
) -> None:
    run_sql(
        people,
        "CREATE VIEW names AS SELECT id, name FROM person",
        "CREATE TRIGGER a INSTEAD OF UPDATE ON names BEGIN"
        " UPDATE person SET name = NEW.name WHERE id = OLD.id; END",
    )
    page.goto(f"{program.origin}/tables/names")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    page.keyboard.press("Control+End")
    expect(page.locator("#cell-299-1")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cell-299-1")).to_be_focused()
    run_sql(
        people,
        "DROP TRIGGER a",
        "CREATE TRIGGER b INSTEAD OF INSERT ON names BEGIN"
        " INSERT INTO person (name) VALUES (NEW.name); END",
    )
    page.reload()
    expect(page.locator("#cell-299-1")).to_be_visible()
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("301 records")
    paste(page, "Ben\nCleo\n")
    expect(page.locator(COUNT)).to_have_text("303 records")
    assert [row[1] for row in all_of(people, NEWEST)] == ["Ann", "Ben", "Cleo"]


@pytest.mark.gate
def test_a_record_typed_in_a_filtered_view_takes_what_it_asks_for(
    people: Path, page: Page, program: Program
) -> None:
    page.goto(f"{program.origin}/tables/person?filter=" + '[["city","is","3"],["id","lte","10"]]')
    expect(page.locator("[data-grid-chips]")).to_contain_text("city is Lima")
    page.locator("#cell-3-1").click()
    page.keyboard.type("Newcomer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("this view does not show it")).to_be_visible()
    assert stored(people, "SELECT city FROM person WHERE name = 'Newcomer'") == 3
    page.get_by_role("link", name="Add record").click()
    expect(page.get_by_label("city")).to_have_value("Lima")


@pytest.mark.gate
def test_the_first_record_of_an_empty_table_is_typed(
    people: Path, page: Page, program: Program
) -> None:
    run_sql(people, "CREATE TABLE plant (id INTEGER PRIMARY KEY, name TEXT, height INTEGER)")
    page.goto(f"{program.origin}/tables/plant")
    expect(page.get_by_text("No records yet.")).to_be_visible()
    expect(page.locator("#cell-0-1")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("Fern")
    page.keyboard.press("Tab")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("1 record")
    expect(page.locator("#cell-0-2")).to_have_text("30")
    expect(page.get_by_text("No records yet.")).to_have_count(0)
    assert stored(people, "SELECT name || height FROM plant") == "Fern30"
