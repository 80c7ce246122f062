"""Where words stand in a text, without regard to accents and case, and the text around them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from .connection import fold
from .query import Piece

EXCERPT = 80
"""Characters around a word."""


class Wanted(NamedTuple):
    """Words as `fold` leaves them. `whole` asks for whole words, of which the last may be a
    beginning; without it they are found inside others too."""

    words: tuple[str, ...]
    whole: bool = False

    def pattern(self) -> re.Pattern[str]:
        ordered = sorted(set(self.words), key=len, reverse=True)
        if not self.whole:
            return re.compile("|".join(map(re.escape, ordered)))
        last = self.words[-1]
        return re.compile("|".join(word_sense(each, beginning=each == last) for each in ordered))


def word_sense(word: str, *, beginning: bool = False) -> str:
    """A pattern for a whole word, or for one that begins so, in a folded text."""
    pattern = rf"(?<![^\W_]){re.escape(word)}"
    return pattern if beginning else rf"{pattern}(?![^\W_])"


class Marked(NamedTuple):
    """A text's words that were wanted, and the excerpt that shows them."""

    found: frozenset[str]
    pieces: tuple[Piece, ...]


def mark(content: str, wanted: Wanted) -> Marked | None:
    """None where no word is in it."""
    folded, places = fold_with_places(content)
    spans = [
        (places[match.start()], places[match.end() - 1] + 1, match[0])
        for match in wanted.pattern().finditer(folded)
        if match[0]
    ]
    if not spans:
        return None
    start = max(0, spans[0][0] - EXCERPT // 2)
    end = min(len(content), max(spans[0][1] + EXCERPT // 2, start + EXCERPT))
    pieces = [Piece("…")] if start else []
    at = start
    for begin, stop, _ in spans:
        if stop > end:
            break
        if begin < at:
            continue
        pieces += [Piece(content[at:begin]), Piece(content[begin:stop], found=True)]
        at = stop
    pieces += [Piece(content[at:end]), *([Piece("…")] if end < len(content) else [])]
    return Marked(
        frozenset(word for _, _, word in spans), tuple(piece for piece in pieces if piece.text)
    )


def fold_with_places(content: str) -> tuple[str, Sequence[int]]:
    """The text as `fold` leaves it, and for each of its characters the place it came from."""
    folded = fold(content.encode("utf-8", "replace"))
    if len(folded) == len(content) and content.isascii():
        return folded, range(len(content))
    parts = [fold(each.encode("utf-8", "replace")) for each in content]
    places = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), places


def folded_words(text: str) -> tuple[str, ...]:
    return tuple(fold(word.encode("utf-8", "replace")) for word in text.split())


def has_words(name: str, text: str) -> bool:
    """Whether all words of the text are in a name, without regard to accents and case."""
    folded = fold(name)
    return all(word in folded for word in folded_words(text))


def is_same_name(one: str, other: str) -> bool:
    """Without regard to accents, case and how many blanks there are."""
    return fold(one).split() == fold(other).split()
