"""The grid by keyboard alone, and what a screen reader is told."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from .grid_tables import page, people, program, run_sql, stored

__all__ = ["page", "people", "program"]
pytestmark = pytest.mark.journey


def active(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_the_first_cell_has_the_focus_and_arrows_move_it(people: Path, page: Page) -> None:
    assert active(page) == "cell-0-0"
    for key, cell in (
        ("ArrowDown", "cell-1-0"),
        ("ArrowRight", "cell-1-1"),
        ("End", "cell-1-7"),
        ("Control+End", "cell-299-7"),
        ("Home", "cell-299-0"),
        ("Control+Home", "cell-0-0"),
        ("PageDown", None),
        ("PageUp", "cell-0-0"),
    ):
        page.keyboard.press(key)
        if cell is not None:
            expect(page.locator(f"#{cell}")).to_be_focused()
        else:
            assert int(active(page).split("-")[1]) > 5


def test_tab_leaves_the_grid_in_both_directions(people: Path, page: Page) -> None:
    page.keyboard.press("Tab")
    assert not page.evaluate("!!document.activeElement.closest('.grid')")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#cell-0-0")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("!!document.activeElement.closest('.grid')")


def test_a_screen_reader_learns_where_it_is(people: Path, page: Page) -> None:
    grid = page.get_by_role("grid", name="person")
    expect(grid).to_have_attribute("aria-rowcount", "302")  # with the head and the new record
    expect(grid).to_have_attribute("aria-colcount", "9")
    page.keyboard.press("Control+End")
    cell = page.locator("#cell-299-7")
    expect(cell).to_be_focused()
    expect(cell).to_have_attribute("role", "gridcell")
    expect(cell).to_have_attribute("aria-colindex", "9")
    expect(cell.locator("xpath=..")).to_have_attribute("aria-rowindex", "301")
    expect(page.locator(f"#{cell.get_attribute('aria-describedby')}")).to_have_text("photo")
    expect(page.get_by_role("columnheader", name="photo")).to_have_attribute("aria-sort", "none")


def test_values_show_what_they_are(people: Path, page: Page) -> None:
    expect(page.locator("#cell-1-5")).to_have_text("9007199254740992")
    expect(page.locator("#cell-0-7 .grid-text")).to_have_text("12 kB")
    expect(page.locator("#cell-0-4").get_by_role("img", name="yes")).to_be_visible()
    expect(page.locator("#cell-0-6 span")).to_have_attribute("aria-label", "no value")
    expect(page.locator("#cell-1-6 span")).to_have_attribute("aria-label", "empty text")


def test_typing_replaces_and_enter_and_tab_save_and_move(people: Path, page: Page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("Ada")
    expect(page.locator("#cell-1-1")).to_be_focused()
    page.keyboard.press("F2")
    page.keyboard.press("End")
    page.keyboard.type("nd")
    page.keyboard.press("Tab")
    expect(page.locator("#cell-1-1")).to_have_text("Person 2nd")
    expect(page.locator("#cell-1-2")).to_be_focused()
    assert stored(people, "SELECT name FROM person WHERE id = 2") == "Person 2nd"


def test_escape_keeps_the_old_value(people: Path, page: Page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Nobody")
    page.keyboard.press("Escape")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    expect(page.locator("#cell-0-1")).to_be_focused()
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "Person 1"


def test_space_turns_a_yes_into_a_no(people: Path, page: Page) -> None:
    page.keyboard.press("Control+ArrowRight")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#cell-0-4")).to_be_focused()
    page.keyboard.press(" ")
    expect(page.locator("#cell-0-4").get_by_role("img", name="no")).to_be_visible()
    expect(page.locator("#cell-0-4")).to_be_focused()
    assert stored(people, "SELECT active FROM person WHERE id = 1") == 0


def test_a_link_is_picked_by_name_and_followed(people: Path, page: Page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Lim")
    expect(page.get_by_role("option", name="Lima")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2 .grid-text")).to_have_text("Lima")
    assert stored(people, "SELECT city FROM person WHERE id = 1") == 3
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/tables/city/records/3")


def test_keys_pressed_before_the_choices_have_come_mean_the_choices_that_come(
    people: Path, page: Page
) -> None:
    def late(route: Route) -> None:
        if "text=Lim" in route.request.url:
            page.wait_for_timeout(600)
        route.continue_()

    page.route("**/choices?**", late)
    run_sql(people, "INSERT INTO city VALUES (4, 'Laax')")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("L")
    expect(page.locator("ul.options > li").first).to_have_text("Laax")
    page.keyboard.type("im")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2 .grid-text")).to_have_text("Lima")
    assert stored(people, "SELECT city FROM person WHERE id = 1") == 3


def test_delete_empties_cells_and_offers_to_take_the_record_away(people: Path, page: Page) -> None:
    toasts = page.locator("#toasts")
    page.locator("#cell-1-3").click()
    page.keyboard.press("Delete")
    expect(toasts).to_contain_text("born emptied.")
    assert stored(people, "SELECT born FROM person WHERE id = 2") is None
    page.keyboard.press("Delete")
    expect(toasts).to_contain_text("“born” is empty already.")
    expect(page.locator("[data-grid-count]")).to_have_text("300 records")
    toasts.get_by_role("button", name="Delete the record").click()
    expect(page.locator("[data-grid-count]")).to_have_text("299 records")


def test_marked_cells_are_emptied_in_one_step(people: Path, page: Page) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_contain_text("4 cells emptied.")
    filled = "SELECT count(city) + count(born) FROM person WHERE id <= 3"
    assert stored(people, filled) == 2
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("Undone: Edit 2 records")
    assert stored(people, filled) == 6


def test_chosen_records_are_deleted_and_come_back(people: Path, page: Page) -> None:
    page.keyboard.press("Shift+ ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ ")
    expect(page.locator('.grid-row[aria-selected="true"]')).to_have_count(2)
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 records deleted.")).to_be_visible()
    expect(page.locator("[data-grid-count]")).to_have_text("298 records")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.locator("[data-grid-count]")).to_have_text("300 records")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")


def test_undo_and_redo_by_keys(people: Path, page: Page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Changed")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("Changed")
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    page.keyboard.press("Control+y")
    expect(page.locator("#cell-0-1")).to_have_text("Changed")
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#cell-0-1")).to_have_text("Changed")


def test_the_head_sorts_and_filters_by_keys(people: Path, page: Page) -> None:
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    head = page.get_by_role("columnheader", name="name")
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#cell-0-1")).to_have_text("Person 99")
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "none")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.type("Person 29")
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-count]")).to_have_text("11 records")


def test_a_block_is_copied_as_a_spreadsheet_wants_it(people: Path, page: Page) -> None:
    page.evaluate(
        "addEventListener('copy', e => { window.copied = [e.clipboardData.getData('text/plain'),"
        " e.clipboardData.getData('text/html')]; })"
    )
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".is-in-block")).to_have_count(4)
    page.keyboard.press("Control+c")
    text, html = page.evaluate("window.copied")
    assert text == "Person 1\tOslo\nPerson 2\tLima"
    assert "<tr><td>Person 2</td><td>Lima</td></tr>" in html


def test_undo_is_not_offered_for_a_step_that_is_no_longer_the_last(
    people: Path, page: Page
) -> None:
    page.keyboard.press("Shift+ ")
    page.keyboard.press("Delete")
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.locator("#cell-1-1").click()
    page.keyboard.type("Edited")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-1-1")).to_have_text("Edited")
    expect(undo).to_have_count(0)


@pytest.mark.gate
def test_the_first_letter_is_the_one_that_the_keyboard_made(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").click()
    keyboard = page.context.new_cdp_session(page)
    # As Windows has it after a dead key: the key is an e, its letter is none.
    pressed = {"key": "e", "code": "KeyE", "windowsVirtualKeyCode": 69}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "é", **pressed})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    page.keyboard.type("mile")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("émile")
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "émile"
