"""The files that came in since the start, and their imports."""

from collections.abc import Sequence
from pathlib import Path

from myapp.store import AppError

from .jobs import Arrival, ArrivedFile, ImportJob, ImportQueue, Offer


class Imports:
    """Found again by their ids, which are in the addresses of their pages."""

    def __init__(self) -> None:
        self.arrivals: dict[str, Arrival] = {}
        self.jobs: dict[str, ImportJob] = {}

    def receive(self, files: Sequence[ArrivedFile]) -> str:
        """Look into files; gives the path of the page to go on with.

        Raises the sentence of a file that came alone and cannot be read.
        """
        from myapp.exchange import find_parts

        offers: list[Offer] = []
        troubles: list[str] = []
        for file in files:
            try:
                parts = find_parts(file.path, file.name)
            except AppError as error:
                if len(files) == 1:
                    raise
                troubles.append(error.sentence)
                continue
            offers += [Offer(file, part, len(parts) == 1) for part in parts]
        arrival = Arrival(files, offers, troubles)
        if len(offers) == 1 and not troubles:
            job = arrival.job(0)
            self.arrivals[arrival.id], self.jobs[job.id] = arrival, job
            return f"/import/{job.id}"
        self.arrivals[arrival.id] = arrival
        return f"/import/several/{arrival.id}"

    def receive_folder(self, folder: Path) -> str:
        """Raises where nothing in it can be brought in."""
        from myapp.exchange import files_in

        return self.receive([ArrivedFile(path, path.name, False) for path in files_in(folder)])

    def drop(self, arrival: Arrival) -> None:
        arrival.discard()
        self.arrivals.pop(arrival.id, None)

    def all(self) -> list[ImportJob | ImportQueue]:
        queues = [each.queue for each in self.arrivals.values() if each.queue is not None]
        return [*self.jobs.values(), *queues]

    def running(self) -> str | None:
        """The name of a file that is being imported."""
        for each in self.all():
            if each.running:
                return each.name
        return None

    def close(self) -> None:
        for each in self.all():
            each.cancel()
            each.wait(5)
        for arrival in self.arrivals.values():
            arrival.discard()
