"""Views in the grid: sorted, filtered, searched, named by the address, and found again."""

import json
import sqlite3
import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.conftest import Program

from .grid_tables import becomes_true, make_people, page, people, program, show_people, stored

__all__ = ["page", "people", "program"]
pytestmark = pytest.mark.journey
COUNT = "[data-grid-count]"


def view_of(page: Page) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))


def test_shift_sorts_by_a_second_field(people: Path, page: Page) -> None:
    page.get_by_role("button", name="city", exact=True).click()
    page.get_by_role("button", name="born", exact=True).click(modifiers=["Shift"])
    page.get_by_role("button", name="born", exact=True).click(modifiers=["Shift"])
    expect(page.locator("#cell-0-1")).to_have_text("Person 300")
    assert json.loads(view_of(page)["sort"]) == ["city", "-born"]
    expect(page.get_by_role("columnheader", name="born")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_between_filters_a_date_and_back_returns(people: Path, page: Page) -> None:
    page.get_by_role("button", name="Filter born").click()
    page.get_by_label("Condition").select_option("between")
    page.get_by_label("Value of born").fill("1950-01-10")
    page.get_by_label("Up to").fill("1950-01-19")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("10 records")
    expect(page.locator(".chip")).to_have_text("born is between 1950-01-10 and 1950-01-19×")
    page.reload()
    expect(page.locator(COUNT)).to_have_text("10 records")
    page.go_back()
    expect(page.locator(COUNT)).to_have_text("300 records")
    expect(page.locator(".chip")).to_have_count(0)


def test_no_value_can_be_asked_for_and_a_view_without_records_says_so(
    people: Path, page: Page
) -> None:
    page.get_by_role("button", name="Filter note").click()
    page.get_by_label("Condition").select_option("not_empty")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Search this table").fill("nobody at all")
    expect(page.get_by_text("No record fits this view.")).to_be_visible()
    expect(page.locator(COUNT)).to_have_text("0 records")
    page.get_by_role("button", name="Remove the filter on note").click()
    page.get_by_label("Search this table").fill("Person 299")
    expect(page.locator(COUNT)).to_have_text("1 record")


def test_a_reload_keeps_the_place(people: Path, page: Page) -> None:
    page.keyboard.press("Control+End")
    expect(page.locator("#cell-299-7")).to_be_focused()
    page.reload()
    expect(page.locator("#cell-299-7")).to_be_focused()


def test_a_wider_field_stays_wider(people: Path, page: Page) -> None:
    head = page.get_by_role("columnheader", name="note")
    before = head.bounding_box()
    assert before is not None
    edge = before["x"] + before["width"] - 4
    page.mouse.move(edge, before["y"] + 20)
    page.mouse.down()
    page.mouse.move(edge + 80, before["y"] + 20, steps=4)
    page.mouse.up()
    page.reload()
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    after = head.bounding_box()
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] + 80, abs=3)


def test_two_people_at_one_cell_are_shown_both_values(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").dblclick()
    other = sqlite3.connect(people)
    other.execute("UPDATE person SET name = 'Theirs' WHERE id = 1")
    other.commit()
    other.close()
    page.locator(".grid-edit").fill("Mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There now: “Theirs”. You typed: “Mine”.")
    expect(page.locator(".grid-edit")).to_have_value("Mine")
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "Theirs"
    page.get_by_role("button", name="Write mine").click()
    expect(page.locator("#cell-0-1")).to_have_text("Mine")
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "Mine"


def test_theirs_can_be_kept(people: Path, page: Page) -> None:
    page.locator("#cell-0-1").dblclick()
    other = sqlite3.connect(people)
    other.execute("UPDATE person SET name = 'Theirs' WHERE id = 1")
    other.commit()
    other.close()
    page.locator(".grid-edit").fill("Mine")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.locator("#cell-0-1")).to_have_text("Theirs")
    assert stored(people, "SELECT name FROM person WHERE id = 1") == "Theirs"


def test_an_unreachable_program_keeps_what_was_typed(people: Path, page: Page) -> None:
    page.evaluate(
        "() => { window.real = fetch; window.fetch = () => Promise.reject(new TypeError()); }"
    )
    page.locator("#cell-0-1").dblclick()
    page.locator(".grid-edit").fill("Typed while it was away")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator(".grid-edit")).to_have_value("Typed while it was away")
    page.evaluate("() => { window.fetch = window.real; }")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("Typed while it was away")


def test_a_failed_window_can_be_tried_again(people: Path, page: Page) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(status=423, json={"error": "Another program holds the file."})

    page.route("**/rows?*", refuse)
    page.keyboard.press("Control+End")
    expect(page.get_by_text("Another program holds the file.")).to_be_visible()
    page.unroute("**/rows?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#cell-299-1")).to_have_text("Person 300")


@pytest.fixture
def crowd(page: Page, program: Program, tmp_path: Path) -> list[Route]:
    """A table whose views are not known at once, and the questions for whole ones, held back."""
    show_people(page, program, make_people(tmp_path / "crowd.sqlite", 24_000))
    held: list[Route] = []
    page.route(
        "**/rows?*",
        lambda route: route.continue_() if "early=1" in route.request.url else held.append(route),
    )
    return held


