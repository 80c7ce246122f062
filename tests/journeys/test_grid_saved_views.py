"""Saved views: made by clicking, named by the address, with fields shown, hidden and wide."""

import json
import sqlite3
import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Program

from .grid_tables import make_people, page, people, program, show_people, stored

__all__ = ["page", "people", "program"]
pytestmark = [pytest.mark.journey, pytest.mark.gate]
COUNT = "[data-grid-count]"


def address(page: Page) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))


def open_views(page: Page) -> None:
    page.locator(".views > summary").click()


def save(page: Page, name: str) -> None:
    open_views(page)
    page.get_by_label("Save what is shown as a new view").fill(name)
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text(f"The view “{name}” is saved.")).to_be_visible()


def only_oslo(page: Page) -> None:
    page.get_by_label("Search this table").fill("Oslo")
    expect(page.locator(COUNT)).to_have_text("100 records")
    page.get_by_role("button", name="born", exact=True).click()
    page.get_by_role("button", name="born", exact=True).click()
    expect(page.locator("#cell-0-1")).to_have_text("Person 298")


def heads(page: Page) -> list[str]:
    return page.locator(".slick-header-column .grid-name").all_inner_texts()


def test_a_view_is_saved_and_found_again_by_its_address(people: Path, page: Page) -> None:
    only_oslo(page)
    save(page, "To visit & call")
    assert address(page) == {"view": "To visit & call"}
    expect(page).to_have_title("To visit & call · person · MyApp")
    page.reload()
    expect(page.locator("#cell-0-1")).to_have_text("Person 298")
    expect(page.locator(COUNT)).to_have_text("100 records")
    expect(page.locator(".views > summary")).to_have_text("View: To visit & call")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("#cell-0-1")).to_have_text("Person 298")


def test_what_is_changed_on_top_stays_in_the_address_and_back_takes_it_off(
    people: Path, page: Page
) -> None:
    only_oslo(page)
    save(page, "Ones")
    page.get_by_role("button", name="name", exact=True).click()
    assert address(page) == {"view": "Ones", "sort": '["name"]'}
    expect(page.locator(".views > summary")).to_have_text("View: Ones · changed")
    page.get_by_label("Search this table").fill("")
    expect(page.locator(COUNT)).to_have_text("300 records")
    page.reload()
    expect(page.locator(COUNT)).to_have_text("300 records")
    page.go_back()
    expect(page.locator(COUNT)).to_have_text("100 records")
    page.go_back()
    expect(page.locator(".views > summary")).to_have_text("View: Ones")
    expect(page.locator("#cell-0-1")).to_have_text("Person 298")
    page.go_forward()
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    open_views(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("The view “Ones” is changed.")).to_be_visible()
    assert address(page) == {"view": "Ones"}
    layout = json.loads(str(stored(people, "SELECT layout FROM _myapp_views")))
    assert layout["sort"] == ["name"]


def test_fields_are_hidden_and_what_is_shown_is_edited_and_copied_as_itself(
    people: Path, page: Page
) -> None:
    open_views(page)
    shown = page.get_by_role("group", name="Fields shown")
    for field in ("city", "active", "photo"):
        shown.get_by_role("checkbox", name=field).uncheck()
    page.keyboard.press("Escape")
    expect(page.locator(".views > summary")).to_be_focused()
    expect(page.locator(".views > summary")).to_have_text("Views · 3 hidden")
    assert heads(page) == ["id", "name", "born", "big", "note"]
    expect(page.locator(".grid")).to_have_attribute("aria-colcount", "6")
    expect(page.locator("#cell-0-2")).to_have_text("1950-01-02")
    described = page.locator("#cell-0-2").get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_have_text("born")
    page.locator("#cell-0-4").dblclick()
    page.locator(".grid-edit").fill("Beside a hidden one")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-4")).to_have_text("Beside a hidden one")
    assert stored(people, "SELECT note FROM person WHERE id = 1") == "Beside a hidden one"
    page.keyboard.press("Control+End")
    expect(page.locator("#cell-299-4")).to_be_focused()
    save(page, "Short")
    page.reload()
    expect(page.locator("#cell-299-1")).to_have_text("Person 300")
    assert heads(page) == ["id", "name", "born", "big", "note"]
    open_views(page)
    page.get_by_role("link", name="All records").click()
    expect(page.locator(".slick-header-column .grid-name")).to_have_count(8)
    expect(page.locator("#cell-299-1")).to_have_text("Person 300")
    page.go_back()
    expect(page.locator("#cell-299-4")).to_be_visible()
    assert heads(page) == ["id", "name", "born", "big", "note"]


