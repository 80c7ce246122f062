"""A table of two thousand fields: those in sight are laid out, and all of them can be come to."""

from pathlib import Path

import apsw
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import program as program  # one program serves the whole file

pytestmark = [pytest.mark.journey, pytest.mark.gate]


@pytest.fixture
def wide(program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "wide.sqlite"
    fields = ", ".join(f"field{n} {('TEXT', 'INTEGER', 'DATE')[n % 3]}" for n in range(1999))
    connection = apsw.Connection(str(path))
    connection.execute(f"CREATE TABLE w (id INTEGER PRIMARY KEY, {fields})")
    connection.execute("INSERT INTO w (id, field0) VALUES (1, 'first')")
    connection.close()
    program.post("/open", {"path": str(path)})
    return path


def test_far_fields_are_reached_edited_and_moved(page: Page, program: Program, wide: Path) -> None:
    page.goto(f"{program.origin}/tables/w/records/1")
    far = page.locator("[name='f:field1800']")
    far.focus()
    expect(far).to_be_in_viewport()
    page.keyboard.type("typed")
    page.keyboard.press("Tab")
    after = page.locator("[name='f:field1801']")
    expect(after).to_be_focused()
    expect(after).to_be_in_viewport()
    page.keyboard.type("no number")
    page.keyboard.press("Control+Enter")
    page.locator(".wrong-list a").click()
    expect(after).to_be_in_viewport()
    after.fill("7")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"{program.origin}/tables/w/fields")
    page.locator("[aria-label='Move field1500 up']").click()
    moved = page.locator("[aria-label='Move field1500 up']")
    expect(moved).to_be_focused()
    expect(moved).to_be_in_viewport()
    connection = apsw.Connection(str(wide))
    ((number, text),) = connection.execute("SELECT field1801, field1800 FROM w")
    names = [row[0] for row in connection.execute("SELECT name FROM pragma_table_xinfo('w')")]
    connection.close()
    assert (number, text) == (7, "typed")
    assert names.index("field1500") == 1500
