"""A phone puts the program on its home screen, from the page where one signs in or any other."""

import re

from .conftest import Browser, Deployment


def test_every_page_names_the_manifest_and_its_icons(public: Deployment, owner: Browser) -> None:
    stranger = public.browser()
    for page in (stranger.get("/sign-in"), owner.get("/"), owner.get("/account")):
        text = page.get_data(as_text=True)
        assert '<link rel="manifest" href="/manifest.webmanifest"' in text
        found = re.search(r'rel="apple-touch-icon" href="([^"]+)"', text)
        assert found is not None
        assert size_of(stranger, found[1]) == "180x180"


def test_the_manifest_is_given_to_whoever_asks_and_says_nothing_of_the_data(
    public: Deployment,
) -> None:
    stranger = public.browser()
    answer = stranger.get("/manifest.webmanifest")
    assert answer.status_code == 200
    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json()
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    for icon in told["icons"]:
        assert size_of(stranger, icon["src"]) == icon["sizes"]
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    assert "tables" not in answer.get_data(as_text=True)


def size_of(browser: Browser, address: str) -> str:
    answer = browser.open("GET", address)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    return f"{int.from_bytes(answer.data[16:20])}x{int.from_bytes(answer.data[20:24])}"