def test_the_last_field_cannot_be_hidden(people: Path, page: Page) -> None:
    open_views(page)
    boxes = page.get_by_role("group", name="Fields shown").get_by_role("checkbox")
    for number in range(7):
        boxes.nth(number).uncheck()
    expect(boxes.nth(7)).to_be_disabled()
    page.get_by_role("button", name="Show all fields").click()
    expect(boxes.nth(7)).to_be_enabled()
    expect(page.locator("#cell-0-7")).to_be_attached()


def test_a_deleted_view_comes_back_with_undo(people: Path, page: Page) -> None:
    only_oslo(page)
    save(page, "Ones")
    open_views(page)
    page.get_by_role("button", name="Delete the view").click()
    expect(page.locator(COUNT)).to_have_text("300 records")
    assert address(page) == {}
    assert stored(people, "SELECT count(*) FROM _myapp_views") == 0
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.locator(".views > summary")).to_have_text("View: Ones")
    expect(page.locator(COUNT)).to_have_text("100 records")
    assert stored(people, "SELECT count(*) FROM _myapp_views") == 1
    page.locator("[data-grid-undo]").click()
    expect(page.locator(".views > summary")).to_have_text("Views")
    expect(page.locator(COUNT)).to_have_text("100 records")
    assert address(page) == {"sort": '["-born"]', "q": "Oslo"}


def test_a_view_is_renamed_and_a_name_that_is_taken_is_refused_beside_the_field(
    people: Path, page: Page
) -> None:
    save(page, "One")
    save(page, "Two")
    open_views(page)
    page.get_by_label("Name of this view").fill("one")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("alert")).to_have_text(
        "There is a view named “One” already. Choose another name."
    )
    expect(page.get_by_label("Name of this view")).to_have_value("one")
    page.get_by_label("Name of this view").fill("Three")
    page.keyboard.press("Enter")
    expect(page.locator(".views > summary")).to_have_text("View: Three")
    assert address(page) == {"view": "Three"}
    open_views(page)
    links = page.locator("[data-views-list]").get_by_role("link")
    assert links.all_inner_texts() == ["All records", "One", "Three"]
    expect(links.nth(2)).to_have_attribute("aria-current", "page")


def test_a_width_belongs_to_its_view(people: Path, page: Page) -> None:
    head = page.get_by_role("columnheader", name="note")

    def width() -> float:
        box = head.bounding_box()
        assert box is not None
        return box["width"]

    def widen(by: int) -> None:
        box = head.bounding_box()
        assert box is not None
        edge = box["x"] + box["width"] - 4
        page.mouse.move(edge, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(edge + by, box["y"] + 20, steps=4)
        page.mouse.up()

    usual = width()
    save(page, "Wide")
    widen(80)
    expect(page.locator(".views > summary")).to_have_text("View: Wide · changed")
    page.reload()
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    assert width() == pytest.approx(usual + 80, abs=3)
    open_views(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".views > summary")).to_have_text("View: Wide")
    open_views(page)
    page.get_by_role("link", name="All records").click()
    expect(page.locator(".views > summary")).to_have_text("Views")
    assert width() == pytest.approx(usual, abs=3)
    page.go_back()
    expect(page.locator(".views > summary")).to_have_text("View: Wide")
    assert width() == pytest.approx(usual + 80, abs=3)


