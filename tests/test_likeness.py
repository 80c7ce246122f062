"""Names that could pass for another one."""

import pytest

from myapp.likeness import likeness, misleads


@pytest.mark.parametrize(
    "name",
    [
        "Anna’s phone",
        "Till 2",
        "Zoë",
        "Zoe\u0308",
        "Ольга",
        "Телефон Anna",
        "अनिता",
        "สมชาย",
        "李雷",
        "김철수",
    ]
    + ["Кафе-2", "Anna ❤️", "Αθηνά", "أحمد", "O’Brien", "x²", "5 µm"],
)
def test_a_name_as_people_write_it_misleads_nobody(name: str) -> None:
    assert not misleads(name)


@pytest.mark.parametrize(
    "name",
    ["Olga\u3164", "\u115fOlga", "Ol\uffa0ga", "Olga\u2800", "Olga\u034f", "Olga\u200b"]
    + ["Olga\u202e", "\u041elga", "Olg\u0430", "\u0391nna"]
    + ["O\u0301\u0301\u0301\u0301lga", "\u0301Olga"],
)  # fmt: skip
def test_a_name_with_what_cannot_be_seen_or_told_apart_does(name: str) -> None:
    assert misleads(name)


@pytest.mark.parametrize(
    "other", ["OLGA", " olga ", "Ｏｌｇａ", "olga\ufe0f", "𝐎lga"], ids=ascii
)  # fmt: skip
def test_names_that_look_alike_are_one(other: str) -> None:
    assert likeness(other) == likeness("Olga")
    assert likeness("Olga") != likeness("Olgа") != likeness("Olaf")
