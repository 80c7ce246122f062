"""Listing a folder: what is shown, what is left out, and what never hangs."""

import os
import sqlite3
import sys
import threading
import time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from myapp.web import folders
from myapp.web.folders import (
    FolderClosed,
    FolderGone,
    FolderUnreadable,
    Listing,
    NotAFolder,
    read_folder,
    what_is,
)
from myapp.web.paths import crumbs, given_path, readable, values_of
from myapp.web.patience import MOST_WAITING, NoAnswer, Patience
from myapp.web.places import drives_of, folders_of, parse_user_dirs, plugged_in
from tests.conftest import LIMIT, wait_until

posix = pytest.mark.skipif(os.name != "posix", reason="names of bytes, pipes and links")


def make_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()


def read(folder: Path, **asked: Any) -> Listing:
    return read_folder(folder, (".csv", ".xlsx"), **asked)


def names(listing: Listing) -> list[str]:
    return [each.name for each in listing.entries]


def test_folders_come_first_then_databases_and_what_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "zoo").mkdir()
    make_database(tmp_path / "without an ending")
    for name in ("b.CSV", "a.gpkg", "C.db3", "picture.jpg", "a.sqlite-wal"):
        (tmp_path / name).write_bytes(b"SQLite format 4\0")
    listing = read(tmp_path)
    assert [(each.name, each.kind) for each in listing.entries] == [
        ("zoo", "folder"),
        ("a.gpkg", "database"),
        ("b.CSV", "import"),
        ("C.db3", "database"),
        ("without an ending", "database"),
    ]
    assert listing.others == 2
    assert [each.size for each in listing.entries[:2]] == [None, 16]


def test_the_newest_comes_first_by_date(tmp_path: Path) -> None:
    for number, name in enumerate(("old.db", "new.db", "middle.db")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, [1_000, 3_000, 2_000][number]))
    assert names(read(tmp_path, order="date")) == ["new.db", "middle.db", "old.db"]


def test_hidden_ones_are_counted_and_shown_when_asked_for(tmp_path: Path) -> None:
    for name in (".secret.db", "~$open.xlsx", "shown.db"):
        (tmp_path / name).touch()
    assert names(read(tmp_path)) == ["shown.db"]
    assert read(tmp_path).hidden == 2
    assert names(read(tmp_path, hidden=True)) == [".secret.db", "shown.db", "~$open.xlsx"]


def test_a_part_of_a_name_finds_its_entries_whatever_the_case(tmp_path: Path) -> None:
    for name in ("Straße.db", "STRASSE.csv", "other.db"):
        (tmp_path / name).touch()
    assert names(read(tmp_path, words="strasse")) == ["STRASSE.csv", "Straße.db"]


def test_a_long_folder_is_cut_and_says_how_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MOST", 3)
    for number in range(7):
        (tmp_path / f"{number}.db").touch()
    listing = read(tmp_path)
    assert (names(listing), listing.found) == (["0.db", "1.db", "2.db"], 7)
    assert names(read(tmp_path, words="6")) == ["6.db"]


def test_where_time_is_over_files_are_not_looked_into_and_that_is_told(tmp_path: Path) -> None:
    make_database(tmp_path / "plain")
    listing = read(tmp_path, longest_look=-1)
    assert (names(listing), listing.unsure, listing.others) == ([], True, 1)


@pytest.mark.slow
def test_fifty_thousand_entries_are_less_than_a_second_of_work(tmp_path: Path) -> None:
    for number in range(50_000):
        (tmp_path / f"file {number}{'.db' if number % 2 else '.other'}").touch()
    # Of this thread alone: what else the machine is at does not count.
    began = time.thread_time()
    assert read(tmp_path, order="date").found == 25_000
    assert time.thread_time() - began < 1


@posix
def test_no_more_than_sixteen_bytes_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_database(tmp_path / "plain")
    read_bytes, asked = os.read, []
    monkeypatch.setattr(os, "read", lambda n, most: asked.append(most) or read_bytes(n, most))
    assert names(read(tmp_path)) == ["plain"]
    assert asked == [16]


@posix
def test_pipes_circles_and_broken_links_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "broken.db").symlink_to("nowhere")
    (tmp_path / "around").symlink_to(tmp_path)
    assert names(read(tmp_path)) == ["around"]
    assert names(read(tmp_path / "around" / "around")) == ["around"]
    assert what_is(tmp_path / "pipe") is what_is(tmp_path / "circle") is None


