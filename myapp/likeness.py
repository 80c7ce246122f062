"""Whether a name could pass for another one: the names of people and devices stand in the history.

Imports nothing of ours.
"""

import re
import unicodedata

INVISIBLE = re.compile("[\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\u034f]")
"""Letters, marks and signs that show nothing and yet count as such. What is no printable character
at all, Python tells."""

VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Choose how the character before them looks, as of some emoji."""

ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Those with letters that look like another's."""

MOST_MARKS = 3
"""Above and below one letter; more reach into the lines around."""


def misleads(name: str) -> bool:
    """Whether there is something in it that cannot be seen, or a letter that looks like another."""
    if not name.isprintable() or INVISIBLE.search(name):
        return True
    kinds = "".join(unicodedata.category(each)[0] for each in name)
    if kinds.startswith("M") or "M" * (MOST_MARKS + 1) in kinds:
        return True
    words = (name[run.start() : run.end()] for run in re.finditer("L[LM]*", kinds))
    return any(len(alphabets_of(word)) > 1 for word in words)


def alphabets_of(word: str) -> set[str]:
    found = (unicodedata.name(each, "").partition(" ")[0] for each in word)
    return {each for each in found if each in ALPHABETS}


def likeness(name: str) -> str:
    """The same for two names that look alike but for case, width or blanks."""
    plain = unicodedata.normalize("NFKC", VARIANTS.sub("", name))
    return " ".join(unicodedata.normalize("NFKC", plain.casefold()).split())