def test_a_view_that_is_gone_is_told_and_all_records_are_shown(
    program: Program, people: Path, page: Page
) -> None:
    page.goto(f"{program.origin}/tables/person?view=Gone")
    expect(page.get_by_text("There is no view “Gone” any more.")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text("300 records")
    assert address(page) == {}


def test_an_export_takes_the_view_along(people: Path, page: Page) -> None:
    only_oslo(page)
    open_views(page)
    page.get_by_role("group", name="Fields shown").get_by_role("checkbox", name="photo").uncheck()
    page.keyboard.press("Escape")
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Export").click()
    expect(page.get_by_label("The view as shown: 100 records, in its order")).to_be_checked()
    expect(page.get_by_text("with the 7 fields shown")).to_be_visible()


def test_views_are_made_by_keyboard_alone(people: Path, page: Page) -> None:
    page.locator(".views > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="All records")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Save what is shown as a new view")).to_be_focused()
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(page.locator(".views > summary")).to_have_text("View: By keys")
    expect(page.locator(".views > summary")).to_be_focused()


def test_a_file_that_cannot_be_written_can_hide_fields_and_keeps_no_view(
    program: Program, page: Page, tmp_path: Path
) -> None:
    path = make_people(tmp_path / "locked.sqlite", 30)
    path.chmod(0o400)
    if sqlite3.connect(path).execute("PRAGMA query_only").fetchone() and _writable(path):
        pytest.skip("this user may write to every file")
    show_people(page, program, path)
    open_views(page)
    expect(page.get_by_label("Save what is shown as a new view")).to_have_count(0)
    page.get_by_role("group", name="Fields shown").get_by_role("checkbox", name="id").uncheck()
    expect(page.locator("#cell-0-0")).to_have_text("Person 1")


def _writable(path: Path) -> bool:
    import os

    return os.access(path, os.W_OK)


def test_the_control_fits_a_phone(browser: Browser, program: Program, tmp_path: Path) -> None:
    program.post("/open", {"path": str(make_people(tmp_path / "phone.sqlite", 30))})
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    page.goto(f"{program.origin}/tables/person")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    page.locator(".views > summary").tap()
    page.get_by_label("Save what is shown as a new view").fill("A name that goes on " * 4)
    page.get_by_role("button", name="Save view").tap()
    expect(page.locator(".views > summary")).to_contain_text("View: A name that goes on")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".views > summary").tap()
    menu = page.locator(".views .menu-body")
    assert menu.evaluate("menu => menu.scrollWidth - menu.clientWidth") == 0
    for box in page.get_by_role("group", name="Fields shown").locator("label").all()[:3]:
        found = box.bounding_box()
        assert found is not None
        assert found["height"] >= 44
    context.close()


def test_a_view_is_grouped_and_a_group_leads_to_its_records(people: Path, page: Page) -> None:
    page.get_by_label("Search this table").fill("Person")
    save(page, "Everyone")
    open_views(page)
    page.get_by_label("Group by, with counts and sums").select_option("city")
    page.get_by_role("button", name="Group").click()
    expect(page.get_by_role("heading", name="person by city")).to_be_visible()
    assert address(page) == {"view": "Everyone", "group": "city"}
    rows = page.get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.last).to_contain_text("300")
    page.get_by_role("link", name="Lima").click()
    expect(page.locator(COUNT)).to_have_text("100 records")
    expect(page.locator(".chip")).to_contain_text("city is Lima")
    expect(page.locator(".views > summary")).to_have_text("View: Everyone · changed")
    page.go_back()
    page.get_by_label("Group by").select_option("active")
    page.get_by_label("In the order of").select_option("value")
    page.get_by_role("button", name="Group").click()
    expect(page.get_by_role("rowheader")).to_have_text(["no", "yes", "All"])
    page.get_by_role("link", name="Show the records").click()
    expect(page.locator(".views > summary")).to_have_text("View: Everyone")
