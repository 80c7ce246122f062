"""The kinds of field that a person can choose, and what they are called."""

from myapp.store import Kind

KIND_NAMES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.BOOLEAN: "yes/no",
    Kind.DATE: "date",
    Kind.DATETIME: "date and time",
}
KINDS = tuple(KIND_NAMES)
