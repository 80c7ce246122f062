"""The record page by hand and key, in a real browser: nothing typed is lost without a word."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.conftest import Program

from .grid_tables import program as program  # one program serves the whole file
from .grid_tables import stored

pytestmark = pytest.mark.journey

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A picture of one red point."""

LONG = "A very long first text that goes on and on. " * 40


@pytest.fixture
def music(page: Page, program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "music.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, year INTEGER,"
        " artist INTEGER REFERENCES artist);"
        "INSERT INTO artist VALUES (7, 'Nina'), (8, 'Miles');"
        "INSERT INTO album VALUES (1, 'Blue', 1971, 7), (2, 'Red', 1974, 7);"
        f"INSERT INTO album VALUES (3, '{LONG}', 2000, NULL);"
    )
    connection.close()
    program.post("/open", {"path": str(path)})
    return path


@pytest.fixture
def album(page: Page, program: Program, music: Path) -> Path:
    """The page of the album Blue, come to from the first page."""
    page.goto(f"{program.origin}/")
    page.goto(f"{program.origin}/tables/album/records/1")
    return music


def run(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The browser's own questions, each answered with staying on the page."""
    kinds: list[str] = []

    def stay(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    return kinds


def test_leaving_with_a_change_is_asked_about(page: Page, album: Path, asked: list[str]) -> None:
    title = page.get_by_label("title")
    title.fill("Bluer")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Back").click(no_wait_after=True)
    expect(title).to_have_value("Bluer")
    assert asked == ["beforeunload"]
    title.fill("Blue")
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/tables/album")
    assert asked == ["beforeunload"]


def test_saving_is_not_asked_about_and_a_refused_page_is(
    page: Page, album: Path, asked: list[str]
) -> None:
    page.get_by_label("year").fill("many")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("whole number")
    assert asked == []
    page.wait_for_load_state("load")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Back").click(no_wait_after=True)
    assert asked == ["beforeunload"]
    page.get_by_label("year").fill("1972")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    page.wait_for_url("**/tables/album")
    assert asked == ["beforeunload"]


def test_enter_saves_a_text_of_one_line_and_shift_enter_breaks_it(page: Page, album: Path) -> None:
    title = page.get_by_label("title")
    before = title.bounding_box()
    title.press("End")
    title.press("Shift+Enter")
    title.press_sequentially("and green")
    after = title.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    title.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stored(album, "SELECT title FROM album WHERE id = 1") == "Blue\nand green"
    page.wait_for_load_state("load")  # its scripts take the key
    title.press("Enter")
    page.wait_for_load_state("load")
    expect(title).to_have_value("Blue\nand green")
    assert stored(album, "SELECT title FROM album WHERE id = 1") == "Blue\nand green"


def test_half_a_date_is_not_saved_as_none_and_the_rest_is_told_at_once(
    page: Page, program: Program, music: Path, asked: list[str]
) -> None:
    program.post("/tables/album/fields/add", {"name": "bought", "kind": "date"})
    tags = {"name": "tags", "kind": "choices", "choices": "loud, slow"}
    program.post("/tables/album/fields/add", tags)
    program.post("/tables/album/fields/add", {"name": "shop", "kind": "email"})
    page.goto(f"{program.origin}/tables/album/records/1")
    page.get_by_label("slow").check()
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Back").click(no_wait_after=True)
    bought = page.get_by_label("bought")
    bought.press_sequentially("12")
    page.get_by_label("shop").fill("nowhere")
    page.get_by_label("year").fill("many")
    page.get_by_label("year").press("Enter")
    expect(bought).to_be_focused()
    bought.fill("2026-01-31")
    bought.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("2 fields do not fit")
    expect(page.get_by_label("year")).to_be_focused()
    expect(page.get_by_label("shop")).to_have_value("nowhere")
    expect(page.get_by_label("shop")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("slow")).to_be_checked()
    assert asked == ["beforeunload"]


def test_a_name_that_two_records_have_is_picked_from_the_list_after_the_refusal(
    page: Page, album: Path
) -> None:
    connection = sqlite3.connect(album)
    with connection:
        connection.execute("INSERT INTO artist (id, name) VALUES (20, 'Twin'), (21, 'Twin')")
    connection.close()
    link = page.get_by_label("artist")
    link.fill("twin")
    expect(page.get_by_role("option")).to_have_text(["Twin · 20", "Twin · 21"])
    link.press("Escape")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("“twin” names several records of “artist”")
    page.get_by_role("option", name="Twin · 21").click()
    expect(link).to_have_value("Twin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stored(album, "SELECT artist FROM album WHERE id = 1") == 21


def test_a_link_is_chosen_by_name_and_nothing_is_said_to_match(page: Page, album: Path) -> None:
    link = page.get_by_label("artist")
    expect(link).to_have_value("Nina")
    link.fill("zzznothing")
    expect(page.get_by_text("No record matches")).to_be_visible()
    link.press("ArrowUp")
    link.press("ArrowDown")
    link.press("Escape")
    expect(page.get_by_text("No record matches")).to_be_hidden()
    link.fill("mil")
    page.get_by_role("option", name="Miles").click()
    expect(link).to_have_value("Miles")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("link", name="Miles →")).to_be_visible()
    assert stored(album, "SELECT artist FROM album WHERE id = 1") == 8


def test_coming_back_to_a_page_shows_what_another_one_changed(page: Page, album: Path) -> None:
    """Headless pages are all in front, so the browser's word for it is said here."""
    grid = page.context.new_page()
    with grid.expect_response("**/changes"):
        grid.goto(page.url.partition("/records")[0])
    expect(grid.locator("#cell-0-1")).to_have_text("Blue")
    page.get_by_label("title", exact=True).fill("Indigo")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    grid.evaluate("dispatchEvent(new Event('focus'))")
    expect(grid.locator("#cell-0-1")).to_have_text("Indigo")
    grid.goto(page.url)
    grid.get_by_label("title", exact=True).fill("Violet")
    grid.get_by_role("button", name="Save").click()
    grid.get_by_text("Saved.").wait_for()
    page.evaluate("import(document.querySelector('script[data-changes]').src)")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("Another page changed this record.")).to_be_visible()


def test_a_page_is_fetched_again_only_where_something_has_changed(page: Page, album: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.evaluate("import(document.querySelector('script[data-changes]').src)")
    # Beside its own files it asks for the records before and after it alone.
    others = ("/static/", "/_desktop/", "/position?", "/rows?")
    assert [each for each in asked if not any(other in each for other in others)] == [page.url]
    run(album, "UPDATE album SET title = 'Redder' WHERE id = 2")
    with page.expect_response(page.url):
        page.evaluate("dispatchEvent(new Event('focus'))")
    run(album, "UPDATE album SET title = 'Bluer' WHERE id = 1")
    with page.expect_response(page.url):
        page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".toast")).to_have_text(re.compile("^Another page changed this record."))
    assert asked.count(page.url) == 3


