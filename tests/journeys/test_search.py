"""Search everywhere, made fast from the page and used from the keyboard."""

import apsw
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program


@pytest.mark.gate
def test_search_is_made_fast_with_visible_progress_and_finds_the_word(
    page: Page, program: Program
) -> None:
    path = program.data / "many.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE many (id INTEGER PRIMARY KEY, name TEXT, place TEXT)")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO many (name, place) VALUES (?, 'Orléans')",
        ((f"Person{n} with quite a few words to be read",) for n in range(150_000)),
    )
    connection.execute("COMMIT")
    connection.close()
    page.get_by_text("Type its path instead").click()
    page.fill("#path", str(path))
    page.keyboard.press("Enter")
    page.get_by_label("Search everywhere").fill("orleans person77123")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text(["Person77123", "Orléans"])
    page.get_by_text("Make search fast", exact=True).first.click()
    page.get_by_role("button", name="Make search fast in many").click()
    expect(page.get_by_role("status").filter(has_text="records")).to_be_visible()
    expect(page.get_by_text("is fast to search")).to_be_attached(timeout=60_000)
    expect(page.locator("mark")).to_have_text(["Person77123", "Orléans"])
    page.locator("a.list-item").click()
    expect(page.get_by_role("heading", name="Person77123")).to_be_visible()
