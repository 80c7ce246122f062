"""A phone joins, a till changes something, and everybody sees it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect

from tests.conftest import ROOT, Program, end_program, port_of_our_own
from tests.desktop.network.shared import Device, Owner, need_network, start_shared
from tests.proxies import certificate, filled_in, needs, nginx_with

from .conftest import FLAGS, HEADLESS, find_chromium

LIVE_MS = 4_000
"""Within two seconds, and as long again for a machine that does much else."""
EXPECTED = ("status of 4", "net::ERR_")
"""A refusal and an end that are shown."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Program, Owner]]:
    program, owner = start_shared(tmp_path / "data")
    program.post("/sample")
    yield program, owner
    end_program(program)


Opener = Callable[..., Page]


@pytest.fixture
def page_of(browser: Browser, shop: tuple[Program, Owner]) -> Iterator[Opener]:
    """Opens pages as different devices; none of them has an error of its own. They are closed
    before the program ends, which they would see."""
    contexts, errors = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED):
            errors.append(message.text)

    def open_page(origin: str, cookie: str = "", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        name, _, value = cookie.partition("=")
        if cookie:
            context.add_cookies([{"name": name, "value": value, "url": origin}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.gate
def test_a_phone_joins_with_the_owners_yes_and_sees_a_change_at_once(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    program, owner = shop
    here = page_of(program.origin, program.cookie)
    here.goto(program.origin)
    here.get_by_role("link", name="Shared").click()
    code = owner.code

    phone = page_of(owner.origin, width=390)
    phone.goto(owner.origin)
    phone.get_by_label("Code").fill(code)
    phone.get_by_label("Name of this device").fill("Anna’s phone")
    with here.context.new_page() as table:
        table.goto(f"{program.origin}/tables/Books")
        phone.get_by_role("button", name="Join").click()
        expect(phone.get_by_role("heading")).to_have_text("Almost in")
        expect(table.get_by_role("link", name="Shared: 1 waits")).to_be_visible()
    here.get_by_role("button", name="Let Anna’s phone in").click()
    phone.wait_for_url(f"{owner.origin}/")
    expect(phone.get_by_role("button", name="Quit")).to_have_count(0)
    phone.get_by_role("link", name="Books").click()
    expect(phone.get_by_text("this device joined as a viewer")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert phone.evaluate(overflow) <= 0

    with here.expect_response("**/changes"):
        here.goto(f"{program.origin}/history")
    change(owner.let_in("Till", "editor"), "Changed at the till")
    expect(phone.get_by_text("Changed at the till")).to_be_visible()
    expect(here.get_by_text("Till ·")).to_be_visible()


def change(till: Device, title: str) -> None:
    assert till.post_json("/tables/Books/records/1", {"values": {"Title": title}}).status == 200


@pytest.mark.slow
def test_a_page_says_that_its_access_was_ended_or_that_nothing_is_shared_any_more(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    """What stands on its screen is not taken for what is there now."""
    _, owner = shop
    phone, till = (
        page_of(owner.origin, owner.let_in(name, "viewer").cookie) for name in ("Phone", "Till")
    )
    for page in (phone, till):
        with page.expect_response("**/changes"):
            page.goto(f"{owner.origin}/tables/Books")
    owner.do("end", id=owner.id_of("Phone"))
    expect(phone.get_by_text("its access was ended")).to_be_visible()
    owner.do("stop")
    told = till.get_by_text("This is not shared any more")
    expect(told).to_be_visible()


@pytest.mark.gate
def test_a_session_that_another_program_put_in_ones_place_is_not_worked_with(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    """Its pages set cookies for the same address, whatever the port."""
    owner = shop[1]
    evil = owner.let_in("Evil", "editor")
    phone = page_of(owner.origin)
    phone.goto(f"{owner.origin}/_desktop/join")
    phone.get_by_label("Code").fill(owner.code)
    phone.get_by_label("Name of this device").fill("Phone")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("heading")).to_have_text("Almost in")
    owner.do("confirm", id=owner.id_of("Phone"), role="editor")
    phone.wait_for_url(f"{owner.origin}/")
    phone.goto(f"{owner.origin}/tables/Books")
    expect(phone.get_by_role("link", name="Phone")).to_be_visible()

    name, _, value = evil.cookie.partition("=")
    phone.context.add_cookies([{"name": name, "value": value, "url": owner.origin}])
    phone.goto(f"{owner.origin}/tables/Books")
    expect(phone.get_by_role("heading")).to_have_text("Are you Evil?")
    phone.get_by_role("button", name="Leave").click()
    phone.wait_for_url("**/_desktop/join")
    assert evil.get("/tables/Books").status == 303

    # Joining is one's own doing, and under another name no reason to ask.
    phone.get_by_label("Code").fill(owner.code)
    phone.get_by_label("Name of this device").fill("Phone 2")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("heading")).to_have_text("Almost in")
    owner.do("confirm", id=owner.id_of("Phone 2"), role="editor")
    phone.wait_for_url(f"{owner.origin}/")
    phone.goto(f"{owner.origin}/tables/Books")
    expect(phone.get_by_role("link", name="Phone 2")).to_be_visible()
    phone.wait_for_timeout(300)
    assert phone.url.endswith("/tables/Books")


@pytest.mark.slow
def test_the_page_share_says_at_once_that_the_program_has_ended(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    program, _ = shop
    here = page_of(program.origin, program.cookie)
    here.goto(f"{program.origin}/_desktop/share")
    expect(here.get_by_text("Shared in the network")).to_be_visible()
    here.wait_for_timeout(500)
    program.process.kill()
    expect(here.get_by_role("alert")).to_contain_text("has ended")


@pytest.mark.slow
def test_a_role_that_is_being_chosen_outlives_what_comes_meanwhile(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    """Otherwise the button, pressed a moment later, would give the role of before."""
    program, owner = shop
    till = owner.let_in("Till", "editor")
    here = page_of(program.origin, program.cookie, width=390)
    here.goto(f"{program.origin}/_desktop/share")
    here.get_by_label("Role of Till").select_option("viewer")
    give = here.get_by_role("button", name="Give this role")
    give.focus()
    scrolled = here.evaluate("scrollY")
    headers = {"Origin": till.origin, "Content-Type": "text/plain"}
    assert till.ask("POST", "/_desktop/presence", "hello a 1", headers).status == 204
    owner.device().join(owner.code, "Phone")
    expect(here.get_by_text("has a page open")).to_be_visible()
    expect(here.get_by_role("button", name="Let Phone in")).to_be_visible()
    expect(here.get_by_label("Role of Till")).to_have_value("viewer")
    expect(give).to_be_focused()
    assert here.evaluate("scrollY") >= scrolled > 0
    with here.expect_navigation():
        here.keyboard.press("Enter")
    assert till.get("/standing").text.count("joined as a viewer") == 1
    table = here.context.new_page()
    table.goto(f"{program.origin}/tables/Books")
    said = table.get_by_role("link", name="1 waits")
    expect(said).to_be_visible()
    owner.do("stop")
    expect(said).to_be_hidden()
    here.bring_to_front()
    expect(here.get_by_text("Nothing is shared.")).to_be_visible()


@pytest.mark.slow
def test_what_was_typed_stays_where_a_role_was_taken_away_or_nothing_is_shared(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    _, owner = shop
    till = page_of(owner.origin, owner.let_in("Till", "editor").cookie)
    id_ = owner.id_of("Till")
    till.goto(f"{owner.origin}/tables/Books/records/1")
    title, save = till.get_by_label("Title"), till.get_by_role("button", name="Save")
    title.fill("Typed at the till")
    owner.do("role", id=id_, role="viewer")
    save.click()
    told = till.locator("form").get_by_role("alert")
    expect(told).to_contain_text("this device joined as a viewer. What you typed is still here.")
    owner.do("role", id=id_, role="editor")
    save.click()
    expect(till.get_by_text("Saved.")).to_be_visible()
    till.wait_for_load_state()
    title.fill("Typed once more")
    owner.do("stop")
    save.click()
    expect(told).to_contain_text("what you typed is still here")
    ended = till.get_by_text("This is not shared any more")
    expect(ended).to_be_visible()
    owner.do("start", address=need_network())
    expect(ended).to_have_count(0)
    expect(title).to_have_value("Typed once more")
    # The page still says that the first one was saved.
    with till.expect_navigation():
        save.click()
    expect(till.get_by_text("Saved.")).to_be_visible()
    title.fill("Too late")
    owner.do("end", id=id_)
    save.click()
    expect(told).to_contain_text("its access was ended. Nothing was saved")
    expect(title).to_have_value("Too late")


@pytest.mark.slow
def test_the_grid_takes_a_change_in_but_not_under_the_hands_of_who_types(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    program, owner = shop
    till = owner.let_in("Till", "editor")
    here = page_of(program.origin, program.cookie)
    here.goto(f"{program.origin}/tables/Books")
    title = here.locator("#cell-0-1")
    expect(title).to_have_text("Frankenstein")
    title.dblclick()
    here.locator(".grid-edit").fill("Mine")
    change(till, "Theirs")
    here.wait_for_timeout(LIVE_MS)
    here.locator(".grid-edit").press("Enter")
    expect(here.get_by_role("alert")).to_contain_text("There now: “Theirs”. You typed: “Mine”.")
    here.get_by_role("button", name="Keep theirs").click()
    expect(title).to_have_text("Theirs")
    change(till, "And again")
    expect(title).to_have_text("And again")
    with here.expect_response("**/changes"):
        here.goto(f"{program.origin}/tables/Books/records/1")
    change(till, "A third time")
    expect(here.get_by_text("Somebody changed this record.")).to_be_visible()


@pytest.mark.slow
def test_a_phone_joins_over_tls_and_changes_a_record(
    playwright: Playwright, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """In a browser that finds the name and trusts the certificate."""
    needs("nginx")
    pem, port, address = certificate(tmp_path, "shop.lan"), port_of_our_own(), need_network()
    origin = f"https://shop.lan:{port}"
    program, owner = start_shared(tmp_path / "data", "--network-proxy", origin)
    request.addfinalizer(lambda: end_program(program))
    program.post("/sample")
    conf = filled_in(
        (ROOT / "installer" / "network" / "nginx.conf").read_text(encoding="utf-8"),
        ("192.168.1.5:443", f"{address}:{port}"),
        ("allow 192.168.1.0/24", f"allow {address}"),
        ("127.0.0.1:27384", f"127.0.0.1:{owner.behind}"),
        ("/etc/ssl/shop.lan.pem", str(pem)),
        ("/etc/ssl/private/shop.lan.key", str(pem)),
    )
    leads = f"--host-resolver-rules=MAP shop.lan {address}"
    found = find_chromium(HEADLESS)
    with nginx_with(tmp_path, conf):
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS, leads])
        context = browser.new_context(
            viewport={"width": 390, "height": 800}, ignore_https_errors=True
        )
        phone = context.new_page()
        errors: list[str] = []
        phone.on("pageerror", lambda error: errors.append(str(error)))
        phone.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        phone.goto(f"{origin}/_desktop/join?code={owner.code}")
        phone.get_by_label("Name of this device").fill("Anna’s phone")
        phone.get_by_role("button", name="Join").click()
        expect(phone.get_by_role("heading")).to_have_text("Almost in")
        owner.do("confirm", id=owner.id_of("Anna’s phone"), role="editor")
        phone.wait_for_url(f"{origin}/")
        assert phone.evaluate("window.isSecureContext")
        kept = {each["name"]: each for each in context.cookies()}
        assert set(kept) == {f"__Host-myapp-{port}"}
        assert kept[f"__Host-myapp-{port}"]["secure"]
        phone.goto(f"{origin}/tables/Books/records/1")
        phone.get_by_label("Title").fill("Over TLS")
        phone.get_by_role("button", name="Save").click()
        expect(phone.get_by_text("Saved.")).to_be_visible()
        assert "Over TLS" in program.get("/tables/Books/records/1").text
        phone.goto(f"{origin}/tables/Books")
        till = owner.let_in("Till", "editor")
        change(till, "Seen at once")
        expect(phone.get_by_text("Seen at once").first).to_be_visible()
        phone.goto(f"{origin}/_desktop/")
        phone.get_by_role("button", name="Leave").click()
        expect(phone.get_by_role("heading")).to_have_text("Join MyApp")
        assert errors == []
        browser.close()
