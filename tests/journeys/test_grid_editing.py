"""Editing a cell in place: nothing is lost that the person did not touch."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.conftest import Program

from .grid_tables import page, people, program, run_sql, show_people, stored

__all__ = ["page", "people", "program"]
pytestmark = pytest.mark.journey
NOTE = "SELECT note FROM person WHERE id = 2"
EDITOR = ".grid-edit"


@pytest.fixture
def lines(people: Path, page: Page, program: Program) -> Path:
    """The note of the second person has three lines."""
    run_sql(people, "UPDATE person SET note = 'one' || char(10) || 'two' || char(10) || 'three'")
    show_people(page, program, people)
    page.locator("#cell-1-6").click()
    return people


def test_line_breaks_outlive_an_editor_that_was_only_looked_at(lines: Path, page: Page) -> None:
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/records/" in request.url:
            sent.append(request.url)

    page.on("request", note)
    page.keyboard.press("F2")
    expect(page.locator(EDITOR)).to_have_value("one\ntwo\nthree")
    page.keyboard.press("Enter")
    expect(page.locator(EDITOR)).to_have_count(0)
    expect(page.locator("#cell-2-6")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F2")
    page.locator("#cell-4-1").click()
    expect(page.locator(EDITOR)).to_have_count(0)
    assert sent == []
    assert stored(lines, NOTE) == "one\ntwo\nthree"


def test_what_is_typed_on_a_long_text_takes_its_place(
    people: Path, page: Page, program: Program
) -> None:
    run_sql(people, "UPDATE person SET note = printf('%.*c', 10000, 'w')")
    show_people(page, program, people)
    page.locator("#cell-1-6").click()
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-6")).to_have_text("short")
    assert stored(people, NOTE) == "short"
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-1-6")).to_contain_text("www")
    assert stored(people, NOTE) == "w" * 10_000


def test_alt_and_shift_with_enter_break_the_line(lines: Path, page: Page) -> None:
    page.keyboard.press("F2")
    page.keyboard.press("Control+End")
    for keys, text in (("Alt+Enter", "four"), ("Shift+Enter", "five")):
        page.keyboard.press(keys)
        page.keyboard.type(text)
    expect(page.locator(EDITOR)).to_have_value("one\ntwo\nthree\nfour\nfive")
    box, cell = page.locator(EDITOR).bounding_box(), page.locator("#cell-1-6").bounding_box()
    assert box is not None
    assert cell is not None
    assert box["height"] > 3 * cell["height"]
    page.keyboard.press("Enter")
    expect(page.locator("#cell-2-6")).to_be_focused()
    assert stored(lines, NOTE) == "one\ntwo\nthree\nfour\nfive"
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-1-6")).not_to_contain_text("five")
    assert stored(lines, NOTE) == "one\ntwo\nthree"


def test_breaks_of_another_system_stay_what_they_are(
    people: Path, page: Page, program: Program
) -> None:
    run_sql(people, "UPDATE person SET note = 'one' || char(13, 10) || 'two'")
    show_people(page, program, people)
    page.locator("#cell-1-6").dblclick()
    for key in ("Control+Home", "PageDown", "Control+End"):
        page.keyboard.press(key)
    expect(page.locator("#cell-0-6")).to_be_in_viewport()
    page.keyboard.type("!")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-6")).to_contain_text("two!")
    assert stored(people, NOTE) == "one\r\ntwo!"


def test_a_value_typed_anew_as_it_was_is_no_change(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").click()
    page.keyboard.type("Person 1")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-1")).to_be_focused()
    expect(page.locator("[data-grid-undo]")).to_be_disabled()


def test_the_editor_stays_in_sight_at_every_edge(lines: Path, page: Page) -> None:
    page.set_viewport_size({"width": 520, "height": 600})
    for keys, cell in (
        (["Control+Home"], "#cell-0-0"),
        (["Control+End", "ArrowLeft"], "#cell-299-6"),
    ):
        for key in keys:
            page.keyboard.press(key)
        expect(page.locator(cell)).to_be_focused()
        expect(page.locator(cell)).not_to_have_text("")
        page.keyboard.press("F2")
        expect(page.locator(EDITOR)).to_be_focused()
        editor, place = page.locator(EDITOR).bounding_box(), page.locator(".grid").bounding_box()
        assert editor is not None
        assert place is not None
        assert editor["x"] >= place["x"]
        assert editor["x"] + editor["width"] <= place["x"] + place["width"] + 1
        assert editor["y"] + editor["height"] <= place["y"] + place["height"] + 1
        page.keyboard.press("Escape")
    expect(page.locator("#cell-299-6")).to_be_focused()


def test_a_date_is_wholly_in_sight_in_its_editor(people: Path, page: Page) -> None:
    page.locator("#cell-1-3").dblclick()
    expect(page.locator(EDITOR)).to_have_attribute("type", "date")
    box = page.locator(EDITOR).bounding_box()
    assert box is not None
    assert box["width"] >= 160


def test_typing_in_one_chosen_record_edits_that_one_alone(people: Path, page: Page) -> None:
    for row in (0, 1, 2):
        page.get_by_label(f"Choose record {row + 1}", exact=True).check()
    page.locator("#cell-1-1").click()
    page.keyboard.type("Only me")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-1")).to_have_text("Only me")
    assert stored(people, "SELECT count(*) FROM person WHERE name = 'Only me'") == 1


@pytest.mark.gate
def test_undoing_a_rename_leads_to_the_table_by_its_name(
    people: Path, page: Page, program: Program
) -> None:
    program.post("/tables/person/rename", {"name": "folk"})
    page.goto(f"{program.origin}/tables/folk")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    page.keyboard.press("Control+z")
    page.wait_for_url("**/tables/person")
    expect(page.get_by_text("Undone: Rename the table person to folk")).to_be_visible()
    page.locator("#cell-0-1").click()
    page.keyboard.press("Control+y")
    page.wait_for_url("**/tables/folk")
    page.locator("#cell-0-1").click()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("Ada")
    assert stored(people, "SELECT name FROM folk WHERE id = 1") == "Ada"


def test_undoing_the_making_of_the_table_that_is_shown_leads_to_the_first_page(
    people: Path, page: Page, program: Program
) -> None:
    program.post("/new-table", {"name": "fresh", "field": "a", "kind": "text"})
    page.goto(f"{program.origin}/tables/fresh")
    expect(page.get_by_text("No records yet.")).to_be_visible()
    page.keyboard.press("Control+z")
    page.wait_for_url(f"{program.origin}/")
    expect(page.get_by_text("“fresh” is not there any more")).to_be_visible()


def test_a_number_filter_says_what_is_no_number(people: Path, page: Page) -> None:
    page.get_by_role("button", name="Filter big").click()
    value = page.get_by_label("Value of big")
    value.fill("zz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“zz” is not a number")
    expect(value).to_be_focused()
    expect(value).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-grid-count]")).to_have_text("300 records")
    value.fill("9007199254740995")
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-count]")).to_have_text("1 record")


def test_a_view_that_nothing_fits_offers_all_records(
    people: Path, page: Page, program: Program
) -> None:
    page.goto(f'{program.origin}/tables/person?sort=["-id"]&filter=[["big","is","zz"]]&q=person')
    expect(page.get_by_text("No record fits this view.")).to_be_visible()
    expect(page.get_by_text("“zz” is not a number")).to_be_visible()
    page.get_by_role("button", name="Show all records").click()
    expect(page.locator("[data-grid-count]")).to_have_text("300 records")
    expect(page.locator("#cell-0-1")).to_have_text("Person 300")
    expect(page.locator("#search")).to_have_value("")


def save_late(page: Page) -> None:
    def late(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/tables/person/records/*", late)


def test_what_is_typed_while_a_value_is_saved_reaches_the_next_cells(
    people: Path, page: Page
) -> None:
    save_late(page)
    page.locator("#cell-0-1").click()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.keyboard.type("Bob")
    page.keyboard.press("Enter")
    page.keyboard.type("Cid")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-2-1")).to_have_text("Cid")
    names = "SELECT group_concat(name) FROM (SELECT name FROM person ORDER BY id LIMIT 3)"
    assert stored(people, names) == "Ada,Bob,Cid"


def test_what_is_typed_in_another_cell_while_a_value_is_saved_stands_there(
    people: Path, page: Page
) -> None:
    save_late(page)
    page.locator("#cell-0-1").click()
    page.keyboard.type("Ada")
    page.locator("#cell-1-6").click()
    page.keyboard.type("Note")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-6")).to_have_text("Note")
    expect(page.locator("#cell-0-1")).to_have_text("Ada")
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "Ada"
    assert stored(people, "SELECT note FROM person WHERE id = 2") == "Note"
    assert page.url.endswith("/tables/person")


@pytest.mark.gate
def test_a_long_text_is_opened_on_the_record_s_page_with_the_cursor_in_it(
    people: Path, page: Page
) -> None:
    run_sql(people, "UPDATE person SET note = printf('%.5000c', 'x') WHERE id = 1")
    page.reload()
    page.locator("#cell-0-6").click()
    page.keyboard.press("F2")
    expect(page.get_by_label("note")).to_be_focused()
    page.wait_for_url("**/tables/person/records/1")
