"""What hostile requests try on a public address, each refused."""

import io
from typing import Any

import pytest

from myapp.accounts import Role
from myapp.accounts.signing_in import PER_ADDRESS, PER_NAME

from .conftest import ADDRESS, PASSWORD, PROXY, Browser, Deploy, Deployment

JSON = {"Accept": "application/json"}


# --- sessions


def test_session_that_a_browser_brings_is_never_taken_over(public: Deployment) -> None:
    """Fixation: what stood in the cookie before signing in opens nothing afterwards."""
    public.account("Olga", Role.OWNER)
    planted = "A" * 43
    victim, attacker = public.browser(), public.browser("198.51.100.1")
    victim.client.set_cookie("__Host-myapp", planted, domain="tables.test", path="/")
    assert victim.sign_in("Olga").status_code == 303
    assert victim.cookie() != planted
    attacker.client.set_cookie("__Host-myapp", planted, domain="tables.test", path="/")
    assert attacker.get("/").status_code == 303


def test_signing_in_again_ends_the_session_before(public: Deployment, owner: Browser) -> None:
    before = owner.cookie()
    owner.client.delete_cookie("__Host-myapp", domain="tables.test")
    owner.get("/sign-in")
    owner.client.set_cookie("__Host-myapp", before, domain="tables.test", path="/")
    owner.post("/sign-in", {"name": "Olga", "password": PASSWORD})
    assert owner.cookie() != before
    assert public.rooms.sessions.find(before) is None


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 5_000, "\x00", "' OR 1=1 --", "é"])
def test_made_up_session_opens_nothing(public: Deployment, cookie: str) -> None:
    browser = public.browser()
    header = {"Cookie": f"__Host-myapp={cookie}"}
    assert browser.get("/", headers=header).status_code == 303


def test_stolen_session_ends_with_its_time(public: Deployment, owner: Browser) -> None:
    thief = public.browser("198.51.100.1")
    thief.client.set_cookie("__Host-myapp", owner.cookie(), domain="tables.test", path="/")
    public.clock.now += 15 * 86_400
    assert thief.get("/").status_code == 303


def test_session_is_no_session_under_another_secret(deploy: Deploy) -> None:
    first = deploy()
    owner = first.signed_in("Olga", Role.OWNER)
    second = deploy(MYAPP_SECRET="0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c")
    thief = second.browser()
    thief.client.set_cookie("__Host-myapp", owner.cookie(), domain="tables.test", path="/")
    assert thief.get("/").status_code == 303


def test_cookie_without_its_prefix_is_not_read(public: Deployment, owner: Browser) -> None:
    """A neighbouring host could set one without the prefix."""
    answer = public.browser().get("/", headers={"Cookie": f"myapp={owner.cookie()}"})
    assert answer.status_code == 303


# --- other pages


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "A" * 100_000])
def test_change_without_the_right_token_is_refused(owner: Browser, token: str | None) -> None:
    form = {} if token is None else {"_token": token}
    assert owner.open("POST", "/sample", data=form).status_code == 403
    assert owner.app.extensions["workspace"].whole_database().tables() == ()


