"""Links in the grid: names that several records have, and records without a name."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import page, people, program, run_sql, show_people, stored

__all__ = ["page", "people", "program"]
pytestmark = pytest.mark.journey
CITY = "SELECT city FROM person WHERE id = 1"


@pytest.fixture
def twins(people: Path, page: Page, program: Program) -> Path:
    """Two cities are named Basel, and one has no name."""
    run_sql(
        people,
        "ALTER TABLE city ADD COLUMN land TEXT",
        "INSERT INTO city VALUES (4, 'Basel', 'USA'), (5, NULL, 'Chad')",
        "UPDATE city SET land = 'Switzerland' WHERE id = 1",
        "UPDATE person SET city = 5 WHERE id = 2",
    )
    show_people(page, program, people)
    page.locator("#cell-0-2").click()
    return people


def test_a_name_that_two_records_have_is_told_and_picked_from_the_list(
    twins: Path, page: Page
) -> None:
    page.keyboard.type("basel")
    options = page.locator(".options li")
    expect(options).to_have_text(["Basel · 1 · Switzerland", "Basel · 4 · USA"])
    page.keyboard.press("Enter")
    sentence = "“basel” names several records of “city”. Pick one from the field's list"
    expect(page.locator(".grid-problem")).to_contain_text(sentence)
    # Both can be read: the list stands below the sentence.
    expect(options.nth(1)).to_be_visible()
    said, listed = page.locator(".grid-problem").bounding_box(), options.first.bounding_box()
    assert said is not None and listed is not None
    assert listed["y"] >= said["y"] + said["height"]
    options.nth(1).click()
    expect(page.locator("#cell-0-2 .grid-text")).to_have_text("Basel")
    expect(page.locator("#cell-1-2")).to_be_focused()
    assert stored(twins, CITY) == 4


def test_a_cell_that_was_only_opened_offers_all_records(twins: Path, page: Page) -> None:
    page.keyboard.press("F2")
    expect(page.locator(".grid-edit")).to_have_value("Oslo")
    expect(page.locator(".options li")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.locator(".grid-edit")).to_have_count(0)


def test_escape_gives_up_at_once_also_after_a_refusal(twins: Path, page: Page) -> None:
    page.keyboard.type("nowhere")
    page.keyboard.press("Enter")
    expect(page.locator(".grid-problem")).to_contain_text("names no record of “city”")
    page.keyboard.press("Escape")
    expect(page.locator(".grid-edit")).to_have_count(0)
    expect(page.locator(".options")).to_have_count(0)
    expect(page.locator("#cell-0-2")).to_be_focused()
    assert stored(twins, CITY) == 2


def test_a_link_to_a_record_without_a_name_is_followed(twins: Path, page: Page) -> None:
    expect(page.locator("#cell-1-2 .grid-text")).to_have_text("#5")
    page.locator("#cell-1-2").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/tables/city/records/5")


@pytest.mark.gate
def test_a_name_that_is_new_is_added_from_the_list(people: Path, page: Page) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.type("Quito")
    expect(page.locator(".options li")).to_have_text(["No record matches", "+ Add “Quito” to city"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2 .grid-text")).to_have_text("Quito")
    assert stored(people, CITY) == 4
    for sentence in ("Undone: Edit city of person", "Undone: Add a record to city"):
        page.locator("#cell-0-2").focus()
        page.keyboard.press("Control+z")
        expect(page.locator("#toasts")).to_contain_text(sentence)
    assert stored(people, "SELECT count(*) FROM city") == 3
