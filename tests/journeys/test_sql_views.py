"""An SQL view with INSTEAD OF triggers, edited in the grid like a table."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import make_people, page, program, run_sql, stored

__all__ = ["page", "program"]
pytestmark = pytest.mark.journey


@pytest.mark.gate
def test_a_cell_of_a_view_is_edited_and_undone(
    page: Page, program: Program, tmp_path: Path
) -> None:
    path = make_people(tmp_path / "people.sqlite", 30)
    run_sql(
        path,
        "CREATE VIEW lives AS SELECT p.id, p.name, p.born, c.name AS town FROM person p"
        " JOIN city c ON c.id = p.city WHERE p.name <> 'gone'",
    )
    run_sql(
        path,
        "CREATE TRIGGER u INSTEAD OF UPDATE ON lives BEGIN"
        " UPDATE person SET name = NEW.name WHERE id = OLD.id;"
        " UPDATE city SET name = NEW.town WHERE name = OLD.town; END",
    )
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/lives")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")
    expect(page.get_by_role("link", name="Add record")).to_have_count(0)
    page.locator("#cell-0-3").click()
    page.keyboard.type("Bergen")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-3")).to_have_text("Bergen")
    # Other records of the view show the same town.
    expect(page.locator("#cell-3-3")).to_have_text("Bergen")
    page.keyboard.press("Control+z")
    expect(page.locator("#cell-3-3")).to_have_text("Oslo")
    expect(page.locator("#cell-0-3")).to_have_text("Oslo")
    page.locator("#cell-1-1").click()
    page.keyboard.type("gone")
    page.keyboard.press("Enter")
    expect(page.get_by_text("lives does not show this record any more.")).to_be_visible()
    expect(page.locator("[data-grid-count]")).to_have_text("29 records")
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("[data-grid-count]")).to_have_text("30 records")
    assert stored(path, "SELECT count(*) FROM person WHERE name = 'gone'") == 0
