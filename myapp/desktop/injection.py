"""Put the presence script into the pages of an application that does not know the shell.

Without it nobody could tell when the last page is closed. A page keeps its own bytes; one script
element is added where its head begins, as it passes by: a stream stays a stream.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .guard import Environ

SCRIPT = "/_desktop/presence.js"
HEARS = "/_desktop/presence"
HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)
COMMENT = rb"<!--(?:(?!-->).)*"
SPACE = rb"(?:\s|" + COMMENT + rb"-->|<\?[^>]*>)*"
PREAMBLE = re.compile(
    rb"(?:\xef\xbb\xbf)?" + SPACE + rb"(?:<!doctype[^>]*>" + SPACE + rb")?(?:<html(?:\s[^>]*)?>)?",
    re.IGNORECASE | re.DOTALL,
)
UNFINISHED = re.compile(
    rb"(?:\xef(?:\xbb(?:\xbf)?)?)?" + SPACE + rb"(?:<(?!!--)[^>]*|" + COMMENT + rb")?\Z", re.DOTALL
)
LONGEST_WAIT = 4096
"""Bytes of a preamble that are held back at most until it is known where the head begins."""

BODILESS = ("1", "204", "206", "304")
CHECKED = frozenset({"content-md5", "digest", "content-digest", "repr-digest", "content-range"})
"""Headers that speak of the exact bytes."""

Headers = list[tuple[str, str]]


def is_page_view(environ: Environ) -> bool:
    """Whether the browser asks for a whole page, to be shown in a tab."""
    if environ["REQUEST_METHOD"] not in ("GET", "POST") or "HTTP_X_REQUESTED_WITH" in environ:
        return False
    if "HTTP_SEC_FETCH_DEST" in environ:
        return str(environ["HTTP_SEC_FETCH_DEST"]) == "document"
    return "text/html" in str(environ.get("HTTP_ACCEPT", ""))


def takes_script(status: str, headers: Headers) -> bool:
    """Whether an answer is an HTML page whose bytes may grow."""
    found = {name.lower(): value for name, value in headers}
    kind = found.get("content-type", "").lower().replace(" ", "")
    return bool(
        kind.startswith("text/html")
        and "utf-16" not in kind
        and "utf-32" not in kind
        and found.get("content-encoding", "identity").lower() == "identity"
        and not found.get("content-disposition", "").lower().startswith("attachment")
        and not status.startswith(BODILESS)
        and not CHECKED.intersection(found)
    )


def with_script(headers: Headers, origin: str, device: str = "") -> tuple[Headers, bytes]:
    """The headers of the longer page, and the script element, as the page's own policy takes it.

    `device` is the id of the network's device that asks, "" at home.
    """
    policies = [each for name, each in headers if name.lower() == "content-security-policy"]
    nonce = next(filter(None, map(nonce_of, policies)), "")
    attribute = f' nonce="{nonce}"' if nonce else ""
    source = f"{SCRIPT}?device={device}" if device else SCRIPT
    element = f'<script type="module" src="{source}"{attribute}></script>'.encode()
    changed: Headers = []
    for name, value in headers:
        if name.lower() == "content-length":
            changed.append((name, str(int(value) + len(element))))
        elif name.lower() == "content-security-policy":
            changed.append((name, allow(value, origin)))
        else:
            changed.append((name, value))
    return changed, element


def directives_of(policy: str) -> dict[str, list[str]]:
    """The first of each name counts, as in browsers."""
    found: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        if name:
            found.setdefault(name.lower(), sources)
    return found


def governing(directives: dict[str, list[str]], *names: str) -> str | None:
    return next((name for name in names if name in directives), None)


def nonce_of(policy: str) -> str:
    directives = directives_of(policy)
    name = governing(directives, "script-src-elem", "script-src", "default-src")
    for source in directives.get(name or "", ()):
        if source.lower().startswith("'nonce-"):
            return source[7:].rstrip("'")
    return ""


def allow(policy: str, origin: str) -> str:
    """The policy, with exactly the two addresses let in that it would have kept out."""
    directives = directives_of(policy)
    let_in(directives, ("script-src-elem", "script-src", "default-src"), origin + SCRIPT)
    let_in(directives, ("connect-src", "default-src"), origin + HEARS)
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def let_in(directives: dict[str, list[str]], names: tuple[str, ...], address: str) -> None:
    governed = governing(directives, *names)
    if governed is None:
        return
    sources = directives[governed]
    if any(each in ("*", "'self'", "http:") or each.startswith("'nonce-") for each in sources):
        return
    kept = [each for each in sources if each.lower() != "'none'"]
    # What falls back to default-src gets a directive of its own, so that nothing else is opened.
    directives[names[-2] if governed == "default-src" else governed] = [*kept, address]


class Injected:
    """An answer with the script element where its head begins; every piece passes at once."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self.answer = answer
        self.element: bytes | None = None
        """Set once the headers are known; None leaves the answer as it is."""

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self.answer)
        held = b""
        for piece in pieces:
            if self.element is None:
                yield held + piece
                break
            held += piece
            place = place_in(held, whole=len(held) > LONGEST_WAIT)
            if place is not None:
                yield held[:place] + self.element + held[place:]
                break
        else:
            if self.element is not None and held:
                place = place_in(held, whole=True) or 0
                yield held[:place] + self.element + held[place:]
            return
        yield from pieces

    def close(self) -> None:
        close: Any = getattr(self.answer, "close", None)
        if close is not None:
            close()


def place_in(text: bytes, *, whole: bool) -> int | None:
    """Where the script goes: in the head, or before what follows the doctype.

    None where the text may still go on with its preamble.
    """
    head = HEAD.search(text)
    if head is not None:
        return head.end()
    if not whole and UNFINISHED.match(text):
        return None
    found = PREAMBLE.match(text)
    return found.end() if found else 0
