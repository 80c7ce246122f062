"""Codes read by a camera that is none, out of pictures, and by a scanner in the hand."""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.conftest import Program, end_program
from tests.desktop.network.shared import start_shared

from .conftest import FLAGS, HEADLESS, find_chromium
from .grid_tables import program as program  # one program serves the whole file
from .grid_tables import stored
from .pictures import write_film, write_png

pytestmark = pytest.mark.journey

TEA, COFFEE, NOWHERE = "4006381333931", "5901234123457", "4012345678901"
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def make_shop(folder: Path) -> Path:
    path = folder / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, ean TEXT, count INTEGER);"
        f"INSERT INTO item VALUES (1, 'Tea', '{TEA}', 3), (2, 'Coffee', '{COFFEE}', 4);"
    )
    connection.close()
    return path


@pytest.fixture
def shop(program: Program, tmp_path: Path) -> Path:
    path = make_shop(tmp_path)
    program.post("/open", {"path": str(path)})
    return path


def phone_page(browser: Browser, cookie: str, origin: str) -> Page:
    context = browser.new_context(
        viewport={"width": 390, "height": 780}, has_touch=True, base_url=origin
    )
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": origin}])
    return context.new_page()


@contextmanager
def page_with(playwright: Playwright, cookie: str, origin: str, *flags: str) -> Iterator[Page]:
    """A page of a phone's size in a Chromium with the camera that the flags say."""
    browser = playwright.chromium.launch(
        executable_path=find_chromium(HEADLESS), args=[*FLAGS, *flags]
    )
    page = phone_page(browser, cookie, origin)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    browser.close()
    assert errors == []


@contextmanager
def let_in_page(browser: Browser, folder: Path, role: str) -> Iterator[Page]:
    """The shop's tea on a phone that was let in, where nothing is encrypted."""
    program, owner = start_shared(folder / "data")
    try:
        program.post("/open", {"path": str(make_shop(folder))})
        phone = owner.let_in("Phone", role)
        page = phone_page(browser, phone.cookie, phone.origin)
        page.goto("/tables/item/records/1")
        yield page
        page.context.close()
    finally:
        end_program(program)


