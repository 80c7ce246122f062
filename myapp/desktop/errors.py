"""Why a start can fail, each with its sentence and exit code."""

from pathlib import Path


class DesktopError(Exception):
    """A failure that a person may read as it is."""

    exit_code = 1

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PortTaken(DesktopError):
    exit_code = 3

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is taken by another program, or the system keeps it for itself. "
            "Choose another with --port, or leave --port out."
        )


class NoFreePort(DesktopError):
    exit_code = 3

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"No port from {first} to {last} is free. Choose one with --port.")


class FolderUnusable(DesktopError):
    exit_code = 4

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"The data folder {folder} cannot be used: {why}.")


class ApplicationNotFound(DesktopError):
    exit_code = 5


class InstanceHangs(DesktopError):
    exit_code = 6

    def __init__(self, name: str, pid: int | None) -> None:
        process = f" (process {pid})" if pid else ""
        super().__init__(
            f"{name} is running already{process}, but does not answer. End that process, "
            "then start again."
        )
