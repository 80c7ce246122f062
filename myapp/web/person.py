"""Who asks: told in the WSGI environ by whoever stands before the application.

`myapp.person` is the name of an account, and the shell tells a device's: the history tells their
changes apart. On one's own computer nobody has a name.
"""

from flask import Flask, request

from myapp.store import act_as

from .access import device

PERSON = "myapp.person"


def person() -> str | None:
    name = request.environ.get(PERSON)
    return str(name) if name else device()


def name_person() -> None:
    """Changes of this request carry the name."""
    act_as(person())


def forget_person(_: BaseException | None) -> None:
    """The thread serves somebody else next."""
    act_as(None)


def register(app: Flask) -> None:
    app.before_request(name_person)
    app.teardown_request(forget_person)
