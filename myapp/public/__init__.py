"""The web application on the internet: settings, gate, accounts' pages, several processes.

Stands before `myapp.web` and lets in who signed in. Nothing here is loaded by the program on the
desktop, and nothing of the desktop is loaded here.
"""

from .application import create_app
from .settings import Settings, UnsafeSettings, read_settings

__all__ = ["Settings", "UnsafeSettings", "create_app", "read_settings"]
