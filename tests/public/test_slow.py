"""Who sends or reads slowly holds a thread: never so many that others find none."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from myapp.accounts import Role

from .conftest import ADDRESS, PASSWORD, PROXY, Browser, Deploy, Deployment

BODY = b"name=Olga&password=wrong"
FORM = "application/x-www-form-urlencoded"


class Dribble(io.RawIOBase):
    """A body that comes when it is let."""

    def __init__(self) -> None:
        self.begun, self.let, self.body = threading.Event(), threading.Event(), io.BytesIO(BODY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.begun.set()
        assert self.let.wait(20)
        return self.body.readinto(buffer)


@pytest.fixture
def small(deploy: Deploy) -> Deployment:
    """With four threads a process."""
    return deploy(MYAPP_THREADS="4")


@contextmanager
def sending_slowly(path: str, *senders: Browser) -> Iterator[list[TestResponse]]:
    """While these send, and the answers that they got afterwards."""
    answers: list[TestResponse] = []
    bodies = [Dribble() for _ in senders]

    def send(browser: Browser, body: Dribble) -> None:
        sent = {"wsgi.input": body, "CONTENT_LENGTH": str(len(BODY)), "CONTENT_TYPE": FORM}
        given = {"REMOTE_ADDR": PROXY, **sent}
        answers.append(browser.open("POST", path, environ_overrides=given))

    threads = [
        threading.Thread(target=send, args=each) for each in zip(senders, bodies, strict=True)
    ]
    for thread, body in zip(threads, bodies, strict=True):
        thread.start()
        assert body.begun.wait(10), answers
    try:
        yield answers
    finally:
        for body in bodies:
            body.let.set()
        for thread in threads:
            thread.join()


def test_slow_strangers_leave_threads_to_who_works_here(small: Deployment) -> None:
    edgar = small.signed_in("Edgar", Role.EDITOR)
    slow = [small.browser(f"198.51.100.{number}") for number in range(2)]
    late = small.browser("198.51.100.9")
    late.get("/sign-in")
    with sending_slowly("/sign-in", *slow) as answers:
        refused = late.post("/sign-in", {"name": "Edgar", "password": PASSWORD})
        assert refused.status_code == 503
        assert "Try again" in refused.get_data(as_text=True)
        assert edgar.post("/account/sessions/end").status_code == 303
        assert late.get("/sign-in").status_code == 200
    # What they sent was read in the end, and refused for what it was.
    assert [each.status_code for each in answers] == [403, 403]
    assert late.sign_in("Edgar").status_code == 303


def test_one_slow_address_leaves_others_the_door(small: Deployment) -> None:
    small.account("Edgar", Role.EDITOR)
    slow, again, other = (
        small.browser(each) for each in ("2001:db8::1", "2001:db8::2", "192.0.2.1")
    )
    again.get("/sign-in")
    with sending_slowly("/sign-in", slow):
        assert again.post("/sign-in", {"name": "Edgar"}).status_code == 503
        assert other.sign_in("Edgar").status_code == 303


def test_one_slow_reader_of_large_answers_leaves_threads_to_others(small: Deployment) -> None:
    small.app.view_functions["home.standing"] = lambda: b"x" * (3 << 20)
    vera, edgar = small.signed_in("Vera", Role.VIEWER), small.signed_in("Edgar", Role.EDITOR)

    def begin(browser: Browser) -> tuple[str, Any]:
        """Of an answer that is not read on."""
        headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        headers["Cookie"] = f"__Host-myapp={browser.cookie()}"
        asked = EnvironBuilder("/standing", ADDRESS, headers=headers)
        environ = {**asked.get_environ(), "REMOTE_ADDR": PROXY}
        answer, status, _ = run_wsgi_app(small.app.wsgi_app, environ)
        return status, answer

    (first, one), (second, other) = begin(vera), begin(vera)
    assert (first, second) == ("200 OK", "200 OK")
    assert vera.get("/standing").status_code == 503
    assert vera.get("/account").status_code == 200
    assert edgar.get("/standing").status_code == 200
    one.close()
    assert vera.get("/standing").status_code == 200
    other.close()
