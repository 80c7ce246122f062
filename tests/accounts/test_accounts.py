"""Accounts in a file of their own: passwords, sessions, invitations, counted tries."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.accounts import (
    AccountEnded,
    AccountsFile,
    Costs,
    InvitationOver,
    Invitations,
    LastOwner,
    NameNotFit,
    NameTaken,
    NotSignedIn,
    PasswordNotFit,
    Passwords,
    People,
    Role,
    Sessions,
    SigningIn,
    TooManyTries,
    open_accounts,
)
from myapp.accounts.signing_in import PER_ADDRESS, PER_NAME, WINDOW

PASSWORD = "seven green bicycles"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Rooms:
    def __init__(self, file: AccountsFile) -> None:
        passwords = Passwords(Costs(1, 8, 1))
        self.file = file
        self.people = People(file, passwords)
        self.sessions = Sessions(file, 3_600)
        self.invitations = Invitations(file, self.people)
        self.signing_in = SigningIn(file, self.people, passwords)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(tmp_path: Path, clock: Clock) -> Iterator[Rooms]:
    file = open_accounts(tmp_path / "a.accounts.sqlite", b"k" * 32, clock)
    yield Rooms(file)
    file.close()


def test_the_file_is_for_this_user_alone_and_holds_no_secret(rooms: Rooms) -> None:
    account = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    token = rooms.sessions.begin(account, "1.2.3.4", "Firefox")
    link = rooms.invitations.make(Role.VIEWER, "", 60)
    assert rooms.file.path.stat().st_mode & 0o077 == 0
    held = b"".join(each.read_bytes() for each in rooms.file.path.parent.iterdir())
    for secret in (PASSWORD, token, link):
        assert secret.encode() not in held
    assert b"$argon2id$" in held


def test_names_that_look_alike_are_one(rooms: Rooms) -> None:
    rooms.people.add("Ann Lee", PASSWORD, Role.VIEWER)
    for name in ("ann lee", "ANN  LEE", "Ａnn Lee"):
        with pytest.raises((NameTaken, NameNotFit)):
            rooms.people.add(name, PASSWORD, Role.VIEWER)
    assert rooms.signing_in.sign_in("ANN LEE", PASSWORD, "1.2.3.4").name == "Ann Lee"


@pytest.mark.parametrize("name", ["Ольга", "अनिता", "สมชาย", "Zoe\u0308", "李雷", "o.b-1@x_y"])
def test_names_are_written_in_any_alphabet(rooms: Rooms, name: str) -> None:
    made = rooms.people.add(name, PASSWORD, Role.VIEWER)
    assert rooms.signing_in.sign_in(name, PASSWORD, "1.2.3.4").id == made.id


@pytest.mark.parametrize(
    "name",
    ["", "a", "x" * 61, "<b>", "a\r\nSet-Cookie: x", "-ann", "a\0b", "a\u202eb"]
    + ["Ann\u3164", "\u0410nn", "Ann\ufe0f\u2800"],
)
def test_names_that_could_be_taken_for_something_else_are_refused(rooms: Rooms, name: str) -> None:
    with pytest.raises(NameNotFit):
        rooms.people.add(name, PASSWORD, Role.VIEWER)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 257, "annannann-annann"])
def test_weak_passwords_are_refused(rooms: Rooms, password: str) -> None:
    with pytest.raises(PasswordNotFit):
        rooms.people.add("annann", password, Role.VIEWER)


def test_tries_of_one_name_end_and_begin_again(rooms: Rooms, clock: Clock) -> None:
    rooms.people.add("Ann", PASSWORD, Role.OWNER)
    for number in range(PER_NAME):
        with pytest.raises(NotSignedIn):
            rooms.signing_in.sign_in("Ann", "wrong password", f"1.2.3.{number}")
    with pytest.raises(TooManyTries) as refused:
        rooms.signing_in.sign_in("Ann", PASSWORD, "9.9.9.9")
    assert 0 < refused.value.seconds <= WINDOW
    clock.now += WINDOW
    assert rooms.signing_in.sign_in("Ann", PASSWORD, "9.9.9.9").name == "Ann"


def test_tries_of_one_address_end_whatever_the_names(rooms: Rooms) -> None:
    rooms.people.add("Ann", PASSWORD, Role.OWNER)
    for number in range(PER_ADDRESS):
        with pytest.raises(NotSignedIn):
            rooms.signing_in.sign_in(f"name {number}", "wrong password", f"2001:db8::{number:x}")
    with pytest.raises(TooManyTries):
        rooms.signing_in.sign_in("Ann", PASSWORD, "2001:db8::ffff")
    assert rooms.signing_in.sign_in("Ann", PASSWORD, "2001:db8:0:1::1").name == "Ann"


def test_signing_in_forgets_what_failed_before(rooms: Rooms) -> None:
    rooms.people.add("Ann", PASSWORD, Role.OWNER)
    for _ in range(3):
        for _ in range(PER_NAME - 1):
            with pytest.raises(NotSignedIn):
                rooms.signing_in.sign_in("Ann", "wrong password", "1.1.1.1")
        rooms.signing_in.sign_in("Ann", PASSWORD, "2.2.2.2")
        with rooms.file.writing() as connection:
            who = rooms.file.digest("try address", "1.1.1.1")
            connection.execute("DELETE FROM tries WHERE who = ?", (who,))


def test_many_tries_at_once_are_no_way_round(rooms: Rooms, clock: Clock) -> None:
    """As in several processes: each thread has the file open for itself."""
    rooms.people.add("Ann", PASSWORD, Role.OWNER)
    outcomes: list[str] = []

    def attack() -> None:
        file = AccountsFile(rooms.file.path, b"k" * 32, clock)
        signing_in = Rooms(file).signing_in
        for _ in range(6):
            try:
                signing_in.sign_in("Ann", "wrong password", "1.2.3.4")
            except (NotSignedIn, TooManyTries) as error:
                outcomes.append(type(error).__name__)
        file.close()

    threads = [threading.Thread(target=attack) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("NotSignedIn") == PER_NAME
    assert len(outcomes) == 30


def test_session_ends_with_its_time_and_its_account(rooms: Rooms, clock: Clock) -> None:
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    bob = rooms.people.add("Bob", PASSWORD, Role.OWNER)
    token, other = (rooms.sessions.begin(each, "1.2.3.4", "x") for each in (ann, bob))
    rooms.people.end(bob.id)
    assert rooms.sessions.find(other) is None
    assert rooms.sessions.find(token) is not None
    clock.now += 3_601
    assert rooms.sessions.find(token) is None


def test_role_counts_at_once(rooms: Rooms) -> None:
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    rooms.people.add("Bob", PASSWORD, Role.OWNER)
    token = rooms.sessions.begin(ann, "", "")
    rooms.people.set_role(ann.id, Role.VIEWER)
    found = rooms.sessions.find(token)
    assert found is not None and found.account.role is Role.VIEWER


def test_last_owner_stays(rooms: Rooms) -> None:
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    with pytest.raises(LastOwner):
        rooms.people.set_role(ann.id, Role.EDITOR)
    with pytest.raises(LastOwner):
        rooms.people.end(ann.id)


def test_new_password_ends_the_sessions(rooms: Rooms) -> None:
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    token = rooms.sessions.begin(ann, "", "")
    rooms.people.set_password(ann.id, "eight blue tricycles")
    assert rooms.sessions.find(token) is None
    with pytest.raises(NotSignedIn):
        rooms.signing_in.sign_in("Ann", PASSWORD, "1.2.3.4")


def test_invitation_works_once_and_in_time(rooms: Rooms, clock: Clock) -> None:
    link = rooms.invitations.make(Role.EDITOR, "for Bob", 60)
    assert rooms.invitations.accept(link, "Bob", PASSWORD).role is Role.EDITOR
    late = rooms.invitations.make(Role.OWNER, "", 60)
    clock.now += 61
    for token in (link, late, "", "x" * 500):
        with pytest.raises(InvitationOver):
            rooms.invitations.accept(token, "Carl", PASSWORD)


def test_password_that_changes_while_it_is_checked_begins_no_session(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows the old one and tries without a pause would otherwise outlive the change."""
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    passwords, new = rooms.signing_in.passwords, "eight blue tricycles"
    fits = passwords.fits

    def fits_and_changes(kept: str | None, password: str) -> bool:
        found = fits(kept, password)
        rooms.people.set_password(ann.id, new)
        return found

    with monkeypatch.context() as patched, pytest.raises(NotSignedIn):
        patched.setattr(passwords, "fits", fits_and_changes)
        rooms.signing_in.begin(rooms.sessions, "Ann", PASSWORD, "1.2.3.4", "")
    assert rooms.sessions.of(ann.id) == []
    account, token = rooms.signing_in.begin(rooms.sessions, "Ann", new, "1.2.3.4", "")
    found = rooms.sessions.find(token)
    assert found is not None
    assert found.account == account