def test_token_of_another_session_is_none(public: Deployment, owner: Browser) -> None:
    other = public.signed_in("Otto", Role.OWNER)
    assert owner.post("/sample", {"_token": other.token}).status_code == 403
    before = owner.token
    owner.post("/account/sign-out")
    owner.sign_in("Olga")
    assert owner.post("/sample", {"_token": before}).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.test",
        "http://tables.test",
        "https://tables.test:8443",
        "https://tables.test.evil.test",
        "https://evil.tables.test",
        "https://tables.test/",
        "HTTPS://TABLES.TEST",
    ],
)
def test_change_from_another_origin_is_refused(owner: Browser, origin: str | None) -> None:
    assert owner.post("/sample", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_lead_here_and_no_more(owner: Browser, site: str) -> None:
    def asked(mode: str, method: str = "GET") -> int:
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
        return owner.open(method, "/", headers=headers).status_code

    assert asked("navigate") == 200
    assert {asked("no-cors"), asked("cors"), asked("navigate", "POST")} == {403}


def test_signing_in_is_not_done_for_somebody(public: Deployment) -> None:
    """Another page could sign a person in as itself, and read what they type then."""
    public.account("Mallory", Role.OWNER)
    victim = public.browser()
    form = {"name": "Mallory", "password": PASSWORD}
    assert victim.post("/sign-in", form).status_code == 403
    attacker = public.browser()
    attacker.get("/sign-in")
    assert victim.post("/sign-in", {**form, "_token": attacker.token}).status_code == 403
    assert victim.cookie() == ""


def test_forms_say_where_they_come_from(public: Deployment, owner: Browser) -> None:
    """Under the policy no-referrer browsers send the origin "null", and nobody could sign in."""
    for page in (public.browser().get("/sign-in"), owner.get("/account")):
        assert page.headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_framed_nor_kept(owner: Browser) -> None:
    headers = owner.get("/account").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Permissions-Policy"].startswith("camera=(self), ")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_nothing_changes_but_by_post(owner: Browser, method: str) -> None:
    for path in ("/sample", "/undo", "/account/sign-out", "/accounts/invite", "/backups/make"):
        owner.open(method, path, data={"_token": owner.token} if method == "PUT" else None)
    assert owner.app.extensions["workspace"].whole_database().tables() == ()
    assert owner.get("/").status_code == 200


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "Upgrade"])
def test_request_in_disguise_is_refused(owner: Browser, name: str) -> None:
    assert owner.get("/", headers={name: "DELETE"}).status_code == 400


# --- the proxy


def rejected(public: Deployment, peer: str, **headers: str) -> int:
    more = {"REMOTE_ADDR": peer}
    return public.browser().get("/sign-in", environ_overrides=more, headers=headers).status_code


@pytest.mark.parametrize(
    "peer", ["203.0.113.9", "127.0.0.1", "10.0.0.50", "::ffff:203.0.113.9", ""]
)
def test_who_comes_round_the_proxy_is_refused(public: Deployment, peer: str) -> None:
    assert rejected(public, peer) == 403
    assert rejected(public, peer, **{"X-Forwarded-For": PROXY}) == 403


def test_proxy_is_known_by_its_mapped_address(public: Deployment) -> None:
    assert rejected(public, f"::ffff:{PROXY}") == 200


@pytest.mark.parametrize("said", ["", "unknown", "not an address", "1.2.3.4, evil", "1.2.3.4:80"])
def test_proxy_that_does_not_say_who_asks_is_refused(public: Deployment, said: str) -> None:
    assert rejected(public, PROXY, **{"X-Forwarded-For": said}) == 403


def test_forged_address_counts_for_nothing(public: Deployment) -> None:
    """The proxy adds the real one on the right; a new forged one each time is no new start."""
    public.account("Olga", Role.OWNER)
    seen = [
        public.browser(f"10.9.{number}.1, 203.0.113.7").sign_in(f"Name {number}", "wrong").status
        for number in range(PER_ADDRESS + 1)
    ]
    assert seen[-1].startswith("429") and seen[-2].startswith("401")


def test_two_proxies_are_counted_from_the_right(deploy: Deploy) -> None:
    public = deploy(MYAPP_PROXY_COUNT="2")
    public.account("Olga", Role.OWNER)
    browser = public.browser("6.6.6.6, 203.0.113.7, 10.0.0.4")
    browser.sign_in("Olga")
    assert "203.0.113.7" in browser.get("/account").get_data(as_text=True)
    assert public.browser("203.0.113.7").get("/sign-in").status_code == 403


