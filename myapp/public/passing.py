"""Passes a request on to the process that keeps the data, where this one does not."""

import logging
from typing import cast

from flask import Response, current_app, request

from .access import Refused
from .gate import SAFE_METHODS
from .keeper import Keeper
from .policy import is_for_keeper
from .relay import RELAYED, Broken, Passing

BROKEN = (
    "The program was started anew in the middle of this. Look whether it was done before you do it "
    "again."
)
NOBODY = "The program is being started anew. Nothing was changed; try again in a moment."
log = logging.getLogger(__name__)


def keeper() -> Keeper:
    return cast(Keeper, current_app.extensions["keeper"])


def pass_on() -> Response | None:
    """The other process's answer; None where this one answers itself. Raises Refused."""
    endpoint = request.endpoint
    if endpoint is None or request.environ.get(RELAYED):
        return None
    safe = request.method in SAFE_METHODS
    if not is_for_keeper(endpoint, safe=safe, imported="imported" in request.args):
        return None
    passing = Passing()
    try:
        if not keeper().find(passing.connect):
            return None
        status, headers, answer = passing.ask(request.environ)
    except TimeoutError as error:
        raise Refused(NOBODY, 503) from error
    except Broken as error:
        log.warning("the process that keeps the data ended in the middle of a request")
        raise Refused(NOBODY if safe else BROKEN, 502) from error
    response = Response(answer, status=status)
    response.headers.clear()
    response.headers.extend(headers)
    response.call_on_close(answer.close)
    return response
