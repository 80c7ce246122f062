"""What undo and redo offer: a step that is another's alone to take back is no editor's to press."""

from flask import g

from myapp.store import Database

from .access import device, role


def next_undo(opened: Database) -> str | None:
    """The sentence of the change that who asks may take back next."""
    return opened.next_undo() if may_take(opened, redo=False) else None


def next_redo(opened: Database) -> str | None:
    return opened.next_redo() if may_take(opened, redo=True) else None


def whose() -> str | None:
    """An editor takes back what is their own; otherwise they could undo what an owner shaped."""
    return device() if role() == "editor" else None


def may_take(opened: Database, *, redo: bool) -> bool:
    on_server = g.get("may_take")
    if on_server is not None:
        return bool(on_server(opened, redo))
    step = opened.next_step_of(redo=redo) if whose() is not None else None
    return step is None or step[1] == whose()
