"""What a person does on the first day, in a real browser against the real program."""

import base64
import sqlite3
import time
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Program, end_program, start_program

pytestmark = pytest.mark.journey


def cells(page: Page, row: int = 0) -> list[str]:
    found = page.locator(f".grid-row[aria-rowindex='{row + 2}'] .grid-cell[data-row] span")
    return found.all_inner_texts()


def loaded(page: Page) -> None:
    expect(page.locator(".grid-cell[data-row]:not(.is-loading)").first).to_be_visible()


def write_people(folder: Path, count: int = 300) -> Path:
    path = folder / "people.csv"
    lines = [f"Person {n},{n % 90},2026-01-{n % 28 + 1:02}" for n in range(count)]
    path.write_text("name,age,since\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_chosen_csv_is_previewed_imported_and_shown(page: Page, tmp_path: Path) -> None:
    page.set_input_files("#file", write_people(tmp_path))
    expect(page.locator("#k1")).to_have_value("integer")
    expect(page.locator("#k2")).to_have_value("date")
    page.select_option("#k1", "text")
    page.get_by_role("button", name="Import into").click()
    loaded(page)
    expect(page.locator("[data-grid-count]")).to_have_text("300 records")
    assert cells(page) == ["1", "Person 0", "0", "2026-01-01"]


def test_a_dropped_csv_is_previewed(page: Page, tmp_path: Path) -> None:
    text = write_people(tmp_path).read_text(encoding="utf-8")
    transfer = page.evaluate_handle(
        "text => { const t = new DataTransfer();"
        " t.items.add(new File([text], 'dropped.csv')); return t; }",
        text,
    )
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    expect(page.get_by_role("heading", name="Import dropped.csv")).to_be_visible()


def test_a_dropped_workbook_offers_its_sheets(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "shop.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, fields in (("Customers", ["Name", "Age"]), ("Orders", ["Amount"])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, fields)
            sheet.write_row(1, 0, ["Ann", 31][: len(fields)])
    transfer = page.evaluate_handle(
        "encoded => { const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));"
        " const t = new DataTransfer(); t.items.add(new File([bytes], 'shop.xlsx')); return t; }",
        base64.b64encode(path.read_bytes()).decode("ascii"),
    )
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    page.get_by_label("shop.xlsx: Orders").uncheck()
    page.get_by_role("button", name="Import the chosen").click()
    page.get_by_role("link", name="Customers").click()
    loaded(page)
    assert cells(page) == ["1", "Ann", "31"]


def test_cells_pasted_on_the_first_page_become_a_table(page: Page) -> None:
    page.evaluate(
        "() => { const t = new DataTransfer(); t.setData('text/plain', 'Name\\tAge\\nAnn\\t31');"
        " document.body.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: t, bubbles: true })); }"
    )
    page.get_by_role("button", name="Import into").click()
    loaded(page)
    assert cells(page) == ["1", "Ann", "31"]


def test_the_grid_is_sorted_filtered_searched_and_the_address_names_it(
    page: Page, program: Program
) -> None:
    page.get_by_role("button", name="Make the sample").click()
    loaded(page)
    page.get_by_role("columnheader", name="Pages").locator(".grid-sort").click()
    expect(page.get_by_role("columnheader", name="Pages")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(page.locator("#cell-0-1")).to_have_text("The Time Machine")
    page.get_by_role("button", name="Filter Author").click()
    page.keyboard.type("austen")
    page.keyboard.press("Enter")
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")
    page.reload()
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")
    page.go_back()
    expect(page.locator("[data-grid-count]")).to_have_text("12 records")
    page.get_by_label("Search this table").fill("wells")
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")


def test_a_cell_is_edited_deleted_and_undone_by_keyboard_alone(page: Page) -> None:
    page.get_by_role("button", name="Make the sample").click()
    loaded(page)
    page.locator(".grid").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    page.keyboard.type("Edited")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("Edited")
    page.keyboard.press("Shift+ ")
    page.keyboard.press("Delete")
    expect(page.get_by_text("1 record deleted.")).to_be_visible()
    expect(page.locator("[data-grid-count]")).to_have_text("11 records")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-grid-count]")).to_have_text("12 records")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: Edit Title")).to_be_visible()


