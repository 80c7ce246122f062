"""The history in a browser: what changed is read, and what is missed comes back, by keyboard."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Program

pytestmark = [pytest.mark.journey, pytest.mark.gate]


def test_a_record_is_deleted_and_brought_back_without_a_mouse(page: Page, program: Program) -> None:
    program.post("/sample")
    page.goto(f"{program.origin}/tables/Books/records/2")
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Delete this record").press("Enter")
    expect(page).to_have_url(re.compile(r"/tables/Books(\?|$)"))
    page.goto(f"{program.origin}/tables/Books/deleted")
    expect(page.get_by_role("heading", level=3)).to_have_text(title)
    page.get_by_role("button", name="Bring back").press("Enter")
    expect(page.get_by_text("The record is back.")).to_be_visible()
    page.get_by_role("link", name="Show it").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("link", name="History").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text(
        ["Made", "Deleted", "Made with the table"]
    )


def test_an_earlier_value_is_put_back_without_a_mouse(page: Page, program: Program) -> None:
    """From the list of all steps to the record, its past, and back to what it was."""
    program.post("/sample")
    program.post("/tables/Books/records/1/edit", {"f:Pages": "300", "was:Pages": "280"})
    page.goto(f"{program.origin}/history")
    step = page.get_by_role("listitem").filter(has_text="Edit Pages of Books")
    expect(step).to_contain_text("300")
    step.get_by_role("link").nth(1).press("Enter")
    expect(page.get_by_label("Pages")).to_have_value("300")
    page.get_by_role("link", name="History").press("Enter")
    page.get_by_role("button", name=re.compile("Put back Pages")).press("Enter")
    expect(page.get_by_text("The earlier value is back.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Put back"))).to_have_count(1)
    page.get_by_role("link", name="after this").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("After 20")
    expect(page.get_by_text("The record is as it was then")).to_be_visible()
    page.get_by_role("link", name="Before this change").press("Enter")
    box = page.get_by_role("checkbox", name="Pages")
    box.press("Space")
    page.get_by_role("button", name="Put back").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No field is chosen")
    box.press("Space")
    page.get_by_role("button", name="Put back").press("Enter")
    page.get_by_role("link", name="Show the record").press("Enter")
    expect(page.get_by_label("Pages")).to_have_value("300")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_the_history_fit_their_window(
    browser: Browser, program: Program, width: int
) -> None:
    program.post("/sample")
    program.post("/tables/Books/records/1/delete")
    context = browser.new_context(viewport={"width": width, "height": 740})
    key, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": key, "value": value, "url": program.origin}])
    page = context.new_page()
    program.post("/tables/Books/records/2/edit", {"f:Notes": "Woodhouse" * 30, "was:Notes": ""})
    past = "/tables/Books/records/2/history"
    (before,) = re.findall(rf'href="({past}/\d+)"', program.get(past).text)
    for path in ("/history", "/tables/Books/deleted", past, before):
        page.goto(program.origin + path)
        for closed in page.locator("summary").all():
            closed.press("Enter")
        inside = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert inside, path
    context.close()
