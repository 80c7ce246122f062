"""Codes, those who wait, and devices: with a clock of our own."""

import json
from pathlib import Path

import pytest

from myapp.desktop.devices import Devices, clean_name
from myapp.desktop.joining import (
    CODE_SECONDS,
    MOST_WAITING,
    WAIT_SECONDS,
    WRONG_OF_A_PEER,
    WRONG_OF_ALL,
    WRONG_SECONDS,
    Joining,
    JoinRefused,
)

DAY = 24 * 3600


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def devices(tmp_path: Path, clock: Clock) -> Devices:
    return Devices(tmp_path / "devices.json", clock)


@pytest.fixture
def joining(devices: Devices, clock: Clock) -> Joining:
    return Joining(devices, clock)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_has_six_digits_and_stays_until_it_is_used(joining: Joining) -> None:
    code = joining.code()
    assert len(code) == 6
    assert code.isdigit()
    assert joining.code() == code
    joining.ask(f"{code[:3]} {code[3:]}", "Anna", "10.0.0.2")
    with pytest.raises(JoinRefused):
        joining.ask(code, "Bob", "10.0.0.3")


def test_a_code_ends_after_five_minutes(joining: Joining, clock: Clock) -> None:
    code = joining.code()
    clock.now += CODE_SECONDS
    with pytest.raises(JoinRefused):
        joining.ask(code, "Anna", "10.0.0.2")


@pytest.mark.parametrize("code", ["", " ", "000000", "é", "1" * 100])
def test_before_a_code_is_made_none_fits(joining: Joining, code: str) -> None:
    with pytest.raises(JoinRefused):
        joining.ask(code, "Anna", "10.0.0.2")


def test_a_peer_that_guesses_waits_even_with_the_right_code(joining: Joining, clock: Clock) -> None:
    code = joining.code()
    for _ in range(WRONG_OF_A_PEER):
        with pytest.raises(JoinRefused):
            joining.ask(wrong(code), "Eve", "10.0.0.66")
    with pytest.raises(JoinRefused, match="Too many"):
        joining.ask(code, "Eve", "10.0.0.66")
    assert joining.ask(code, "Anna", "10.0.0.2")
    clock.now += WRONG_SECONDS
    assert joining.ask(joining.code(), "Eve", "10.0.0.66")


def test_many_peers_that_guess_end_the_code_for_everybody(joining: Joining) -> None:
    code = joining.code()
    for number in range(WRONG_OF_ALL):
        with pytest.raises(JoinRefused):
            joining.ask(wrong(code), "Eve", f"10.0.1.{number}")
    with pytest.raises(JoinRefused, match="Too many"):
        joining.ask(code, "Anna", "10.0.0.2")
    assert joining.current == ""


def test_a_confirmed_device_fetches_its_session_once(joining: Joining, devices: Devices) -> None:
    secret = joining.ask(joining.code(), "Anna", "10.0.0.2")
    assert joining.fetch(secret) is None
    joining.confirm(joining.waiting()[0].id, "editor")
    token = joining.fetch(secret)
    assert token is not None
    assert token != secret
    assert joining.fetch(secret) is None
    found = devices.find(token)
    assert found is not None
    assert (found.name, found.role) == ("Anna", "editor")
    assert devices.find(secret) is None


def test_one_that_was_refused_or_waited_too_long_gets_none(
    joining: Joining, devices: Devices, clock: Clock
) -> None:
    secret = joining.ask(joining.code(), "Anna", "10.0.0.2")
    joining.refuse(joining.waiting()[0].id)
    assert joining.fetch(secret) is None
    secret = joining.ask(joining.code(), "Anna", "10.0.0.2")
    waiting = joining.waiting()[0]
    clock.now += WAIT_SECONDS
    joining.confirm(waiting.id, "owner")
    assert joining.fetch(secret) is None
    assert devices.all() == []


def test_two_devices_cannot_have_the_same_name(joining: Joining) -> None:
    joining.ask(joining.code(), "Anna", "10.0.0.2")
    code = joining.code()
    with pytest.raises(JoinRefused, match="Another device"):
        joining.ask(code, "  ANNA ", "10.0.0.3")
    joining.confirm(joining.waiting()[0].id, "viewer")
    with pytest.raises(JoinRefused, match="Another device"):
        joining.ask(code, "anna", "10.0.0.3")
    assert joining.ask(code, "Bob", "10.0.0.3")


def test_few_can_wait_at_once(joining: Joining) -> None:
    for number in range(MOST_WAITING):
        joining.ask(joining.code(), f"Device {number}", "10.0.0.2")
    with pytest.raises(JoinRefused, match="Too many devices"):
        joining.ask(joining.code(), "One more", "10.0.0.3")


@pytest.mark.parametrize("name", ["", "  ", "a" * 41, "Anna\u202egnp", "A\0", "zero\u200bwidth"])
def test_a_name_that_could_mislead_is_refused(joining: Joining, name: str) -> None:
    with pytest.raises(JoinRefused):
        joining.ask(joining.code(), name, "10.0.0.2")
    assert clean_name("  Anna’s   phone ") == "Anna’s phone"


