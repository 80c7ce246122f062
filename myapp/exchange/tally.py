"""How far an export is, whether it shall stop, and what is to be said at its end."""

from collections.abc import Callable

from myapp.store import Guard, Snapshot

from .export_errors import ExportCancelled, Incomplete
from .export_plan import ExportProgress, Written


class Tally:
    """Kept by one export while it runs."""

    def __init__(
        self, progress: Callable[[ExportProgress], None], cancelled: Callable[[], bool]
    ) -> None:
        self.progress, self.cancelled = progress, cancelled
        self.records = self.total = 0
        self.tables: list[Written] = []
        self.guard = Guard()
        self.remarks: list[str] = []

    def expect(self, total: int) -> None:
        self.total = total
        self.progress(ExportProgress(0, total))

    def add(self, records: int) -> None:
        """Raises ExportCancelled."""
        self.records += records
        if self.cancelled():
            raise ExportCancelled
        self.progress(ExportProgress(self.records, self.total))

    def finish(self, table: str, written: int, found: int) -> None:
        """Raises Incomplete."""
        if written != found:
            raise Incomplete(table, written, found)
        self.tables.append(Written(table, written))

    def remark_on(self, snapshot: Snapshot) -> None:
        count = self.guard.count
        if count:
            which = "text that begins" if count == 1 else "texts that begin"
            self.remarks.append(
                f"{count:,} {which} like a formula got an apostrophe in front, so that a "
                "spreadsheet shows it instead of running it."
            )
        if snapshot.unreadable:
            self.remarks.append(
                "Some texts hold bytes that are no UTF-8; a mark (�) stands in their place. "
                "An export to SQLite keeps them."
            )
