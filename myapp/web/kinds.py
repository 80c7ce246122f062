"""The kinds of field that a person can choose, and what they are called."""

from myapp.store import Kind, NewField, name_beside

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
    Kind.BLOB: "file or picture",
}
KINDS = tuple(kind for kind in KIND_NAMES if kind is not Kind.BLOB)
"""What the values of a field can become. A field of files is made as one."""

NEW_KINDS = tuple(KIND_NAMES)
IMPORTED = tuple(each for each in KINDS if each not in (Kind.CHOICE, Kind.CHOICES))
"""Of a table that an import makes: which choices there are is not known before."""


def read_kind(text: str) -> Kind:
    return Kind(text) if text in {kind.value for kind in NEW_KINDS} else Kind.TEXT


def field_beside(field: NewField) -> NewField | None:
    """The field of the names of its files, which is made with a field of files."""
    if field.kind is not Kind.BLOB:
        return None
    return NewField(name_beside(field.name), Kind.TEXT)