def test_forwarded_headers_without_a_proxy_are_not_read(deploy: Deploy) -> None:
    public = deploy(
        MYAPP_PROXIES="none", MYAPP_ADDRESS="http://127.0.0.1:8000", MYAPP_ALLOW_HTTP="1"
    )
    public.account("Olga", Role.OWNER)
    here: dict[str, Any] = {
        "base_url": "http://127.0.0.1:8000",
        "environ_overrides": {"REMOTE_ADDR": "192.0.2.44"},
        "headers": {"Origin": "http://127.0.0.1:8000", "X-Forwarded-For": "6.6.6.6"},
    }
    browser = public.browser()
    browser.get("/sign-in", **here)
    browser.post("/sign-in", {"name": "Olga", "password": PASSWORD}, **here)
    page = browser.get("/account", **here).get_data(as_text=True)
    assert "192.0.2.44" in page and "6.6.6.6" not in page


def test_https_is_not_believed_but_of_the_proxy(public: Deployment, deploy: Deploy) -> None:
    assert rejected(public, PROXY, **{"X-Forwarded-Proto": "http"}) == 403
    assert rejected(public, PROXY, **{"X-Forwarded-Proto": "https, http"}) == 403
    direct = deploy(MYAPP_PROXIES="none")
    plain = {"base_url": "http://tables.test", "headers": {"X-Forwarded-Proto": "https"}}
    assert direct.browser().get("/sign-in", **plain).status_code == 403


@pytest.mark.parametrize(
    "host",
    ["evil.test", "tables.test:443", "tables.test.", "tables.test,evil.test", "", "a@tables.test"],
)
def test_other_host_is_refused(owner: Browser, host: str) -> None:
    answer = owner.get("/", environ_overrides={"REMOTE_ADDR": PROXY, "HTTP_HOST": host})
    assert answer.status_code == 421


def test_no_header_leads_links_elsewhere(owner: Browser) -> None:
    """A link into an account names the address of the settings, whatever a request says."""
    headers = {
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Prefix": "/evil",
        "X-Host": "evil.test",
    }
    page = owner.post("/accounts/invite", {"role": "viewer"}, headers=headers).get_data(
        as_text=True
    )
    assert f'value="{ADDRESS}/join/' in page and "evil" not in page


def test_script_name_of_a_header_is_refused(owner: Browser) -> None:
    overrides = {"REMOTE_ADDR": PROXY, "SCRIPT_NAME": "/sign-in"}
    assert owner.get("/", environ_overrides=overrides).status_code == 400


# --- passwords


