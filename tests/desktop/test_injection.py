"""The script in a stranger's page: one, in its head, and every other byte as it was."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.desktop.injection import Injected, is_page_view, takes_script, with_script

ELEMENT = b'<script type="module" src="/_desktop/presence.js"></script>'
PAGES = [
    b"<!doctype html><html><head><title>a</title></head><body>b</body></html>",
    b"\xef\xbb\xbf\n<!-- a note -->\n<!DOCTYPE html>\n<html lang=en>\n<title>a</title>",
    b"<HTML><HEAD profile='x'></HEAD></HTML>",
    b"<!doctype html><p>no head at all",
    b"hello",
    b"<p>a fragment</p>",
    b"<!doctype",
    b"",
]


def sent(pieces: list[bytes]) -> bytes:
    answer = Injected(pieces)
    answer.element = ELEMENT
    return b"".join(answer)


@given(st.sampled_from(PAGES), st.lists(st.integers(0, 80), max_size=8))
def test_however_a_page_is_cut_nothing_but_the_script_is_added(
    page: bytes, cuts: list[int]
) -> None:
    places = [0, *sorted(cuts), len(page)]
    pieces = [page[a:b] for a, b in pairwise(places)]
    got = sent(pieces)
    assert got.replace(ELEMENT, b"", 1) == page
    assert got.count(ELEMENT) == (1 if page else 0)
    doctype = re.search(rb"<!doctype[^>]*>", got, re.IGNORECASE)
    assert doctype is None or doctype.start() < got.index(ELEMENT)


@given(st.lists(st.binary(max_size=12), max_size=6))
def test_nor_in_anything_else(pieces: list[bytes]) -> None:
    assert sent(pieces).replace(ELEMENT, b"", 1) == b"".join(pieces)


def test_the_script_stands_in_the_head() -> None:
    assert sent([PAGES[0]]).startswith(b"<!doctype html><html><head>" + ELEMENT)


def test_a_long_beginning_is_not_held_back_for_ever() -> None:
    answer = Injected(iter([b"<!--" + b" " * 5_000, b"never read"]))
    answer.element = ELEMENT
    assert ELEMENT in next(iter(answer))


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {"Content-Type": "application/json"}),
        ("200 OK", {"Content-Type": "text/html", "Content-Encoding": "gzip"}),
        ("200 OK", {"Content-Type": "text/html; charset=UTF-16"}),
        ("200 OK", {"Content-Type": "text/html", "Content-Disposition": "attachment; filename=a"}),
        ("206 Partial Content", {"Content-Type": "text/html"}),
        ("304 Not Modified", {"Content-Type": "text/html"}),
        ("200 OK", {"Content-Type": "text/html", "Content-MD5": "x"}),
        ("200 OK", {}),
    ],
    ids=str,
)
def test_what_is_no_plain_page_is_left_alone(status: str, headers: dict[str, str]) -> None:
    assert not takes_script(status, list(headers.items()))


@pytest.mark.parametrize("status", ["200 OK", "404 NOT FOUND", "500 INTERNAL SERVER ERROR"])
def test_every_page_that_a_person_may_look_at_takes_it(status: str) -> None:
    assert takes_script(status, [("content-type", "Text/HTML; charset=utf-8")])


def test_a_browsers_navigation_is_told_from_a_script_that_fetches() -> None:
    page = {"REQUEST_METHOD": "GET", "HTTP_ACCEPT": "text/html,*/*"}
    assert is_page_view(page)
    assert is_page_view({**page, "HTTP_SEC_FETCH_DEST": "document"})
    assert not is_page_view({**page, "HTTP_SEC_FETCH_DEST": "empty"})
    assert not is_page_view({**page, "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"})
    assert not is_page_view({**page, "REQUEST_METHOD": "HEAD"})
    assert not is_page_view({"REQUEST_METHOD": "GET", "HTTP_ACCEPT": "application/json"})


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("img-src *", "img-src *"),
        ("default-src https://a.example", "default-src https://a.example; script-src"
         " https://a.example H/_desktop/presence.js; connect-src https://a.example"
         " H/_desktop/presence"),
        ("script-src 'none'; connect-src 'none'",
         "script-src H/_desktop/presence.js; connect-src H/_desktop/presence"),
        ("Script-Src a; script-src 'self'", "script-src a H/_desktop/presence.js"),
        ("script-src-elem a; script-src b", "script-src-elem a H/_desktop/presence.js;"
         " script-src b"),
    ],
)  # fmt: skip
def test_a_policy_opens_for_two_addresses_alone(policy: str, expected: str) -> None:
    headers, _ = with_script([("Content-Security-Policy", policy)], "H")
    assert headers == [("Content-Security-Policy", expected)]


def test_a_page_that_begins_with_hundreds_of_comments_takes_no_longer() -> None:
    page = b"<!-- a -->" * 400 + b"<p>x"
    began = time.thread_time()
    assert sent([page]).replace(ELEMENT, b"", 1) == page
    assert time.thread_time() - began < 5, "it takes a thousandth of a second"