def test_a_deleted_record_comes_back_from_the_message(page: Page, album: Path) -> None:
    page.get_by_role("button", name="Delete this record").click()
    expect(page.get_by_text("1 record deleted: Blue.")).to_be_visible()
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    ink = undo.evaluate("each => getComputedStyle(each).color")
    assert ink == page.locator(".toast").evaluate("each => getComputedStyle(each).color")
    undo.click()
    expect(page.locator("[data-grid-count]")).to_have_text("3 records")
    page.reload()
    expect(page.locator("[data-grid-count]")).to_have_text("3 records")
    expect(page.get_by_text("1 record deleted: Blue.")).to_have_count(0)


def test_the_grid_leads_to_the_records_that_point_here(
    page: Page, program: Program, music: Path
) -> None:
    page.goto(f"{program.origin}/tables/artist")
    expect(page.locator("#cell-0-1")).to_have_text("Nina")
    page.locator(".grid").focus()
    page.keyboard.press("Shift+ ")
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 records of “album” point to it")).to_be_visible()
    page.get_by_role("button", name="Show them").click()
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")


def test_a_name_that_is_taken_is_told_beside_the_form(
    page: Page, program: Program, music: Path
) -> None:
    page.goto(f"{program.origin}/tables/album")
    page.locator("summary", has_text="More").click()
    name = page.get_by_label("Name of the table")
    name.fill("Artist")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("alert")).to_contain_text("taken already")
    expect(name).to_have_value("Artist")
    expect(name).to_be_focused()
    name.fill("Records")
    expect(page.get_by_role("alert")).to_have_count(0)
    name.press("Enter")
    page.wait_for_url("**/tables/Records")


def test_add_record_puts_the_cursor_where_typing_begins(
    page: Page, program: Program, music: Path
) -> None:
    page.goto(f"{program.origin}/tables/album")
    page.get_by_role("link", name="Add record").click()
    expect(page.get_by_label("title")).to_be_focused()


