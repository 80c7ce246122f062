"""The kinds of field that a person can choose, and what they are called."""

from myapp.store import Kind

KIND_NAMES = {
    Kind.TEXT: "text",
    Kind.LONG: "long text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.MONEY: "money",
    Kind.BOOLEAN: "yes/no",
    Kind.DATE: "date",
    Kind.DATETIME: "date and time",
    Kind.CHOICE: "choice, one",
    Kind.CHOICES: "choice, several",
    Kind.WEB: "web address",
    Kind.EMAIL: "e-mail",
    Kind.PHONE: "phone",
}
KINDS = tuple(KIND_NAMES)
IMPORTED = tuple(each for each in KINDS if each not in (Kind.CHOICE, Kind.CHOICES))
"""Of a table that an import makes: which choices there are is not known before."""


def read_kind(text: str) -> Kind:
    return Kind(text) if text in {kind.value for kind in KINDS} else Kind.TEXT