def scan_beside(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_the_camera_reads_a_code_and_opens_its_record(
    playwright: Playwright, program: Program, shop: Path, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.y4m", COFFEE)
    camera = (*CAMERA, f"--use-file-for-fake-video-capture={film}")
    with page_with(playwright, program.cookie, program.origin, *camera) as page:
        page.goto(f"{program.origin}/tables/item")
        page.locator(".tools").get_by_role("button", name="Scan a code").click()
        page.wait_for_url("**/tables/item/records/2")


def test_a_picture_fills_a_field_where_nothing_is_encrypted(
    browser: Browser, tmp_path: Path
) -> None:
    with let_in_page(browser, tmp_path, "editor") as page:
        assert not page.evaluate("isSecureContext")
        blank = write_png(tmp_path / "wall.png")
        with page.expect_file_chooser() as asked:
            scan_beside(page, "Scan a code into ean")
        asked.value.set_files(blank)
        expect(page.get_by_role("dialog")).to_contain_text("No code was found in this picture.")
        with page.expect_file_chooser() as asked:
            page.get_by_role("button", name="Use another picture").click()
        asked.value.set_files(write_png(tmp_path / "code.png", NOWHERE))
        expect(page.get_by_label("ean", exact=True)).to_have_value(NOWHERE)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(("turn", "moved"), [(45, 1), (0, 5)])
def test_a_code_that_is_turned_or_was_moved_is_read_all_the_same(
    page: Page, program: Program, shop: Path, tmp_path: Path, turn: int, moved: int
) -> None:
    picture = base64.b64encode(write_png(tmp_path / "code.png", TEA, TEA).read_bytes()).decode()
    page.goto(program.origin)
    found = page.evaluate(
        f"""async (picture) => {{
          const {{ readPicture }} = await import("/static/scan/picture.js");
          const from = new Blob([Uint8Array.from(atob(picture), (each) => each.charCodeAt(0))]);
          const canvas = document.createElement("canvas");
          Object.assign(canvas, {{ width: 900, height: 900 }});
          const paper = canvas.getContext("2d");
          paper.fillStyle = "#999";
          paper.fillRect(0, 0, 900, 900);
          paper.translate(450, 450);
          paper.rotate({turn} * Math.PI / 180);
          const code = await createImageBitmap(from);
          for (let n = 0; n < {moved}; n += 1) {{
            paper.globalAlpha = 1 / (n + 1);
            paper.drawImage(code, n - 320, -240);
          }}
          return readPicture(await new Promise((done) => {{ canvas.toBlob(done); }}));
        }}""",
        picture,
    )
    assert found == [TEA]


@pytest.mark.slow
def test_a_viewer_scans_to_search_and_not_to_fill(browser: Browser, tmp_path: Path) -> None:
    with let_in_page(browser, tmp_path, "viewer") as page:
        with page.expect_file_chooser() as asked:
            scan_beside(page, "Scan a code to find its record")
        expect(page.get_by_role("button", name="Scan a code into")).to_have_count(0)
        asked.value.set_files(write_png(tmp_path / "code.png", COFFEE))
        page.wait_for_url("**/tables/item/records/2")
        page.goto("/")
        with page.expect_file_chooser() as asked:
            scan_beside(page, "Scan a code to find its record")
        asked.value.set_files(write_png(tmp_path / "nowhere.png", NOWHERE))
        expect(page.get_by_role("dialog")).to_contain_text("No record holds exactly")
        expect(page.get_by_role("link", name="New record")).to_have_count(0)


@pytest.mark.slow
def test_a_code_that_is_nowhere_is_offered_to_a_new_record(
    playwright: Playwright, program: Program, shop: Path, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.y4m", NOWHERE)
    camera = (*CAMERA, f"--use-file-for-fake-video-capture={film}")
    with page_with(playwright, program.cookie, program.origin, *camera) as page:
        page.goto(program.origin)
        scan_beside(page, "Scan a code to find its record")
        expect(page.get_by_role("dialog")).to_contain_text(f"No record holds exactly “{NOWHERE}”.")
        page.get_by_role("link", name="New record of item with this ean").click()
        expect(page.get_by_label("ean", exact=True)).to_have_value(NOWHERE)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        assert stored(shop, "SELECT ean FROM item WHERE id = 3") == NOWHERE


@pytest.mark.gate
def test_a_refused_camera_leaves_the_picture(
    playwright: Playwright, program: Program, shop: Path, tmp_path: Path
) -> None:
    refused = (CAMERA[0], f"{CAMERA[1]}=deny")
    with page_with(playwright, program.cookie, program.origin, *refused) as page:
        page.goto(f"{program.origin}/tables/item/records/2")
        scan_beside(page, "Scan a code into name")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The camera was not allowed.")
        with page.expect_file_chooser() as asked:
            page.get_by_role("button", name="Use a picture").click()
        asked.value.set_files(write_png(tmp_path / "two.png", TEA, COFFEE))
        expect(dialog).to_contain_text("There are several codes.")
        dialog.get_by_role("button", name=TEA).click()
        expect(page.get_by_label("name", exact=True)).to_have_value(TEA)


@pytest.mark.slow
def test_a_missing_camera_is_told_and_escape_leaves(
    playwright: Playwright, program: Program, shop: Path
) -> None:
    with page_with(playwright, program.cookie, program.origin) as page:
        page.goto(f"{program.origin}/tables/item/records/2")
        scan_beside(page, "Scan a code into name")
        expect(page.get_by_role("dialog")).to_contain_text("No camera was found.")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_label("name", exact=True)).to_have_value("Coffee")


@pytest.mark.slow
def test_the_browsers_own_detector_is_used_where_there_is_one(
    playwright: Playwright, program: Program, shop: Path, tmp_path: Path
) -> None:
    """Chromium has one on Android, macOS and ChromeOS alone."""
    film = write_film(tmp_path / "film.y4m")
    camera = (*CAMERA, f"--use-file-for-fake-video-capture={film}")
    with page_with(playwright, program.cookie, program.origin, *camera) as page:
        page.add_init_script(
            "window.BarcodeDetector = class {"
            " static getSupportedFormats() { return Promise.resolve(['ean_13', 'ean_8', 'upc_a',"
            " 'upc_e', 'code_128', 'code_39', 'itf', 'qr_code', 'data_matrix']); }"
            f" async detect() {{ return [{{ rawValue: '{TEA}', format: 'ean_13',"
            " boundingBox: { x: 1, y: 1, width: 9, height: 9 } }]; } };"
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{program.origin}/tables/item")
        page.locator(".tools").get_by_role("button", name="Scan a code").click()
        page.wait_for_url("**/tables/item/records/1")
        assert not any("vendor/zxing" in url for url in asked)


@pytest.mark.gate
def test_a_scanner_in_the_hand_finds_and_the_next_scan_takes_the_place(
    page: Page, program: Program, shop: Path
) -> None:
    page.goto(f"{program.origin}/tables/item")
    expect(page.locator("[data-grid-count]")).to_have_text("2 records")
    page.get_by_label("Search this table").focus()
    for code, name in ((TEA, "Tea"), (COFFEE, "Coffee")):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page.locator("#cell-0-1")).to_have_text(name)
    expect(page.get_by_label("Search this table")).to_have_value(COFFEE)
    page.get_by_label("Search everywhere").focus()
    for code, name in ((TEA, "Tea"), (COFFEE, "Coffee")):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=f"Search for “{code}”")).to_be_visible()
        expect(page.get_by_role("link", name=name)).to_be_visible()
        expect(page.get_by_label("Search everywhere")).to_be_focused()


@pytest.mark.slow
def test_a_scanner_in_the_hand_types_into_cells(page: Page, program: Program, shop: Path) -> None:
    page.goto(f"{program.origin}/tables/item")
    page.locator("#cell-0-2").click()
    for code in (COFFEE, NOWHERE):
        with page.expect_response("**/tables/item/records/*"):
            page.keyboard.type(code)
            page.keyboard.press("Enter")
    expect(page.locator("#cell-1-2")).to_have_text(NOWHERE)
    assert stored(shop, "SELECT group_concat(ean) FROM item") == f"{COFFEE},{NOWHERE}"
