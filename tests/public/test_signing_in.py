"""Signing in and out, and what the door says."""

import io
from http.cookies import SimpleCookie

import pytest

from myapp.accounts import Role
from tests.conftest import wait_until

from .conftest import PASSWORD, Browser, Deployment


def test_who_has_not_signed_in_is_led_to_the_door_and_back(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    browser = public.browser()
    led = browser.get("/history?before=3")
    assert (led.status_code, led.headers["Location"]) == (303, "/sign-in?next=/history?before%3D3")
    browser.get(led.headers["Location"])
    form = {"name": "olga", "password": PASSWORD, "next": "/history?before=3"}
    assert browser.post("/sign-in", form).headers["Location"] == "/history?before=3"
    assert browser.get("/history").status_code == 200


def test_script_of_who_is_signed_out_hears_a_sentence(public: Deployment) -> None:
    answer = public.browser().get("/tables/x/rows", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert "not signed in any more" in answer.get_json()["error"]


def test_cookie_is_bound_to_this_host_and_out_of_scripts_reach(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    browser = public.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"name": "Olga", "password": PASSWORD})
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-myapp"]
    assert cookie["secure"] and cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")


def test_signing_out_ends_the_session_for_good(owner: Browser) -> None:
    kept = owner.cookie()
    answer = owner.post("/account/sign-out")
    assert answer.headers["Location"] == "/sign-in?left=1"
    assert "You are signed out" in owner.get("/sign-in?left=1").get_data(as_text=True)
    owner.client.set_cookie("__Host-myapp", kept, domain="tables.test")
    assert owner.get("/").status_code == 303


def test_signing_out_everywhere_ends_every_session(public: Deployment, owner: Browser) -> None:
    other = public.browser("198.51.100.9")
    other.sign_in("Olga")
    assert other.get("/").status_code == 200
    owner.post("/account/sign-out-everywhere")
    assert (owner.get("/").status_code, other.get("/").status_code) == (303, 303)


def test_one_of_the_sessions_can_be_ended(public: Deployment, owner: Browser) -> None:
    other = public.browser("198.51.100.9")
    other.sign_in("Olga")
    page = owner.get("/account").get_data(as_text=True)
    assert "198.51.100.9" in page
    name = page.partition('name="session" value="')[2].partition('"')[0]
    owner.post("/account/sessions/end", {"session": name})
    assert (owner.get("/").status_code, other.get("/").status_code) == (200, 303)


def test_changed_password_ends_the_other_sessions(public: Deployment, owner: Browser) -> None:
    other, before = public.browser(), owner.cookie()
    other.sign_in("Olga")
    new = "eight blue tricycles"
    form = {"current": PASSWORD, "password": new, "again": new}
    assert owner.post("/account/password", form).status_code == 303
    assert other.get("/").status_code == 303
    assert owner.get("/").status_code == 200
    assert owner.cookie() not in ("", before)
    assert public.browser().sign_in("Olga").status_code == 401
    assert public.browser().sign_in("Olga", new).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current": "wrong", "password": "x" * 5, "again": "x" * 5}, "not your password of now"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "at least 12"),
        ({"current": PASSWORD, "password": "a" * 20, "again": "b" * 20}, "differ"),
    ],
)
def test_password_that_is_refused_changes_nothing(
    owner: Browser, form: dict[str, str], said: str
) -> None:
    answer = owner.post("/account/password", form)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert owner.get("/").status_code == 200


def test_history_tells_who_changed_what(public: Deployment, owner: Browser) -> None:
    owner.post("/sample")
    editor = public.signed_in("Edgar", Role.EDITOR)
    editor.send("/tables/Books/records", {"values": {"Title": "Ulysses"}})
    page = owner.get("/history").get_data(as_text=True)
    steps = page.partition('aria-label="Steps')[2]
    assert 0 < steps.index("Edgar") < steps.index("Olga")
    owner.post("/undo")
    assert "taken back by Olga" in owner.get("/history").get_data(as_text=True)


def test_import_carries_the_name_of_who_began_it(owner: Browser) -> None:
    files = [(io.BytesIO(b"a,b\n1,2\n3,4\n"), f"{name}.csv") for name in ("one", "two")]
    arrived = owner.post("/files", {"file": files}, content_type="multipart/form-data")
    address = arrived.headers["Location"]
    owner.post(f"{address}/start", {"offer": ["0", "1"]})
    wait_until(lambda: not owner.get(f"{address}/progress").get_json()["running"], "its end")
    steps = owner.get("/history").get_data(as_text=True).partition('aria-label="Steps')[2]
    assert steps.count("Import 2 records") == steps.count("Olga") == 2