def test_passwords_cannot_be_tried_without_end(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    statuses = [
        public.browser(f"198.51.100.{number}")
        .sign_in("Olga", f"wrong password {number}")
        .status_code
        for number in range(PER_NAME + 1)
    ]
    assert statuses == [401] * PER_NAME + [429]
    refused = public.browser("192.0.2.1").sign_in("Olga")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_owners_password_cannot_be_tried_from_a_stolen_session(owner: Browser) -> None:
    form = {"current": "wrong", "password": "x" * 5, "again": "x" * 5}
    statuses = [owner.post("/account/password", form).status_code for _ in range(PER_NAME + 1)]
    assert statuses == [422] * PER_NAME + [429]


def test_known_and_unknown_names_are_answered_alike(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    ended = public.account("Emil", Role.VIEWER)
    public.rooms.people.end(ended.id)
    answers = set()
    for number, name in enumerate(("Olga", "Emil", "Nobody", "root")):
        browser = public.browser(f"198.51.100.{number}")
        answer = browser.sign_in(name, "wrong password")
        text = answer.get_data(as_text=True).partition("<main")[2]
        assert "do not belong together" in text
        token = text.partition('name="_token" value="')[2].partition('"')[0]
        headers = sorted(each for each in answer.headers if each[0] != "Content-Length")
        answers.add((answer.status, text.replace(token, "").replace(name, ""), str(headers)))
    assert len(answers) == 1


def test_known_and_unknown_names_take_as_long(public: Deployment) -> None:
    """Each is compared with one hash, made at the same costs: that is by far the longest part."""
    public.account("Olga", Role.OWNER)
    passwords = public.rooms.people.passwords
    hasher, compared = passwords.hasher, []

    class Counting:
        def verify(self, kept: str, given: bytes) -> bool:
            compared.append(kept.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(kept, given)

    public.browser().sign_in("Nobody", "wrong password")
    passwords.__dict__["hasher"] = Counting()
    for name in ("Olga", "Nobody"):
        assert public.browser().sign_in(name, "wrong password").status_code == 401
    assert len(compared) == 2 and compared[0] == compared[1]
    assert "argon2id" in compared[0]


def test_huge_password_costs_nothing(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    browser = public.browser()
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"name": "Olga", "password": "x" * 70_000}).status_code == 413
    assert browser.post("/sign-in", {"name": "Olga", "password": "x" * 30_000}).status_code == 401


# --- links


def link_of(owner: Browser, role: str = "viewer") -> str:
    page = owner.post("/accounts/invite", {"role": role}).get_data(as_text=True)
    return page.partition(f'value="{ADDRESS}')[2].partition('"')[0]


def accept(browser: Browser, link: str, name: str, **more: str) -> int:
    browser.get(link)
    form = {"name": name, "password": PASSWORD, "again": PASSWORD, **more}
    return browser.post(link, form).status_code


def test_invitation_is_used_once(public: Deployment, owner: Browser) -> None:
    link = link_of(owner)
    assert accept(public.browser(), link, "Vera") == 303
    late = public.browser()
    assert late.get(link).status_code == 410
    late.get("/sign-in")
    form = {"name": "Max", "password": PASSWORD, "again": PASSWORD}
    assert late.post(link, form).status_code == 410


def test_invitation_ends(public: Deployment, owner: Browser) -> None:
    link = link_of(owner)
    public.clock.now += 8 * 86_400
    assert public.browser().get(link).status_code == 410


def test_withdrawn_invitation_is_over(public: Deployment, owner: Browser) -> None:
    link = link_of(owner)
    owner.post("/accounts/invitations/1/withdraw")
    assert public.browser().get(link).status_code == 410


def test_invited_person_cannot_choose_a_role(public: Deployment, owner: Browser) -> None:
    browser = public.browser()
    assert accept(browser, link_of(owner), "Vera", role="owner", account="1") == 303
    assert browser.get("/accounts").status_code == 403


def test_link_to_a_password_is_not_one_to_an_account(public: Deployment, owner: Browser) -> None:
    account = public.account("Vera", Role.VIEWER)
    page = owner.post(f"/accounts/{account.id}/password").get_data(as_text=True)
    link = page.partition(f'value="{ADDRESS}')[2].partition('"')[0]
    assert accept(public.browser(), link, "Olga", role="owner") == 303
    assert [each.role for each in public.rooms.people.all()] == [Role.OWNER, Role.VIEWER]


def test_owner_cannot_be_locked_out_by_crafted_requests(owner: Browser) -> None:
    for path in ("role", "end", "sign-out", "password"):
        answer = owner.post(f"/accounts/1/{path}", {"role": "viewer"})
        assert answer.status_code == 422
    assert owner.get("/accounts").status_code == 200


# --- addresses and files


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "/%0d%0aSet-Cookie: a=b",
        "/\r\nSet-Cookie: a=b",
        "/\tevil.test",
        "javascript:alert(1)",
        "/nothing-here",
        "/account/sign-out",
        "///evil.test",
        "http:evil.test",
        "/history@evil.test",
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(public: Deployment, target: str) -> None:
    public.account("Olga", Role.OWNER)
    browser = public.browser()
    browser.get("/sign-in", query_string={"next": target})
    form = {"name": "Olga", "password": PASSWORD, "next": target}
    answer = browser.post("/sign-in", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    again = browser.get("/sign-in", query_string={"next": target})
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert "a" not in {name for name, _ in answer.headers.items()}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../tables.sqlite",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/..\\..\\pyproject.toml",
        "/export/..%2f..%2f..%2fetc%2fpasswd/file",
        "/import/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_its_folder(owner: Browser, path: str) -> None:
    answer = owner.get(path)
    assert answer.status_code in (303, 308, 400, 404)
    assert "root:" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/cron.d/evil", "..\\..\\evil.csv", "a\0b.csv"]
)
def test_uploaded_name_makes_no_path(public: Deployment, owner: Browser, name: str) -> None:
    before = {each for each in public.folder.rglob("*") if "evil" in each.name}
    file = (io.BytesIO(b"a,b\n1,2\n"), name)
    owner.post("/files", {"file": file}, content_type="multipart/form-data")
    arrived = list((public.folder / "tables.myapp" / "uploads").iterdir())
    assert len(arrived) == 1 and len(arrived[0].name) == 16
    assert {each for each in public.folder.rglob("*") if "evil" in each.name} == before


def test_uploaded_database_takes_no_ones_place(public: Deployment, owner: Browser) -> None:
    data = (public.folder / "tables.sqlite").read_bytes()
    file = (io.BytesIO(data), "other.sqlite")
    owner.post("/files", {"file": file}, content_type="multipart/form-data")
    workspace = owner.app.extensions["workspace"]
    assert workspace.whole_database().path == public.folder / "tables.sqlite"
    assert sorted(each.name for each in public.folder.glob("*.sqlite")) == [
        "tables.accounts.sqlite",
        "tables.sqlite",
    ]


@pytest.mark.parametrize("path", ["/etc/passwd", "tables.accounts.sqlite", "/proc/self/environ"])
def test_no_file_of_the_server_is_opened(public: Deployment, owner: Browser, path: str) -> None:
    assert owner.post("/open", {"path": path}).status_code == 403
    assert owner.post("/open", {"path": str(public.folder / path)}).status_code == 403


def test_huge_body_is_refused_by_its_length_alone(owner: Browser) -> None:
    def sent(length: str, kind: str = "application/json", **more: Any) -> int:
        overrides = {"REMOTE_ADDR": PROXY, "CONTENT_LENGTH": length, "CONTENT_TYPE": kind}
        return owner.open("POST", "/undo", environ_overrides={**overrides, **more}).status_code

    assert sent(str(17 << 20)) == 413
    assert sent("9" * 30) == 413
    assert sent(str(101 << 20), "multipart/form-data; boundary=x") == 413
    assert sent("1e3") == sent("-1") == sent("+5") == 400
    assert sent("", HTTP_TRANSFER_ENCODING="chunked") == 411


def test_stranger_sends_little(public: Deployment) -> None:
    overrides = {"REMOTE_ADDR": PROXY, "CONTENT_LENGTH": str(65 << 10)}
    answer = public.browser().open("POST", "/files", environ_overrides=overrides)
    assert answer.status_code == 413


def test_exported_name_cannot_split_a_header(owner: Browser) -> None:
    name = 'evil"; filename=x\r\nSet-Cookie: a=b'
    owner.get("/new-table")
    owner.post("/new-table", {"name": name, "field": ["a"], "kind": ["text"]})
    table = owner.app.extensions["workspace"].whole_database().tables()[0].name
    form = {"table": table, "format": "csv", "what": "table"}
    made = owner.post("/export/start", form)
    answer = owner.get(made.headers["Location"] + "/file")
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]


def test_browsers_own_words_are_shown_as_words(public: Deployment) -> None:
    public.account("Olga", Role.OWNER)
    browser = public.browser()
    browser.get("/sign-in")
    form = {"name": "Olga", "password": PASSWORD}
    browser.post("/sign-in", form, headers={"User-Agent": "<script>alert(1)</script>\x1b[2J"})
    page = browser.get("/account").get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_note_of_an_invitation_is_shown_as_words(owner: Browser) -> None:
    page = owner.post("/accounts/invite", {"role": "viewer", "note": "<img src=x onerror=a()>"})
    assert "<img src=x" not in page.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/a\x00b", "/a\r\nb", "/\x7f"])
def test_control_characters_in_an_address_are_refused(owner: Browser, path: str) -> None:
    overrides = {"REMOTE_ADDR": PROXY, "PATH_INFO": path}
    assert owner.get("/", environ_overrides=overrides).status_code == 400


def test_endless_address_is_refused(owner: Browser) -> None:
    assert owner.get("/?" + "x" * 20_000).status_code == 414
