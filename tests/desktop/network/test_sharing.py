"""Switched on, off, and on again: nothing before, nothing after, and the same for who is known."""

import http.client
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT, Program, end_program, port_of_our_own, start_program

from .shared import Device, Owner, need_network, start_shared


def test_a_private_start_loads_and_listens_to_nothing_of_it(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import myapp.desktop.commands, myapp.desktop.gate, myapp.desktop.server\n"
        "import myapp.desktop.lifecycle, myapp.desktop.sessions\n"
        "found = [n for n in sys.modules if n.rpartition('.')[2] in ('sharing', 'share_pages',"
        " 'share_door',"
        " 'network_guard', 'network_gate', 'proxied_guard',"
        " 'interfaces', 'devices', 'joining', 'segno')]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    program = start_program(tmp_path / "data", "--port", "0", "--stay")
    try:
        program.enter()
        assert "/_desktop/share" in program.get("/").text
        assert "Nothing is shared" in program.get("/_desktop/share").text
        with pytest.raises(OSError):
            Device(f"http://{need_network()}:{program.port}").get("/")
        kept = {each.name for each in (tmp_path / "data").iterdir()}
        assert not kept & {"devices.json", "network-port", "sharing.json"}
    finally:
        end_program(program)


def test_it_is_stopped_with_a_click_and_a_known_device_returns_to_the_same_address(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "network-port").write_text(str(port_of_our_own()), encoding="ascii")
    program, owner = start_shared(tmp_path / "data")
    try:
        origin, device = owner.origin, owner.let_in("Anna’s phone", "viewer")
        assert device.get("/").status == 200
        owner.do("stop")
        with pytest.raises(OSError):
            device.get("/")
        assert "Nothing is shared" in owner.page()
        assert "They come back without a code" in owner.page()
    finally:
        end_program(program)
    program, owner = start_shared(tmp_path / "data")
    try:
        assert owner.origin == origin
        assert device.get("/").status == 200
        owner.do("end", id=owner.id_of("Anna’s phone"))
        assert device.get("/").status == 303
    finally:
        end_program(program)
    with pytest.raises(OSError):
        device.get("/")


def test_the_first_port_that_is_free_is_kept(tmp_path: Path) -> None:
    program, owner = start_shared(tmp_path / "data")
    try:
        kept = (tmp_path / "data" / "network-port").read_text("ascii")
        assert owner.origin.endswith(f":{kept}")
    finally:
        end_program(program)


def test_the_page_says_who_can_reach_it_and_what_plain_http_means(
    ours: tuple[Program, Owner],
) -> None:
    page = ours[1].page()
    assert "Every device in it can reach the page that asks for the code" in page
    assert "Nothing is encrypted" in page
    assert "data:image/svg+xml" in page
    assert re.search(r"http://[\d.]+:\d+<", page)


def test_each_role_is_told_in_words_beside_a_list_of_short_names(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    """Words in the list itself would be cut off where it is narrow."""
    owner, told = ours[1], "<li><strong>owner</strong> also changes tables and imports</li>"
    owner.device().join(owner.code, "At the gate")
    asked = owner.page()
    owner.do("refuse", id=owner.id_of("At the gate"))
    for page in (asked, owner.page()):
        assert page.count(told) == 1
        assert " selected>editor</option>" in page


def test_network_on_the_command_line_shares_at_once(tmp_path: Path) -> None:
    need_network()
    program = start_program(tmp_path / "data", "--port", "0", "--stay", "--network")
    try:
        assert program.said[0].startswith("Shared on the local network at http://")
        program.enter()
        assert Owner(program).let_in("Till", "editor").get("/").status == 200
    finally:
        end_program(program)


def test_the_bar_tells_that_somebody_waits(ours: tuple[Program, Owner]) -> None:
    program, owner = ours
    device = Device(owner.origin)
    assert device.join(owner.code, "At the door").status == 303
    assert "Shared:</span> 1 waits" in program.get("/").text
    assert json.loads(program.get("/changes").text)["waiting"] == 1
    assert "1 waits" not in owner.let_in("Inside", "viewer").get("/").text
    assert "waiting" not in owner.let_in("Not asked", "viewer").get("/changes").text
    owner.do("refuse", id=owner.id_of("At the door"))
    assert ">Shared<" in program.get("/").text
    refused = device.get("/_desktop/join")
    assert "The owner said no" in refused.text
    assert "Max-Age=0" in refused.headers["cookies"]


def test_a_device_leaves_by_itself(ours: tuple[Program, Owner]) -> None:
    device = ours[1].let_in("On a visit", "viewer")
    assert device.post("/_desktop/leave").status == 303
    assert device.get("/").status == 303
    assert "On a visit" not in ours[1].page()


def test_an_open_page_of_a_device_is_seen_and_is_not_taken_for_the_owners(
    ours: tuple[Program, Owner],
) -> None:
    device = ours[1].let_in("Counter", "viewer")
    headers = {"Origin": device.origin, "Content-Type": "text/plain"}
    assert device.ask("POST", "/_desktop/presence", "hello a 1", headers).status == 204
    assert ">has a page open<" in ours[1].page()
    assert device.ask("POST", "/_desktop/presence", "goodbye a 2", headers).status == 204
    assert ">has a page open<" not in ours[1].page()


def test_a_phone_can_put_it_on_its_home_screen(ours: tuple[Program, Owner]) -> None:
    device = Device(ours[1].origin)
    told = device.get("/_desktop/manifest.webmanifest")
    assert told.headers["content-type"] == "application/manifest+json"
    said = json.loads(told.text)
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    for icon in said["icons"]:
        assert size_of(device, icon["src"]) == icon["sizes"]
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    # The same on the page that asks for the code, and on every page from then on.
    joined = ours[1].let_in("With an icon", "viewer")
    for page in (device.get("/_desktop/join"), joined.get("/"), joined.get("/tables/Books")):
        assert '<link rel="manifest" href="/_desktop/manifest.webmanifest" crossorigin' in page.text
        found = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page.text)
        assert found is not None
        assert size_of(device, found[1]) == "180x180"
    # What it opens is there again after it was closed.
    assert joined.get(said["start_url"]).status == 200
    assert "manifest" not in ours[0].get("/").text


def size_of(device: Device, address: str) -> str:
    """Of a PNG, by its first bytes; http.client gave them as text."""
    name, _, port = device.host.partition(":")
    asking = http.client.HTTPConnection(name, int(port), timeout=LIMIT)
    asking.request("GET", address)
    answer = asking.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    data = answer.read()
    asking.close()
    return f"{int.from_bytes(data[16:20])}x{int.from_bytes(data[20:24])}"


def test_a_script_that_has_not_joined_gets_no_page(ours: tuple[Program, Owner]) -> None:
    device = Device(ours[1].origin)
    answer = device.ask("GET", "/changes", headers={"Accept": "application/json"})
    assert answer.status == 403


def test_a_device_that_waits_corrects_its_name_on_its_page(ours: tuple[Program, Owner]) -> None:
    owner = ours[1]
    device = owner.device()
    assert device.join(owner.code, "Ana’s fone").status == 303
    assert "/_desktop/join?rename" in device.get("/_desktop/join").text
    page = device.get("/_desktop/join?rename").text
    assert 'value="Ana’s fone"' in page
    assert "http-equiv" not in page, "it would go away under the hands"
    answer = device.post("/_desktop/join", {"rename": "1", "name": ""})
    assert (answer.status, "Give this device a name" in answer.text) == (422, True)
    assert device.post("/_desktop/join", {"rename": "1", "name": "Anna’s phone"}).status == 303
    assert "Anna’s phone" in device.get("/_desktop/join").text
    assert "Ana’s fone" not in owner.page()
    owner.do("refuse", id=owner.id_of("Anna’s phone"))


def test_a_device_that_was_ended_is_told_so_where_it_joins_anew(
    ours: tuple[Program, Owner],
) -> None:
    owner = ours[1]
    device = owner.let_in("Lent", "viewer")
    owner.do("end", id=owner.id_of("Lent"))
    assert device.get("/").headers["location"] == "/_desktop/join"
    assert "its access was ended" in device.get("/_desktop/join").text
    assert "its access was ended" not in owner.device().get("/_desktop/join").text


def test_the_input_that_is_wrong_is_marked_and_has_the_keyboard(
    ours: tuple[Program, Owner],
) -> None:
    owner = ours[1]
    device = owner.device()
    page = device.post("/_desktop/join", {"code": "x", "name": "Fresh"}).text
    wrong = re.findall(r'<input id="(\w+)"[^>]*aria-invalid="true"[^>]*autofocus', page)
    assert wrong == ["code"]
    page = device.post("/_desktop/join", {"code": owner.code, "name": "\u3164"}).text
    wrong = re.findall(r'<input id="(\w+)"[^>]*aria-invalid="true"[^>]*autofocus', page)
    assert wrong == ["called"]
