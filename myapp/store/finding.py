"""Find records of one table by the words in its search index. Writes nothing."""

import re
from collections.abc import Sequence
from itertools import islice

import apsw

from .connection import fold, rows_of
from .marking import word_sense
from .schema import Table
from .search_index import SHORT, TOKENIZER, SearchIndex, words_sql
from .values import Value

MOST_WORDS = 10
MOST_TERMS = 50


def words_of(connection: apsw.Connection, text: str) -> list[str]:
    """The words that `text` asks for, as an index has them; none in one of signs alone."""
    tokenizer = connection.fts5_tokenizer(TOKENIZER[0], list(TOKENIZER[1:]))
    raw = fold(text.encode("utf-8", "replace")).encode()
    found = tokenizer(
        raw, apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False, include_colocated=False
    )
    return [str(word) for word in found][:MOST_WORDS]


def find_ids(
    connection: apsw.Connection, index: SearchIndex, words: Sequence[str], most: int
) -> list[int]:
    """At most `most` records that hold all `words`, of which the last may be a beginning."""
    *others, last = (f'"{word}"' for word in words)
    before = "".join(f"{word} AND " for word in others)
    if len(words[-1]) > SHORT:
        # SQLite would first put all lists of words with this beginning together, which takes 70 ms
        # for a word that stands in each of a million records; OR reads no more than is wanted.
        terms = words_beginning(connection, index, words[-1])
        listed = " OR ".join(f'"{term}"' for term in terms)
        ids = match(connection, index, f"{before}({listed})", most) if terms else []
        if len(terms) < MOST_TERMS or len(ids) == most:
            return ids
    return match(connection, index, f"{before}{last}*", most)


def words_beginning(connection: apsw.Connection, index: SearchIndex, beginning: str) -> list[str]:
    """The first of the indexed words that begin so, at most MOST_TERMS."""
    terms = f"temp.myapp_terms_{index.id}"
    connection.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {terms} USING fts5vocab(main, {index.words}, instance)"
    )
    found: list[str] = []
    at = beginning
    while len(found) < MOST_TERMS:
        row = connection.execute(
            f"SELECT term FROM {terms} WHERE term >= ? LIMIT 1", (at,)
        ).fetchone()
        if row is None or not str(row[0]).startswith(beginning):
            break
        found.append(str(row[0]))
        # What comes next; "greater than" would read all places of the word before.
        at = f"{row[0]}\x01"
    return found


def find_changed(
    connection: apsw.Connection,
    table: Table,
    index: SearchIndex,
    words: Sequence[str],
    most: int,
) -> list[int]:
    """Like `find_ids`, among the records that changed since."""
    *others, last = words
    patterns = [re.compile(word_sense(word)) for word in others]
    patterns.append(re.compile(word_sense(last, beginning=True)))
    likely = " AND ".join("w LIKE ?" for _ in words)
    rows = rows_of(
        connection,
        f"SELECT k, w FROM ({words_sql(table, f'IN (SELECT id FROM {index.changed})')})"
        f" WHERE {likely}",
        [f"%{word}%" for word in words],
    )
    matching = (id_ for id_, said in rows if all(each.search(said.lower()) for each in patterns))
    return list(islice(matching, most))


def match(connection: apsw.Connection, index: SearchIndex, expression: str, most: int) -> list[int]:
    parameters: tuple[Value, ...] = (expression, most)
    sql = (
        f"SELECT rowid FROM {index.words} WHERE {index.words} MATCH ?"
        f" AND NOT EXISTS (SELECT 1 FROM {index.changed} AS c WHERE c.id = {index.words}.rowid)"
        " LIMIT ?"
    )
    return [int(id_) for (id_,) in rows_of(connection, sql, parameters)]
