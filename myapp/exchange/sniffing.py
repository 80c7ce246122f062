"""Decide from a file's first megabyte how it is written: encoding, delimiter, quotes."""

import codecs
import csv
import io
from dataclasses import replace

from .errors import NotText
from .plan import ReadOptions
from .reading import allow_long_values, check_delimiter

BEGINNING = 200_000
ENOUGH_LETTERS = 60
"""Fewer than these non-ASCII bytes cannot tell one code page from another."""

DELIMITERS = (",", ";", "\t", "|")


def decide_encoding(sample: bytes, name: str) -> str:
    """The encoding of a file that begins with `sample`. Raises NotText."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return encoding
    nuls = sample.count(0)
    if nuls > len(sample) // 5:
        odd = sample[1::2].count(0)
        if nuls < len(sample) * 0.6 and max(odd, nuls - odd) > 0.95 * nuls:
            return "utf-16-le" if odd > nuls // 2 else "utf-16-be"
    controls = sum(sample.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        utf8 = False
    else:
        utf8 = True
    # Sound UTF-8 may hold any control character but NUL, since a cell may.
    if (nuls if utf8 else controls) > max(8, len(sample) // 100):
        raise NotText(name, "something that only a program can read")
    return "utf-8" if utf8 else guess_legacy(sample)


def guess_legacy(sample: bytes) -> str:
    """UTF-8 with stray Windows bytes in it, or another encoding that the whole sample fits."""
    kept = sample.decode("utf-8", "ignore")
    if sum(ord(letter) > 127 for letter in kept) > 2 * sum(byte > 127 for byte in sample) // 6:
        return "utf-8"
    from charset_normalizer import from_bytes

    lines = [line for line in sample.splitlines() if any(byte > 127 for byte in line)]
    if sum(byte > 127 for line in lines for byte in line) < ENOUGH_LETTERS:
        return "cp1252"
    best = from_bytes(b"\n".join(lines[:400])).best()
    found = best.encoding if best is not None else "cp1252"
    # Western Europe's code pages differ in a handful of letters; Windows' own is the likely one.
    return (
        "cp1252"
        if found.startswith(("cp125", "latin", "iso8859", "cp85", "cp437", "mac"))
        and (found not in ("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"))
        else found
    )


def decide_dialect(text: str, options: ReadOptions) -> ReadOptions:
    """`options` with the delimiter and quotes that cut the first records most evenly.

    A way of writing that the csv module's strict reading refuses is never chosen over one that
    it accepts: that tells `\\"` for a quotation mark from a backslash before a doubled one.
    """
    allow_long_values()
    if options.delimiter:
        check_delimiter(options.delimiter)
    options, text = skip_remarks(text, options)
    text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    candidates = [options.delimiter] if options.delimiter else list(DELIMITERS)
    best, best_score = None, 0.0
    for delimiter in candidates:
        written = replace(options, delimiter=delimiter)
        for tried in manners(text, delimiter, written):
            score = evenness(text, tried)
            if score > best_score:
                best, best_score = tried, score
    if best is not None:
        return best
    first = text[: text.find("\n")]
    commonest = max(candidates, key=first.count)
    if not first.count(commonest):  # one field, whose values may hold any of them
        commonest = next((each for each in candidates if each not in text), commonest)
    return replace(options, delimiter=commonest)


def manners(text: str, delimiter: str, options: ReadOptions) -> list[ReadOptions]:
    """How values may be quoted here, the usual way first."""
    found = [options]
    if '\\"' in text:
        found.append(replace(options, escape="\\"))
    if f'{delimiter} "' in text:
        found.append(replace(options, skip_spaces=True))
    if f"{delimiter}'" in text and '"' not in text:
        found.append(replace(options, quote="'"))
    return found


def skip_remarks(text: str, options: ReadOptions) -> tuple[ReadOptions, str]:
    """Leave out Excel's `sep=;` line, which tells the delimiter, and comments before the table."""
    lines = text.splitlines(keepends=True)
    first = lines[0].strip().strip('"').lstrip("\ufeff") if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        given = options.delimiter or first[4]
        return replace(options, skip=1, delimiter=given), "".join(lines[1:])
    comments = 0  # a header may begin with # too, but not with a space after it
    while comments < len(lines) and lines[comments][:2] in ("# ", "#\n", "#\r", "##"):
        comments += 1
    rest = lines[comments:]
    if not comments or not rest:
        return options, text
    return replace(options, skip=comments), "".join(lines[comments:])


def evenness(text: str, options: ReadOptions) -> float:
    """How likely it is that records are written so: many of one width, wider rather than not."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=options.delimiter or ",",
        quotechar=options.quote,
        escapechar=options.escape or None,
        skipinitialspace=options.skip_spaces,
        strict=True,
    )
    widths: list[int] = []
    trust = 1.0
    try:
        widths.extend(len(row) for row in reader if row)
    except csv.Error as error:
        if "end of data" not in str(error):
            trust = 0.5
    if not widths:
        return 0.0
    usual = max(sorted(set(widths)), key=widths.count)
    if widths[0] != usual:
        trust *= 0.8
    score: float = trust * widths.count(usual) / len(widths) * (usual - 1) ** 0.5
    return score
