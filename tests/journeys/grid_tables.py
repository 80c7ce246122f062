"""Tables for the grid's journeys; one program serves a whole test file."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program, running_program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running_program(tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.fixture
def page(blank_page: Page) -> Page:
    """The grid's journeys begin at their table."""
    return blank_page


def make_people(path: Path, count: int) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(
        f"""
        CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo'), (3, 'Lima');
        CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city INTEGER
          REFERENCES city (id), born DATE, active BOOLEAN, big INTEGER, note TEXT, photo BLOB);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO person SELECT i, 'Person ' || i, i % 3 + 1, date('1950-01-01', '+' || i
          || ' days'), i % 2, 9007199254740990 + i, iif(i % 2, NULL, ''),
          iif(i < 1000, zeroblob(12345), NULL) FROM n;
        """
    )
    connection.close()
    return path


def show_people(page: Page, program: Program, path: Path) -> None:
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/person")
    expect(page.locator("#cell-0-1")).to_have_text("Person 1")


@pytest.fixture
def people(page: Page, program: Program, tmp_path: Path) -> Path:
    """A table of 300 people, opened in the page."""
    path = make_people(tmp_path / "people.sqlite", 300)
    show_people(page, program, path)
    return path


def becomes_true(page: Page, expression: str, seconds: float = 20) -> None:
    """Ask until it holds: the page's own policy forbids Playwright's waiting for an expression."""
    end = time.monotonic() + seconds
    while not page.evaluate(f"() => Boolean({expression})"):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(30)


def stored(path: Path, sql: str) -> object:
    """One value as another program finds it in the file."""
    connection = sqlite3.connect(path)
    try:
        found: object = connection.execute(sql).fetchone()[0]
        return found
    finally:
        connection.close()


def run_sql(path: Path, *statements: str) -> None:
    """Change the file as another program does."""
    connection = sqlite3.connect(path)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()