def test_the_first_records_of_a_view_come_before_the_others(crowd: list[Route], page: Page) -> None:
    page.get_by_label("Search this table").fill("lima")
    expect(page.locator("#cell-0-1")).to_have_text("Person 2")
    expect(page.locator("#cell-1-1")).to_have_text("Person 5")
    expect(page.locator(COUNT)).to_have_text("Counting…")
    page.locator("#cell-0-1").click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+End")
    page.unroute("**/rows?*")  # lets those that were held go on
    expect(page.locator(COUNT)).to_have_text("8,000 records")
    expect(page.get_by_text("All 8,000 records chosen.")).to_be_visible()


def test_a_new_order_keeps_the_number_and_stopped_says_what_is_shown(
    crowd: list[Route], page: Page
) -> None:
    page.get_by_role("button", name="name", exact=True).click()
    page.get_by_role("button", name="name", exact=True).click()
    expect(page.locator("#cell-0-1")).to_have_text("Person 9999")
    expect(page.locator(COUNT)).to_have_text("24,000 records")
    page.reload()
    expect(page.locator("#cell-0-1")).to_have_text("Person 9999")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It was stopped. Only the first records are shown.")).to_be_visible()
    page.unroute("**/rows?*")
    page.get_by_role("button", name="Try again").click()
    page.locator("#cell-0-1").click()
    page.keyboard.press("Control+End")
    expect(page.locator("#cell-23999-1")).to_have_text("Person 1")


def test_a_change_from_elsewhere_shows_up_as_one_scrolls(
    program: Program, page: Page, tmp_path: Path
) -> None:
    path = make_people(tmp_path / "many.sqlite", 2000)
    show_people(page, program, path)
    other = sqlite3.connect(path)
    other.execute("DELETE FROM person WHERE id = 1")
    other.commit()
    other.close()
    page.keyboard.press("Control+End")
    expect(page.locator(COUNT)).to_have_text("1,999 records")
    page.keyboard.press("Control+Home")
    expect(page.locator("#cell-0-1")).to_have_text("Person 2")


def test_a_finger_edits_by_a_second_tap_and_the_page_is_no_wider_than_a_phone(
    browser: Browser, program: Program, tmp_path: Path
) -> None:
    path = make_people(tmp_path / "phone.sqlite", 300)
    program.post("/open", {"path": str(path)})
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    page.goto(f"{program.origin}/tables/person")
    cell = page.locator("#cell-1-1")
    expect(cell).to_have_text("Person 2")
    box = cell.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cell.tap()
    expect(page.locator(".grid-edit")).to_have_count(0)
    page.wait_for_timeout(600)
    cell.tap()
    page.locator(".grid-edit").fill("By finger")
    page.locator("#cell-4-1").tap()
    expect(cell).to_have_text("By finger")
    page.locator(".grid-scroller").evaluate("view => { view.scrollLeft = 300; }")
    expect(page.locator("#cell-1-0")).to_be_in_viewport()
    page.get_by_role("link", name="Open record 2", exact=True).tap()
    page.wait_for_url("**/tables/person/records/2")
    context.close()


def drag(page: Page, start: int, end: int) -> None:
    """A finger drawn over the page and lifted after a rest, so that nothing rolls on."""
    touch = page.context.new_cdp_session(page)
    for step in range(21):
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": "touchMove" if step else "touchStart",
                "touchPoints": [{"x": 200, "y": start + (end - start) * step / 20}],
            },
        )
        page.wait_for_timeout(10)
    page.wait_for_timeout(100)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)


@pytest.mark.slow
def test_a_finger_moves_a_million_records_no_faster_than_ten(
    browser: Browser, program: Program, tmp_path: Path
) -> None:
    program.post("/open", {"path": str(make_people(tmp_path / "million.sqlite", 1_000_000))})
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    page.goto(f"{program.origin}/tables/person")
    expect(page.locator("#cell-0-0")).to_have_text("1")
    here = "() => +document.elementFromPoint(200, 500).closest('.grid-row').dataset.row"
    for part in (0, 0.5):
        page.locator(".grid-scroller").evaluate(
            "(view, part) => { view.scrollTop = view.scrollHeight * part; }", part
        )
        page.wait_for_timeout(500)
        before = page.evaluate(here)
        drag(page, 650, 210)
        assert 9 <= page.evaluate(here) - before <= 11
    context.close()


@pytest.mark.slow
def test_a_million_records_are_all_reached(program: Program, page: Page, tmp_path: Path) -> None:
    path = make_people(tmp_path / "million.sqlite", 1_000_000)
    show_people(page, program, path)
    view = page.locator(".grid-scroller")
    view.evaluate("view => { view.scrollTop = view.scrollHeight / 2; }")
    middle = page.locator(".grid-row:not(.loading)").first
    becomes_true(
        page,
        "[...document.querySelectorAll('.grid-row:not(.loading)')]"
        ".some(row => Math.abs(row.ariaRowIndex - 500000) < 2000)",
    )
    row = int(middle.get_attribute("aria-rowindex") or 0)
    expect(middle).to_contain_text(f"Person {row - 1}")
    # One turn of the wheel moves as many records as in a short table.
    page.mouse.move(600, 500)
    here = "+document.elementFromPoint(600, 500).closest('.grid-row').dataset.row"
    before = page.evaluate(here)
    page.mouse.wheel(0, 340)
    becomes_true(page, f"{here} > {before + 8} && {here} < {before + 13}")
    view.evaluate("view => { view.scrollTop = view.scrollHeight; }")
    expect(page.locator("#cell-999999-1")).to_have_text("Person 1000000")
    page.locator("#cell-999999-1").dblclick()
    page.locator(".grid-edit").fill("The last one")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-999999-1")).to_have_text("The last one")
    assert stored(path, "SELECT name FROM person WHERE id = 1000000") == "The last one"
