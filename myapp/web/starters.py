"""Tables that are ready to be filled, made by one press: what ordinary people keep."""

from typing import NamedTuple

from myapp.store import CreateTable, Database, Kind, Limits, NewField

TEXT, DATE = Kind.TEXT, Kind.DATE
PRIORITIES = Limits(("High", "Normal", "Low"))
STATES = Limits(("Open", "In progress", "Waiting", "Done"))
PAID_WITH = Limits(("Cash", "Card", "Transfer", "Direct debit"))


class Starter(NamedTuple):
    """`words` say what the table is for."""

    name: str
    words: str
    fields: tuple[NewField, ...]


STARTERS = {
    "contacts": Starter(
        "Contacts",
        "People with their addresses, telephone numbers and birthdays.",
        (
            NewField("First name", TEXT),
            NewField("Last name", TEXT, required=True),
            NewField("Email", Kind.EMAIL),
            NewField("Telephone", Kind.PHONE),
            NewField("Company", TEXT),
            NewField("Street", TEXT),
            NewField("Postal code", TEXT),
            NewField("Town", TEXT),
            NewField("Website", Kind.WEB),
            NewField("Birthday", DATE),
            NewField("Notes", Kind.LONG),
        ),
    ),
    "inventory": Starter(
        "Inventory",
        "What you own: where it is, what it cost, how much of it there is.",
        (
            NewField("Item", TEXT, required=True),
            NewField("Category", TEXT),
            NewField("Place", TEXT),
            NewField("Quantity", Kind.INTEGER, required=True, default="1"),
            NewField("Price", Kind.MONEY),
            NewField("Bought", DATE),
            NewField("Warranty until", DATE),
            NewField("Serial number", TEXT),
            NewField("Notes", Kind.LONG),
        ),
    ),
    "expenses": Starter(
        "Expenses",
        "What was paid, when, for what and by whom.",
        (
            NewField("Date", DATE, required=True, default="today"),
            NewField("What for", TEXT, required=True),
            NewField("Category", TEXT),
            NewField("Amount", Kind.MONEY),
            NewField("Paid by", TEXT),
            NewField("Paid with", Kind.CHOICE, limits=PAID_WITH),
            NewField("Refunded", Kind.BOOLEAN, default="no"),
            NewField("Notes", Kind.LONG),
        ),
    ),
    "library": Starter(
        "Library",
        "Books, films or records: read or not, and lent to whom.",
        (
            NewField("Title", TEXT, required=True),
            NewField("Author", TEXT),
            NewField("Year", Kind.INTEGER),
            NewField("Genre", TEXT),
            NewField("ISBN", TEXT, unique=True),
            NewField("Read", Kind.BOOLEAN, default="no"),
            NewField("Rating", Kind.INTEGER, limits=Limits((), 1, 5)),
            NewField("Lent to", TEXT),
            NewField("Notes", Kind.LONG),
        ),
    ),
    "tasks": Starter(
        "Tasks",
        "What is to be done, until when, and what is done already.",
        (
            NewField("Task", TEXT, required=True),
            NewField("Project", TEXT),
            NewField(
                "Priority",
                Kind.CHOICE,
                default="Normal",
                limits=PRIORITIES,
                colours=("red", "blue", "grey"),
            ),
            NewField("Due", DATE),
            NewField(
                "Status",
                Kind.CHOICE,
                required=True,
                default="Open",
                limits=STATES,
                colours=("blue", "amber", "purple", "green"),
            ),
            NewField("Added", DATE, default="today"),
            NewField("Notes", Kind.LONG),
        ),
    ),
}


def make_starter(database: Database, starter: Starter) -> str:
    """Make the table under a name that is free; gives the name."""
    name = database.table_name_for(starter.name)
    database.apply(CreateTable(name, starter.fields))
    return name
