"""Ready-made tables: one press, and the first record can be typed."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.web.starters import STARTERS


@pytest.mark.parametrize("starter", STARTERS)
def test_a_ready_made_table_takes_records_and_goes_by_undo(
    client: FlaskClient, app: Flask, starter: str
) -> None:
    assert f"/new-table/{starter}" in client.get("/new-table").text
    first = client.post(f"/new-table/{starter}").headers["Location"]
    second = client.post(f"/new-table/{starter}").headers["Location"]
    assert (first, second) == (f"/tables/{starter.title()}", f"/tables/{starter.title()}%202")
    opened = app.extensions["workspace"].database()
    table = opened.table(starter)
    needed = {f"f:{field.name}": "x" for field in table.fields if field.required}
    assert client.post(f"{first}/records/new", data=needed).status_code == 303
    record = dict(
        zip((f.name for f in table.fields), opened.record(starter, "1").values, strict=True)
    )
    for rules in opened.fields(starter):
        assert record[rules.field.name] is not None or not (rules.required or rules.default)
    for _ in range(3):
        opened.undo()
    assert opened.tables() == ()


def test_a_table_that_is_not_offered_is_not_made(client: FlaskClient) -> None:
    refused = client.post("/new-table/none", headers={"Accept": "text/html"})
    assert (refused.status_code, "no ready-made table" in refused.text) == (400, True)
