"""Make a data file ready for several processes: in WAL mode, for this user alone."""

from pathlib import Path

from myapp.store import create_database, open_database


def prepare_data(path: Path) -> str:
    """Gives what was done, in words. Raises what opening or making the file raises."""
    if not path.exists():
        create_database(path).close()
        path.chmod(0o600)
        return f"{path} was made, without tables."
    database = open_database(path)
    try:
        done = database.use_wal()
    finally:
        database.close()
    path.chmod(path.stat().st_mode & 0o770)
    return f"{path} is ready{' now' if done else ''}."
