"""Addresses are built late, and are the same."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import BuildError, Map, Rule

from myapp.web import create_app
from myapp.web.addresses import LateRule, TableName

VALUES = {"table": "Größe ~ a/b", "id": "1", "entry": 7, "job": "x", "filename": "grid/grid.js"}


@pytest.mark.parametrize("with_more", [False, True])
def test_every_page_has_the_address_that_werkzeug_itself_would_build(
    tmp_path: Path, with_more: bool
) -> None:
    ours = create_app(str(tmp_path)).url_map
    plain = Map(
        [
            Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods)
            for rule in ours.iter_rules()
        ],
        converters={"table": TableName},
    )
    # Flask makes the rule for static files before it can be told.
    ours_alone = [rule for rule in ours.iter_rules() if rule.endpoint != "static"]
    assert all(isinstance(rule, LateRule) for rule in ours_alone)
    for rule in plain.iter_rules():
        values = {name: VALUES.get(name, "x") for name in rule.arguments}
        if with_more:
            values["q"] = "é & more"
        built = ours.bind("127.0.0.1").build(rule.endpoint, values)
        assert built == plain.bind("127.0.0.1").build(rule.endpoint, values)


def test_an_address_that_lacks_a_part_is_refused_as_ever(tmp_path: Path) -> None:
    with pytest.raises(BuildError):
        create_app(str(tmp_path)).url_map.bind("127.0.0.1").build("tables.show", {})


def test_conditions_in_groups_are_part_of_an_address(client: FlaskClient) -> None:
    client.post("/sample")

    def found(conditions: object) -> tuple[int, int | None]:
        answer = client.get("/tables/Books/rows", query_string={"filter": json.dumps(conditions)})
        return answer.status_code, (answer.json or {}).get("total")

    emma, dracula = ["Title", "is", "Emma"], ["Title", "is", "Dracula"]
    either = {"any": [emma, dracula, {"all": [emma, dracula]}]}
    assert found([emma]) == (200, 1)
    assert found([either]) == (200, 2)
    assert found([either, ["Title", "starts", "drac"]]) == (200, 1)
    for nonsense in ([{"any": []}], [{"or": [emma]}], [{"any": emma}], {"any": [emma]}, 5):
        assert found(nonsense)[0] == 400
    assert found([{"any": [emma] * 201}])[0] == 422
