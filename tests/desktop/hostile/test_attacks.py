"""Hostile requests over raw sockets: each refused, each beside an honest one that is accepted."""

import json

import pytest

from tests.conftest import LIMIT, Program

from . import addresses, forms, origins, published, sessions
from .attack import CHANGE, NOTHING, PAGE, Attack, seen, send

ATTACKS = [
    *addresses.ATTACKS,
    *forms.ATTACKS,
    *origins.ATTACKS,
    *sessions.ATTACKS,
    *published.ATTACKS,
]
REFUSED = [each for each in ATTACKS if not each.harmless]
HARMLESS = [each for each in ATTACKS if each.harmless]


@pytest.mark.parametrize("attack", REFUSED, ids=str)
def test_it_is_refused_and_nothing_reaches_the_application(probe: Program, attack: Attack) -> None:
    honest = send(probe, attack.honest)
    assert honest.statuses == [200], "the honest request must be accepted"
    before = seen(probe)
    patience = 0.4 if attack.status == NOTHING else LIMIT
    reply = send(probe, attack.hostile, patience=patience)
    assert reply.statuses == ([] if attack.status == NOTHING else [attack.status])
    assert "treasure" not in reply.text
    assert seen(probe) == before


@pytest.mark.parametrize("attack", HARMLESS, ids=str)
def test_it_is_answered_and_changes_nothing_of_what_the_application_sees(
    probe: Program, attack: Attack
) -> None:
    honest = send(probe, attack.honest)
    hostile = send(probe, attack.hostile)
    assert honest.statuses == hostile.statuses == [200]
    assert body(hostile.text) == body(honest.text)


def body(text: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(text.partition("\r\n\r\n")[2])
    return told


def test_every_attack_has_a_name_of_its_own_and_differs_from_the_honest_request() -> None:
    names = [each.name for each in ATTACKS]
    assert len(set(names)) == len(names) >= 140
    for each in ATTACKS:
        hostile = each.hostile if isinstance(each.hostile, str) else each.hostile.text()
        assert hostile != each.honest.text(), each.name


def test_the_program_still_answers_after_all_that(probe: Program) -> None:
    assert send(probe, PAGE).status == 200
    assert send(probe, CHANGE).status == 200
