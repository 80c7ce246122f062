"""What can be read, reached and seen whole: measured in a real page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Program

pytestmark = [pytest.mark.journey, pytest.mark.gate]

CONTRAST = """(element) => {
  const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const luminance = (color) => channels(color).map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, n) => sum + each * [0.2126, 0.7152, 0.0722][n], 0);
  const behind = element.closest(".toast");
  const a = luminance(getComputedStyle(element).color);
  const b = luminance(getComputedStyle(behind).backgroundColor);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_undo_beside_a_message_can_be_read(page: Page, program: Program, scheme: str) -> None:
    program.post("/sample")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{program.origin}/tables/Books")
    expect(page.locator("[data-grid][aria-busy]")).to_have_count(0)
    page.get_by_role("checkbox", name="Choose record 1", exact=True).check()
    page.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    assert undo.evaluate(CONTRAST) >= 4.5


@pytest.mark.parametrize("which", ["Views", "More"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_field_name_stays_inside_the_menu(
    browser: Browser, program: Program, width: int, which: str
) -> None:
    program.post("/sample")
    name = "A field whose name goes on and on until nobody remembers how it began"
    program.post("/tables/Books/fields/add", {"name": name, "kind": "text"})
    context = browser.new_context(viewport={"width": width, "height": 740})
    key, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": key, "value": value, "url": program.origin}])
    page = context.new_page()
    page.goto(f"{program.origin}/tables/Books")
    page.locator("summary", has_text=which).click()
    menu = page.locator(".menu[open] .menu-body")
    assert menu.evaluate("menu => menu.scrollWidth - menu.clientWidth") == 0
    for control in menu.locator(":is(input, select, button):visible").all():
        box, outside = control.bounding_box(), menu.bounding_box()
        assert box and outside
        assert box["x"] + box["width"] <= outside["x"] + outside["width"]
    context.close()


ROWS = """(tools) => new Set([...tools.children].filter((each) => each.offsetHeight > 4)
  .map((each) => Math.round(each.offsetTop + each.offsetHeight / 2))).size"""


@pytest.mark.parametrize(("width", "rows"), [(1280, 1), (360, 2)])
def test_the_tools_of_a_table_take_little_room_whatever_is_going_on(
    page: Page, program: Program, width: int, rows: int
) -> None:
    program.post("/sample")
    name = "Books whose author we have met and would like to meet again"
    headers = {"X-Desktop-Token": program.token, "Content-Type": "application/json"}
    page.goto(f"{program.origin}/tables/Books")
    page.request.post(
        f"{program.origin}/tables/Books/views",
        headers={**headers, "Origin": program.origin},
        data={"name": name, "filter": [["Pages", "gt", "1"], ["id", "gt", "1"]], "sort": ["Title"]},
    )
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{program.origin}/tables/Books?view={name}&q=e")
    page.get_by_role("checkbox", name="Choose record 1", exact=True).check()
    page.get_by_role("checkbox", name="Choose record 2", exact=True).check()
    expect(page.locator("[data-grid-delete]")).to_have_text("Delete 2 records")
    assert page.locator(".tools").evaluate(ROWS) == rows
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The less used ones are a key away.
    page.locator("summary", has_text="More").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Export")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Export")).to_be_hidden()
    expect(page.locator("summary", has_text="More")).to_be_focused()


def test_the_last_page_looks_as_it_should_though_nothing_can_be_fetched(page: Page) -> None:
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Quit").click()
    expect(page.get_by_role("heading", name="has ended")).to_be_visible()
    assert page.locator("main").evaluate("main => getComputedStyle(main).borderRadius") == "12px"
    fetched = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert [each for each in fetched if not each.startswith("data:")] == []


def test_a_long_table_and_field_name_widen_no_page(page: Page, program: Program) -> None:
    table, field = "L" * 200, "F" * 200
    program.post("/new-table", {"name": table, "field": field, "kind": "text"})
    program.post(f"/tables/{table}/records/new", {f"f:{field}": "yes"})
    page.set_viewport_size({"width": 360, "height": 700})
    for ending in ("/records/1", "/deleted", "/fields", f"?group={field}"):
        page.goto(f"{program.origin}/tables/{table}{ending}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, ending
    page.goto(f"{program.origin}/search?q=yes")
    expect(page.get_by_role("link", name="Show all in")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto(f"{program.origin}/search?q={table}")
    expect(page.get_by_role("heading", name="Tables")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
