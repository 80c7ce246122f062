"""A refusal leads back to where the person was, over a real port and through the guard."""

import re

import pytest
from flask import Flask

from tests.conftest import Answer, Program


def refused(program: Program, referer: str) -> Answer:
    """Give the table a name that is not to be had, from the page that `referer` names."""
    return program.ask(
        "POST",
        "/tables/Books/rename",
        f"name=_myapp_x&_token={program.token}",
        {
            "Cookie": program.cookie,
            "Origin": program.origin,
            "Accept": "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": referer.replace("OWN", program.origin),
        },
    )


def test_a_refusal_leads_back_to_the_page_it_came_from(program: Program) -> None:
    program.post("/sample")
    page = refused(program, "OWN/tables/Books?q=a%20b")
    assert page.status == 400
    assert "kept for the program itself" in page.text
    assert re.search(r'href="/tables/Books\?q=a%20b"[^>]*>Go back', page.text)
    assert "To all tables" in page.text


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "http://evil.example/tables/Books",
        "OWN.evil.example/tables/Books",
        "OWN@evil.example/tables/Books",
        "OWN//evil.example/",
        "OWN/\\evil.example/",
        "javascript:alert(1)",
        "OWN/nothing/here",
        "OWN/tables/Books/rename",
    ],
)
def test_no_other_address_becomes_the_way_back(program: Program, referer: str) -> None:
    program.post("/sample")
    page = refused(program, referer)
    assert page.status == 400
    assert "Go back" not in page.text


def test_an_address_writes_no_line_of_its_own_into_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(table: str) -> str:
        raise RuntimeError(table)

    app.view_functions["tables.show"] = fail
    assert app.test_client().get("/tables/a%0aINFO%20forged").status_code == 500
    assert "\n" not in caplog.records[-1].getMessage()
