"""Browse: the folders of this computer, for its owner at it, to choose a file in.

An address of the network or of a server never leads here: see `access` and `myapp.public.policy`.
"""

from flask import Blueprint

pages = Blueprint("browsing", __name__)


@pages.get("/browse")
def show() -> tuple[str, int]:
    # A start needs nothing of it.
    from .folder_page import folder_page

    return folder_page()
