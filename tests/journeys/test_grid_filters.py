"""Conditions joined by "and" and "or", in groups: built by clicking, named by the address."""

import json
import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Program

from .grid_tables import make_people, people, program

__all__ = ["people", "program"]
pytestmark = pytest.mark.journey
COUNT = "[data-grid-count]"


def filter_of(page: Page) -> object:
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).query))
    return json.loads(query.get("filter", "[]"))


def fill(row: Locator, field: str, condition: str, value: str) -> None:
    row.get_by_label("Field").select_option(field)
    row.get_by_role("combobox", name="Condition").select_option(condition)
    row.get_by_label(f"Value of {field}").fill(value)


def test_any_of_these_and_a_group_are_built_by_clicking_and_back_returns(
    people: Path, page: Page
) -> None:
    page.get_by_role("button", name="Filters").click()
    panel = page.get_by_role("dialog", name="Filters")
    rows = panel.locator(".conditions-item")
    panel.get_by_label("How many conditions must hold").select_option("any")
    fill(rows.nth(0), "name", "is", "Person 7")
    panel.get_by_role("button", name="Add a group").click()
    fill(rows.nth(1), "city", "is", "Oslo")
    group = panel.get_by_role("group", name="Group of conditions")
    group.get_by_role("button", name="Add a condition").click()
    fill(rows.nth(2), "born", "between", "1950-01-10")
    rows.nth(2).get_by_label("Up to").fill("1950-01-15")
    page.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    expect(page.locator(COUNT)).to_have_text("3 records")
    dates = [["born", "gte", "1950-01-10"], ["born", "lte", "1950-01-15"]]
    built = {"any": [["name", "is", "Person 7"], {"all": [["city", "is", "Oslo"], *dates]}]}
    assert filter_of(page) == [built]
    expect(page.locator(".chip-words")).to_have_text(
        "name is Person 7 or (city is Oslo and born is between 1950-01-10 and 1950-01-15)"
    )
    page.reload()
    expect(page.locator(COUNT)).to_have_text("3 records")
    # The small box of a field narrows what the groups find.
    page.get_by_role("button", name="Filter note").click()
    page.get_by_label("Condition").select_option("not_empty")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator(COUNT)).to_have_text("0 records")
    assert filter_of(page) == [built, ["note", "not_empty", ""]]
    page.go_back()
    expect(page.locator(COUNT)).to_have_text("3 records")
    page.locator(".chip-words").click()
    assert rows.nth(2).get_by_label("Up to").input_value() == "1950-01-15"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove: name is Person 7").click()
    expect(page.locator(COUNT)).to_have_text("300 records")
    assert filter_of(page) == []


def test_what_a_condition_lacks_is_said_beside_it_and_nothing_is_lost(
    people: Path, page: Page
) -> None:
    page.get_by_role("button", name="Filters").click()
    panel = page.get_by_role("dialog", name="Filters")
    rows = panel.locator(".conditions-item")
    fill(rows.nth(0), "big", "gt", "many")
    panel.get_by_role("button", name="Add a group").click()
    panel.get_by_role("button", name="Remove this condition").nth(1).click()
    panel.get_by_role("button", name="Show these records").click()
    expect(panel.get_by_role("alert")).to_have_text(
        [
            "“many” is not a number, and the field “big” holds numbers.",
            "This group has no conditions. Add one, or remove the group.",
        ]
    )
    expect(rows.nth(0).get_by_label("Value of big")).to_be_focused()
    panel.get_by_role("button", name="Remove the group").click()
    rows.nth(0).get_by_label("Value of big").fill("")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("Say which value “big” is compared with")
    rows.nth(0).get_by_label("Value of big").fill("9007199254741280")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("10 records")
    # One field's two conditions are shown together, from its own head too.
    page.get_by_role("button", name="Filters: 1").click()
    panel.get_by_role("button", name="Add a condition").click()
    fill(rows.nth(1), "big", "is_not", "9007199254741290")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("9 records")
    page.get_by_role("button", name="Change the filter on big").click()
    expect(rows).to_have_count(2)


def test_the_panel_fits_a_phone(browser: Browser, program: Program, tmp_path: Path) -> None:
    program.post("/open", {"path": str(make_people(tmp_path / "phone.sqlite", 30))})
    context = browser.new_context(viewport={"width": 360, "height": 740})
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    asked = [{"any": [["name", "is", "Person 8"], {"all": [["city", "is", "Oslo"]]}]}]
    page.goto(f"{program.origin}/tables/person?filter={urllib.parse.quote(json.dumps(asked))}")
    expect(page.locator(COUNT)).to_have_text("11 records")
    page.get_by_role("button", name="Filters: 2").click()
    panel = page.get_by_role("dialog", name="Filters")
    assert panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0
    for control in panel.locator(":is(input, select, button):visible").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    context.close()


def test_a_fields_head_hides_it_and_leads_to_its_settings(people: Path, page: Page) -> None:
    city = page.get_by_role("columnheader", name="city")
    city.click(button="right")
    page.get_by_role("dialog", name="Filter city").get_by_text("Hide this field").click()
    expect(city).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.go_back()
    expect(city).to_have_count(1)
    page.get_by_role("button", name="Filter city").click()
    page.get_by_role("link", name="Change this field").click()
    expect(page.get_by_role("heading", name="city", exact=True)).to_be_visible()


def test_a_record_leads_to_the_next_one_of_the_view(people: Path, page: Page) -> None:
    page.get_by_label("Search this table").fill("Oslo")
    expect(page.locator(COUNT)).to_have_text("100 records")
    page.get_by_role("link", name="Open record 1", exact=True).click()
    ways = page.get_by_role("navigation", name="Other records")
    expect(ways).to_contain_text("1 of 100")
    expect(ways.get_by_text("Previous")).to_be_hidden()
    ways.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="Person 4", exact=True)).to_be_visible()
    expect(ways).to_contain_text("2 of 100")
    ways.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("heading", name="Person 1", exact=True)).to_be_visible()
    # From elsewhere it is the whole table.
    page.goto(page.url)
    expect(ways).to_contain_text("1 of 300")


@pytest.mark.gate
def test_a_filter_on_a_link_offers_the_names_of_its_records(people: Path, page: Page) -> None:
    page.get_by_role("button", name="Filter city").click()
    page.get_by_label("Value of city").press_sequentially("li")
    offered = page.locator("datalist option")
    expect(offered).to_have_count(1)
    assert offered.get_attribute("value") == "Lima"
    page.get_by_label("Condition").select_option("is")
    page.get_by_label("Value of city").fill("Lima")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("100 records")