def test_refused_invitation_is_not_used_up(rooms: Rooms) -> None:
    rooms.people.add("Ann", PASSWORD, Role.OWNER)
    link = rooms.invitations.make(Role.VIEWER, "", 60)
    with pytest.raises(NameTaken):
        rooms.invitations.accept(link, "ann", PASSWORD)
    with pytest.raises(PasswordNotFit):
        rooms.invitations.accept(link, "Bob", "short")
    assert rooms.invitations.accept(link, "Bob", PASSWORD).name == "Bob"


def test_link_to_a_new_password_leads_to_its_account_alone(rooms: Rooms) -> None:
    ann = rooms.people.add("Ann", PASSWORD, Role.OWNER)
    token = rooms.sessions.begin(ann, "", "")
    first = rooms.invitations.make(Role.VIEWER, "", 60, ann.id)
    second = rooms.invitations.make(Role.VIEWER, "", 60, ann.id)
    with pytest.raises(InvitationOver):
        rooms.invitations.accept(first, "", "eight blue tricycles")
    account = rooms.invitations.accept(second, "somebody else", "eight blue tricycles")
    assert (account.name, account.role) == ("Ann", Role.OWNER)
    assert rooms.sessions.find(token) is None
    rooms.people.add("Bob", PASSWORD, Role.OWNER)
    third = rooms.invitations.make(Role.VIEWER, "", 60, ann.id)
    rooms.people.end(ann.id)
    with pytest.raises((InvitationOver, AccountEnded)):
        rooms.invitations.accept(third, "", "nine red unicycles")
