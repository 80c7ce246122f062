"""Printing: Ctrl+P leads from the grid and from a record to a clean page, black on white."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import becomes_true, people, program

__all__ = ["people", "program"]
pytestmark = [pytest.mark.journey, pytest.mark.gate]


def test_ctrl_p_prints_the_view_once_and_back_returns_to_it(people: Path, page: Page) -> None:
    page.add_init_script("window.print = () => { window.name += 'printed '; }")
    page.get_by_label("Search this table").fill("Oslo")
    expect(page.locator("[data-grid-count]")).to_have_text("100 records")
    page.locator("#cell-2-1").click()
    page.keyboard.press("Control+p")
    page.wait_for_url("**/tables/person/print?q=Oslo")
    expect(page.locator("tbody tr")).to_have_count(100)
    expect(page.get_by_text("100 records where “Oslo” is found.")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    look = (
        "(element) => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
    )
    assert page.locator("body").evaluate(look) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator(".bar")).to_be_hidden()
    page.reload()
    assert page.evaluate("window.name") == "printed "
    page.go_back()
    page.emulate_media(media="screen", color_scheme="light")
    expect(page.locator("[data-grid-count]")).to_have_text("100 records")
    page.get_by_role("link", name="Open record 5", exact=True).click()
    page.wait_for_url("**/tables/person/records/13")
    page.keyboard.press("Control+p")
    page.wait_for_url("**/tables/person/records/13/print")
    expect(page.locator("dd", has_text="Person 13")).to_be_visible()


def test_chosen_records_are_printed(people: Path, page: Page) -> None:
    page.add_init_script("window.print = () => { window.name += 'printed '; }")
    button = page.get_by_role("button", name="Print")
    expect(button).to_have_count(0)
    for record in (2, 4):
        page.get_by_label(f"Choose record {record}", exact=True).check()
    page.locator("summary", has_text="More").click()
    expect(button).to_have_text("Print 2 chosen records")
    button.click()
    expect(page.get_by_text("2 chosen records.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    becomes_true(page, "window.name === 'printed '")
    page.go_back()
    expect(page.locator("#cell-0-1")).to_be_visible()
    page.locator(".grid").focus()
    page.keyboard.press("Control+a")
    page.locator("summary", has_text="More").click()
    button.click()
    expect(page.locator("tbody tr")).to_have_count(300)


def test_short_names_of_fields_and_numbers_of_groups_are_whole_on_paper(
    page: Page, program: Program
) -> None:
    program.post("/new-table", {"name": "Songs", "field": "Milliseconds", "kind": "integer"})
    for number in range(3):
        program.post("/tables/Songs/records/new", {"f:Milliseconds": str(11_738_625_535 + number)})
    for number in range(7):
        program.post("/tables/Songs/fields/add", {"name": f"Note {number}", "kind": "text"})
    page.goto(f"{program.origin}/tables/Songs/print")
    head = page.get_by_role("columnheader", name="Milliseconds")
    assert head.evaluate("head => getComputedStyle(head).whiteSpace") == "nowrap"
    page.goto(f"{program.origin}/tables/Songs?group=Milliseconds")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 200, "height": 700})
    total = page.locator("tfoot td").last
    assert total.evaluate("cell => cell.getClientRects().length") == 1
    assert total.evaluate("cell => getComputedStyle(cell).whiteSpace") == "nowrap"
    foot = page.locator("tfoot")
    assert foot.evaluate("foot => getComputedStyle(foot).display") == "table-row-group"