def test_the_file_holds_no_session_and_brings_known_devices_back(
    devices: Devices, clock: Clock
) -> None:
    token = devices.add("Anna", "viewer")
    assert token not in devices.path.read_text("utf-8")
    again = Devices(devices.path, clock)
    found = again.find(token)
    assert found is not None
    assert found.name == "Anna"
    assert again.find(found.mark) is None


def test_a_device_that_stays_away_is_forgotten(devices: Devices, clock: Clock) -> None:
    token = devices.add("Anna", "viewer")
    for _ in range(4):
        clock.now += 20 * DAY
        assert Devices(devices.path, clock).find(token) is not None
    clock.now += 61 * DAY
    assert devices.find(token) is None
    assert Devices(devices.path, clock).find(token) is None


def test_an_ended_device_is_ended_at_once_and_after_a_restart(
    devices: Devices, clock: Clock
) -> None:
    token = devices.add("Anna", "owner")
    devices.end(devices.all()[0].id)
    assert devices.find(token) is None
    assert Devices(devices.path, clock).find(token) is None


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", "null", '[{"id": "1"}]', "\udcff", "[" * 100_000]
)
def test_a_broken_file_lets_nobody_in_and_stops_nothing(
    tmp_path: Path, clock: Clock, content: str
) -> None:
    path = tmp_path / "devices.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    assert Devices(path, clock).all() == []


def test_a_file_that_others_may_write_lets_nobody_in(devices: Devices, clock: Clock) -> None:
    token = devices.add("Anna", "owner")
    devices.path.chmod(0o666)
    assert Devices(devices.path, clock).find(token) is None


def test_a_role_that_was_written_into_the_file_by_hand_must_be_one(
    devices: Devices, clock: Clock
) -> None:
    token = devices.add("Anna", "viewer")
    told = json.loads(devices.path.read_text("utf-8"))
    told[0]["role"] = "admin"
    devices.path.write_text(json.dumps(told), "utf-8")
    assert Devices(devices.path, clock).find(token) is None


def test_what_joined_without_encryption_joins_anew_with_it(tmp_path: Path, clock: Clock) -> None:
    """Its session may have been overheard; by its name it takes its own place."""
    path = tmp_path / "devices.json"
    heard = Devices(path, clock).add("Till", "owner")
    other = Devices(path, clock).add("Other", "viewer")
    devices = Devices(path, clock, secure=True)
    assert devices.find(heard) is None
    joining = Joining(devices, clock)
    joining.ask(joining.code(), "till", "10.0.0.2")
    (asking,) = joining.waiting()
    joining.confirm(asking.id, "viewer")
    assert [(each.name, each.role, each.secure) for each in devices.all()] == [
        ("Other", "viewer", False),
        ("till", "viewer", True),
    ]
    with pytest.raises(JoinRefused, match="Another device is called"):
        joining.ask(joining.code(), "Till", "10.0.0.3")
    plain = Devices(path, clock)
    assert plain.find(heard) is None
    assert plain.find(other) is not None


def test_devices_that_an_older_version_kept_joined_without_encryption(
    tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "devices.json"
    token = Devices(path, clock).add("Till", "editor")
    kept = json.loads(path.read_text("utf-8"))
    assert kept[0].pop("secure") is False
    path.write_text(json.dumps(kept), "utf-8")
    assert Devices(path, clock).find(token) is not None
    assert Devices(path, clock, secure=True).find(token) is None


@pytest.mark.parametrize("name", ["Anna\u3164", "\u0410nna", "\u2800"])
def test_a_name_that_looks_like_another_one_is_refused(joining: Joining, name: str) -> None:
    with pytest.raises(JoinRefused, match="one alphabet"):
        joining.ask(joining.code(), name, "10.0.0.2")


def test_one_that_waits_corrects_its_name_and_a_yes_to_the_old_one_is_none(
    joining: Joining, devices: Devices
) -> None:
    joining.ask(joining.code(), "Till", "10.0.0.3")
    secret = joining.ask(joining.code(), "Ana", "10.0.0.2")
    old = joining.waiting()[1].id
    with pytest.raises(JoinRefused, match="Another device is called TILL"):
        joining.rename(secret, "TILL")
    joining.rename(secret, " Anna ")
    assert [each.name for each in joining.waiting()] == ["Till", "Anna"]
    joining.confirm(old, "owner")
    assert devices.all() == []
    joining.confirm(joining.waiting()[1].id, "viewer")
    joining.rename(secret, "Boss")
    assert joining.fetch(secret)
    assert [each.name for each in devices.all()] == ["Anna"]


def test_a_secret_that_is_none_renames_nobody(joining: Joining) -> None:
    joining.ask(joining.code(), "Anna", "10.0.0.2")
    joining.rename("guess", "Boss")
    assert [each.name for each in joining.waiting()] == ["Anna"]