@pytest.mark.gate
def test_a_field_is_added_renamed_dropped_and_undone(page: Page) -> None:
    page.get_by_role("button", name="Make the sample").click()
    loaded(page)
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Fields").click()
    page.get_by_label("Name").fill("Price")
    page.get_by_role("button", name="Add the field").click()
    page.get_by_role("link", name="Change Price").click()
    page.get_by_label("Name", exact=True).fill("Cost")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator(".list-name", has_text="Cost")).to_be_visible()
    page.get_by_role("button", name="Move Cost up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Cost up")).to_be_focused()
    page.get_by_role("link", name="Delete Pages").click()
    expect(page.get_by_text("hold a value there")).to_be_visible()
    page.get_by_role("button", name="Delete the field").click()
    expect(page.get_by_text("Pages", exact=True)).to_have_count(0)
    page.get_by_role("link", name="← Books").click()
    loaded(page)
    expect(page.get_by_role("columnheader", name="Cost")).to_have_count(1)
    expect(page.get_by_role("columnheader", name="Pages")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("columnheader", name="Pages")).to_have_count(1)


def test_a_value_that_does_not_fit_keeps_what_was_typed(page: Page) -> None:
    page.get_by_role("button", name="Make the sample").click()
    loaded(page)
    page.locator("#cell-0-4").dblclick()
    page.locator(".grid-edit").fill("plenty")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("whole number")
    expect(page.locator(".grid-edit")).to_have_value("plenty")
    page.keyboard.press("Escape")
    expect(page.locator(".grid-edit")).to_have_count(0)


def test_links_show_names_and_are_followed(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "linked.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist INTEGER REFERENCES artist);"
        "INSERT INTO artist VALUES (7, 'Nina'); INSERT INTO album VALUES (1, 'Blue', 7);"
    )
    connection.close()
    page.get_by_text("Type its path instead").click()
    page.fill("#path", str(path))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="album").click()
    loaded(page)
    assert cells(page)[2] == "Nina"
    page.get_by_role("link", name="Open Nina").click()
    expect(page.get_by_role("heading", name="Nina")).to_be_visible()
    expect(page.get_by_text("1 through artist")).to_be_visible()


def test_nothing_is_wider_than_a_phone(browser: Browser, program: Program) -> None:
    program.post("/sample")
    context = browser.new_context(viewport={"width": 360, "height": 740})
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    for path in (
        "/",
        "/tables/Books",
        "/tables/Books/records/1",
        "/new-table",
        "/search?q=a",
        "/browse",
    ):
        page.goto(program.origin + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()


@pytest.mark.gate
def test_quit_ends_and_a_page_left_open_comes_back(page: Page, program: Program) -> None:
    other = page.context.new_page()
    other.goto(program.origin)
    other.wait_for_load_state("networkidle")
    # A tab's browser has a use of its own for the key, and for all that its toolbar does.
    page.keyboard.press("Control+q")
    page.locator("summary", has_text="Menu").click()
    expect(page.get_by_role("button", name="Reload")).to_be_hidden()
    expect(page.get_by_role("link", name="Start at login, icon in the tray")).to_be_visible()
    page.get_by_role("button", name="Quit").click()
    expect(page.get_by_role("heading", name="has ended")).to_be_visible()
    program.process.wait(30)
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.get_by_role("alert")).to_contain_text("has ended")
    again = start_program(program.data, "--port", str(program.port), "--stay")
    try:
        expect(other.get_by_role("alert")).to_have_count(0)
        expect(other.get_by_role("heading", name="Welcome")).to_be_visible()
    finally:
        end_program(again)


@pytest.mark.gate
def test_closing_the_last_page_ends_the_program_and_a_reload_does_not(
    browser: Browser, tmp_path: Path
) -> None:
    program = start_program(tmp_path / "data", "--port", "0")
    try:
        context = browser.new_context()
        page = context.new_page()
        page.goto(program.link)
        page.wait_for_load_state("networkidle")
        page.reload()
        page.wait_for_load_state("networkidle")
        time.sleep(7)
        assert program.process.poll() is None
        page.close(run_before_unload=True)
        assert program.process.wait(30) == 0
    finally:
        end_program(program)