def test_a_long_text_leaves_room_for_the_record_on_a_phone(
    browser: Browser, program: Program, music: Path
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    page.goto(f"{program.origin}/tables/album/records/3")
    heading = page.get_by_role("heading", level=1).bounding_box()
    year = page.get_by_label("year").bounding_box()
    delete = page.get_by_role("button", name="Delete this record").bounding_box()
    card = page.locator("form.card").bounding_box()
    assert heading is not None
    assert year is not None
    assert delete is not None
    assert card is not None
    assert heading["height"] < 70
    assert year["y"] < 740
    assert delete["y"] - (card["y"] + card["height"]) >= 12
    context.close()


def test_a_file_is_chosen_dropped_and_taken_out(page: Page, album: Path, program: Program) -> None:
    program.post("/tables/album/fields/add", {"name": "cover", "kind": "blob"})
    page.reload()
    page.get_by_label("year").fill("1999")
    picture = {"name": "red.png", "mimeType": "image/png", "buffer": DOT}
    page.locator("[data-file-place] input[type=file]").first.set_input_files(picture)  # type: ignore[arg-type]
    seen = page.get_by_role("img", name="red.png")
    expect(seen).to_be_visible()
    assert seen.evaluate("each => each.decode().then(() => each.naturalWidth)") == 1
    dropped = page.evaluate_handle(
        "() => { const all = new DataTransfer();"
        " all.items.add(new File(['x'], 'n.txt')); return all; }"
    )
    page.locator("[data-file-place]").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_role("link", name="n.txt")).to_be_visible()
    assert stored(album, "SELECT cover FROM album WHERE id = 1") == b"x"
    page.get_by_role("button", name="Take the file out of cover").click()
    expect(page.get_by_role("link", name="n.txt")).to_have_count(0)
    expect(page.get_by_label("year")).to_have_value("1999")
    page.get_by_label("year").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert stored(album, "SELECT year FROM album WHERE id = 1") == 1999
    with page.expect_response("**/undo"):
        page.evaluate("() => import('/static/js/send.js').then((send) => send.post('/undo'))")
    page.goto(f"{program.origin}/tables/album")
    expect(page.locator("[data-grid-count]")).to_have_text("3 records")
    with page.expect_response("**/undo"):
        page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Download the file, 1 byte")).to_be_visible()


def test_a_new_record_takes_its_file_and_what_is_refused_keeps_it(
    page: Page, music: Path, program: Program
) -> None:
    program.post("/tables/album/fields/add", {"name": "cover", "kind": "blob"})
    page.goto(f"{program.origin}/tables/album/records/new")
    page.get_by_label("title").fill("Green")
    page.get_by_label("year").fill("many")
    picture = {"name": "red.png", "mimeType": "image/png", "buffer": DOT}
    page.locator("[data-file-place] input[type=file]").first.set_input_files(picture)  # type: ignore[arg-type]
    expect(page.get_by_text("red.png")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("whole number")
    year = page.get_by_label("year")
    expect(year).to_be_focused()
    expect(page.get_by_text("red.png")).to_be_visible()
    year.fill("1999")
    year.press("Enter")
    expect(page.get_by_role("img", name="red.png")).to_be_visible()
    row = "SELECT title || year || [cover name] FROM album WHERE cover IS NOT NULL"
    assert stored(music, row) == "Green1999red.png"


@pytest.mark.gate
def test_back_leads_to_the_view_that_one_came_from(
    page: Page, program: Program, music: Path
) -> None:
    page.goto(f'{program.origin}/tables/artist?filter=[["name","is","Nina"]]')
    expect(page.locator("[data-grid-count]")).to_have_text("1 record")
    page.get_by_role("link", name="Open record 1").click()
    page.get_by_label("name", exact=True).fill("Nina S.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    expect(page.locator("[data-grid-chips]")).to_contain_text("name is Nina")


@pytest.mark.gate
def test_a_file_that_is_saved_is_no_reason_to_ask_before_leaving(
    page: Page, album: Path, program: Program
) -> None:
    program.post("/tables/album/fields/add", {"name": "cover", "kind": "blob"})
    page.reload()
    picture = {"name": "red.png", "mimeType": "image/png", "buffer": DOT}
    page.locator("[data-file-place] input[type=file]").first.set_input_files(picture)  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Take the file out of cover")).to_be_visible()
    page.get_by_label("year").click()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(program.origin)
    assert asked == []
