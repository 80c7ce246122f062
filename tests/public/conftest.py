"""A public deployment with its own data file, and browsers of people who sign in."""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from myapp.accounts import Account, Costs, Role
from myapp.public import create_app
from myapp.public.accounts_of import Accounts
from myapp.public.preparing import prepare_data

# A server runs on Unix alone: its files are kept from others by their rights.
collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []

SECRET = "b3f1c07a9de84455a1c0f2e7d6b8901234cafe5678"
ADDRESS = "https://tables.test"
PROXY = "10.0.0.5"
PASSWORD = "seven green bicycles"
CHEAP = Costs(1, 8, 1)


@pytest.fixture(autouse=True)
def patient(patient: None) -> None:
    """In all tests here."""


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Browser:
    """Keeps cookies, sends what browsers send, through the trusted proxy."""

    app: Flask
    address: str = "203.0.113.7"
    token: str = ""
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.app.wsgi_app)

    def open(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {
            "X-Forwarded-For": self.address,
            "X-Forwarded-Proto": "https",
            "Accept": "text/html",
            **({"Origin": ADDRESS} if method == "POST" else {}),
            **more.pop("headers", {}),
        }
        headers = {name: value for name, value in headers.items() if value is not None}
        more.setdefault("environ_overrides", {"REMOTE_ADDR": PROXY})
        more.setdefault("base_url", ADDRESS)
        return self.client.open(path, method=method, headers=headers, buffered=True, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.open("GET", path, **more)
        found = re.search(r'desktop-token" content="([^"]*)"', answer.get_data(as_text=True))
        if found:
            self.token = found[1]
        return answer

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.open("POST", path, data={"_token": self.token, **(form or {})}, **more)

    def send(self, path: str, body: Any, **more: Any) -> TestResponse:
        """As the page's scripts do."""
        headers = {"X-Desktop-Token": self.token, "Accept": "application/json"}
        return self.open("POST", path, json=body, headers=headers, **more)

    def sign_in(self, name: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"name": name, "password": password, **more})
        if answer.status_code == 303:
            self.get("/account")
        return answer

    def cookie(self, name: str = "__Host-myapp") -> str:
        found = self.client.get_cookie(name, "tables.test")
        return found.value if found else ""


@dataclass
class Deployment:
    app: Flask
    clock: Clock
    folder: Path

    @property
    def rooms(self) -> Accounts:
        rooms: Accounts = self.app.extensions["accounts"]
        return rooms

    def account(self, name: str, role: Role) -> Account:
        return self.rooms.people.add(name, PASSWORD, role)

    def browser(self, address: str = "203.0.113.7") -> Browser:
        return Browser(self.app, address)

    def signed_in(self, name: str, role: Role) -> Browser:
        self.account(name, role)
        browser = self.browser()
        assert browser.sign_in(name).status_code == 303
        return browser


def environment(data: Path, **more: str) -> dict[str, str]:
    return {
        "MYAPP_DATA": str(data),
        "MYAPP_SECRET": SECRET,
        "MYAPP_ADDRESS": ADDRESS,
        "MYAPP_PROXIES": PROXY,
        **more,
    }


Deploy = Callable[..., Deployment]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "tables.sqlite"
    prepare_data(path)
    return path


@pytest.fixture
def deploy(data: Path) -> Iterator[Deploy]:
    """Further settings are given by name; one of None is left out."""
    made: list[Flask] = []

    def start(**more: str | None) -> Deployment:
        given = {**environment(data), **more}
        clock = Clock()
        app = create_app(
            {name: value for name, value in given.items() if value is not None},
            clock=clock,
            costs=CHEAP,
        )
        made.append(app)
        return Deployment(app, clock, data.parent)

    yield start
    for app in made:
        app.extensions["close"]()


@pytest.fixture
def public(deploy: Deploy) -> Deployment:
    return deploy()


@pytest.fixture
def owner(public: Deployment) -> Browser:
    return public.signed_in("Olga", Role.OWNER)
