"""A small sample to play with: books on a shelf, and who wrote them."""

from myapp.store import Database, Kind, NewField

BOOKS = (
    ("Frankenstein", "Mary Shelley", "1818-01-01", 280, "yes"),
    ("Pride and Prejudice", "Jane Austen", "1813-01-28", 432, "yes"),
    ("Emma", "Jane Austen", "1815-12-23", 474, "no"),
    ("Moby-Dick", "Herman Melville", "1851-10-18", 635, "no"),
    ("Middlemarch", "George Eliot", "1871-12-01", 880, "no"),
    ("The Time Machine", "H. G. Wells", "1895-05-07", 118, "yes"),
    ("The War of the Worlds", "H. G. Wells", "1898-01-01", 192, "yes"),
    ("Dracula", "Bram Stoker", "1897-05-26", 418, "yes"),
    ("Les Misérables", "Victor Hugo", "1862-03-30", 1462, "no"),
    ("Anna Karenina", "Leo Tolstoy", "1878-01-01", 864, "no"),
    ("Treasure Island", "Robert Louis Stevenson", "1883-11-14", 292, "yes"),
    ("Jane Eyre", "Charlotte Brontë", "1847-10-16", 532, "yes"),
)
FIELDS = (
    NewField("Title", Kind.TEXT),
    NewField("Author", Kind.TEXT),
    NewField("Published", Kind.DATE),
    NewField("Pages", Kind.INTEGER),
    NewField("Read", Kind.BOOLEAN),
    NewField("Notes", Kind.TEXT),
)


def fill_sample(database: Database) -> str:
    """Make the sample table as one change; gives its name."""
    name = database.table_name_for("Books")
    with database.stage(name, FIELDS) as staging:
        staging.append(
            (title, author, day, pages, int(read == "yes"), None)
            for title, author, day, pages, read in BOOKS
        )
        staging.finish()
    return name
