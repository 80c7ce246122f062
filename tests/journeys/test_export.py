"""Taking records out, in a real browser that keeps the downloads."""

import csv
import json

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.journey


def test_a_filtered_view_is_downloaded_by_the_keyboard_alone(page: Page) -> None:
    page.get_by_role("button", name="Make the sample").click()
    page.wait_for_url("**/tables/Books")
    page.goto(page.url + '?filter=[["Author","contains","Austen"]]')
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")
    page.locator("summary", has_text="More").press("Enter")
    page.locator("[data-grid-export]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/export?**")
    expect(page.get_by_label("The view as shown: 2 records")).to_be_checked()
    page.get_by_label("CSV", exact=False).first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Excel workbook")).to_be_checked()
    page.keyboard.press("ArrowUp")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "Books.csv"
    with download.value.path().open(newline="", encoding="utf-8") as file:
        assert [record["Author"] for record in csv.DictReader(file)] == ["Jane Austen"] * 2


@pytest.mark.gate
def test_chosen_records_are_downloaded_and_a_reload_does_not_download_again(page: Page) -> None:
    page.get_by_role("button", name="Make the sample").click()
    page.wait_for_url("**/tables/Books")
    expect(page.locator("[data-grid-count]")).to_have_text("12 records")
    page.locator(".grid-row[aria-rowindex='3'] input[type=checkbox]").click()
    expect(page.locator("[data-grid-delete]")).to_have_text("Delete 1 record")
    page.locator("summary", has_text="More").click()
    page.locator("[data-grid-export]").click()
    expect(page.get_by_label("The 1 chosen record")).to_be_checked()
    page.get_by_label("JSON For programmers: one list").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    assert [each["Title"] for each in json.loads(download.value.path().read_text())] == [
        "Pride and Prejudice"
    ]
    again: list[str] = []
    page.on("download", lambda each: again.append(each.url))
    page.reload()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    page.wait_for_timeout(300)
    assert again == []