@posix
def test_a_name_that_is_no_text_is_found(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.db")).touch()
    assert [readable(each) for each in names(read(tmp_path))] == ["a\ufffd.db"]


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file.db").touch()
    for path, error in (
        (tmp_path / "none", FolderGone),
        (tmp_path / "file.db", NotAFolder),
        (tmp_path / ("x" * 5000), FolderUnreadable if os.name == "posix" else FolderGone),
    ):
        with pytest.raises(error) as told:
            read(path)
        assert "Go on from another place." in told.value.sentence


def test_a_closed_folder_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(FolderClosed):
        read(tmp_path)


def test_what_hangs_is_asked_once_and_given_up() -> None:
    patience, free, asked = Patience(), threading.Event(), []

    def hang() -> str:
        asked.append(1)
        free.wait(LIMIT)
        return "there"

    try:
        for _ in range(3):
            with pytest.raises(NoAnswer):
                patience.within(0.01, "drive", hang)
        wait_until(lambda: asked)
        assert len(asked) == 1
        for number in range(MOST_WAITING - 1):
            with pytest.raises(NoAnswer):
                patience.within(0.001, number, hang)
        with pytest.raises(NoAnswer):
            patience.within(LIMIT, "one too many", hang)
        wait_until(lambda: len(asked) == MOST_WAITING)
    finally:
        free.set()
    assert patience.within(LIMIT, "drive", hang) == "there"
    with pytest.raises(ZeroDivisionError):
        patience.within(LIMIT, "an error is handed on", lambda: 1 // 0)


@pytest.mark.parametrize(
    "path",
    [
        PurePosixPath("/home/ann/shop.db"),
        PurePosixPath("/home/ann/quo\"te's <b>.db"),
        PurePosixPath("/a/new\nline.db"),
        PurePosixPath("/a/ends with a space "),
        PurePosixPath('/a/ends with a mark"'),
        PurePosixPath("/a/👨‍👩‍👧.db"),
        pytest.param(
            PurePosixPath(os.fsdecode(b"/a/\xff\xfe.db")),
            marks=pytest.mark.skipif(sys.platform == "win32", reason="names of bytes"),
        ),
        PureWindowsPath("C:\\Users\\Ann\\shop.db"),
        PureWindowsPath("\\\\server\\share\\shop.db"),
    ],
    ids=ascii,
)
def test_a_path_comes_back_from_a_form_as_it_went(path: PurePosixPath) -> None:
    """Forms turn line breaks into two letters, and what is typed has its ends stripped."""
    values = values_of(path)
    # As the browser does.
    sent = {key: text.replace("\n", "\r\n").encode().decode() for key, text in values.items()}
    assert str(given_path(sent)) == str(path)


@pytest.mark.parametrize(
    "values", [{}, {"path": ' "" '}, {"path": "a\0b"}, {"coded": "%%%"}, {"coded": "AA=="}]
)
def test_what_is_no_path_is_none(values: dict[str, str]) -> None:
    assert given_path(values) is None


def test_crumbs_of_windows_begin_with_the_drive_or_the_share() -> None:
    assert [name for name, _ in crumbs(PureWindowsPath("C:\\Users\\Ann"))] == [
        "C:\\",
        "Users",
        "Ann",
    ]
    shared = crumbs(PureWindowsPath("\\\\server\\share\\a"))
    assert [name for name, _ in shared] == ["\\\\server\\share\\", "a"]
    assert str(shared[0][1]) == "\\\\server\\share\\"
    assert [str(path) for _, path in crumbs(PurePosixPath("/a/b"))] == ["/", "/a", "/a/b"]


def test_a_readable_name_keeps_emoji_and_loses_what_turns_the_order() -> None:
    assert readable("👨‍👩‍👧 a\xa0b") == "👨‍👩‍👧 a b"
    assert readable("a\u202ebd.exe\n\udcff") == "a\ufffdbd.exe\ufffd\ufffd"


def test_the_drives_of_windows_are_named_by_their_letters() -> None:
    assert [(each.label, str(each.path)) for each in drives_of(0b1000_1100)] == [
        ("C:", "C:\\"),
        ("D:", "D:\\"),
        ("H:", "H:\\"),
    ]


def test_what_is_plugged_in_is_a_place() -> None:
    listed = (
        "/dev/sda1 / ext4 rw 0 0\n"
        "/dev/sdb1 /media/ann/My\\040Stick vfat rw 0 0\n"
        "/dev/sdb1 /media/ann/My\\040Stick vfat rw 0 0\n"
        "gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0\n"
        "half a line\n"
    )
    assert [(each.label, str(each.path)) for each in plugged_in(listed)] == [
        ("My Stick", "/media/ann/My Stick"),
        ("Network", "/run/user/1000/gvfs"),
    ]


def test_usual_folders_are_found_under_their_own_names() -> None:
    text = '# made by xdg-user-dirs\nXDG_DESKTOP_DIR="$HOME/Schreibtisch"\nXDG_MUSIC_DIR="/m"\n'
    assert parse_user_dirs(text, Path("/home/ann")) == {"Desktop": Path("/home/ann/Schreibtisch")}


def test_folders_of_files_that_were_open_come_once(tmp_path: Path) -> None:
    files = [str(tmp_path / "a" / "1.db"), str(tmp_path / "b" / "2.db"), str(tmp_path / "a" / "3")]
    assert [each.label for each in folders_of(files)] == ["a", "b"]
