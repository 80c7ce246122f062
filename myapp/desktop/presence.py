"""Which pages are open. When the last one has been closed for a moment, the program may end.

A page says hello with an id of its own, pings slowly, and says goodbye when it goes. A page that
only falls silent may be frozen, hidden or asleep, so it is given long; time is counted in ticks
of our own, which a sleeping computer does not make.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

GRACE_TICKS = 5
"""Seconds between the last goodbye, or request, and the end: a reload's new page says hello
within one."""

VISIBLE_TICKS = 120
HIDDEN_TICKS = 12 * 3600
MOST_GONE = 1_000


@dataclass(eq=False, repr=False, slots=True)
class Page:
    seen: int
    hidden: bool
    number: int


class Presence:
    """`tick` is called once a second by the lifecycle."""

    def __init__(self, busy: Callable[[], str | None]) -> None:
        self.busy = busy
        self.lock = threading.Lock()
        self.pages: dict[str, Page] = {}
        self.gone: dict[str, int] = {}
        self.now = 0
        self.empty_since: int | None = None
        self.asked = 0
        self.greeted = False

    def hear(self, page: str, word: str, number: int) -> None:
        """`word` is hello, ping, hidden or goodbye; any but goodbye makes the page present.

        A page numbers what it says: on several connections a hello may come after the goodbye
        that followed it, and must not bring the page back.
        """
        with self.lock:
            known = self.pages.get(page)
            if word == "goodbye":
                if known is not None and known.number > number:
                    return
                self.pages.pop(page, None)
                self.gone[page] = number
                if len(self.gone) > MOST_GONE:
                    del self.gone[next(iter(self.gone))]
            elif number <= self.gone.get(page, 0):
                return
            elif len(self.pages) < 10_000 and (known is None or known.number <= number):
                self.pages[page] = Page(self.now, word == "hidden", number)
                self.greeted = True

    def note_request(self) -> None:
        """A page, or a part of one, was asked for or sent: one may be on its way that has not said
        hello yet."""
        self.asked = self.now

    def tick(self) -> bool:
        """One second has passed; whether the program should end now."""
        with self.lock:
            self.now += 1
            self.pages = {id_: page for id_, page in self.pages.items() if not self.silent(page)}
            if self.pages or not self.greeted:
                self.empty_since = None
                return False
            if self.empty_since is None:
                self.empty_since = self.now
            if self.now - max(self.empty_since, self.asked) < GRACE_TICKS:
                return False
        return self.busy() is None

    def is_left(self) -> bool:
        """Whether pages were open and every one has been closed."""
        with self.lock:
            return self.greeted and not self.pages

    def doubt(self) -> None:
        """A browser has ended: a page that was hidden in another one must speak again to count."""
        with self.lock:
            for page in self.pages.values():
                if page.hidden:
                    page.seen, page.hidden = self.now, False

    def silent(self, page: Page) -> bool:
        return self.now - page.seen > (HIDDEN_TICKS if page.hidden else VISIBLE_TICKS)
