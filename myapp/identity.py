"""Who this program is: its name, version and ids, and where its pages lie.

The window's name, the data folder, the mutex, the executable's version resource and the setup
wizard all come from these lines. To ship another program, change them and build. Imports nothing
of ours.
"""

import sys
from pathlib import Path

NAME = "MyApp"
SLUG = "myapp"
"""Lower-case letters and digits: names the data folder, executable, lock and cookies."""

VERSION = "0.1.0"
PUBLISHER = "MyApp contributors"
DOMAIN = "io.github.myapp"
"""A domain of the publisher, backwards: begins the program's id in Linux menus."""

DESCRIPTION = "A private database on your own computer"
APPLICATION = "myapp.web:create_app"
"""What the shell serves: `module:factory`, `module:app`, or a path to a `.py` file."""

COMMANDS = {
    "export": "myapp.exchange.export_command:run",
    "import": "myapp.exchange.import_command:run",
}
"""First words of a command line that ask for something else than a start. Each names a
`module:function` that takes the arguments after it and gives the exit code."""

PORT = 27184
"""The first choice of port: below the ephemeral range, and the same at every start."""

APP_ID = "6C0A7B54-3F0E-4B52-9C43-2E0C5E1D7A19"
"""The setup wizard's AppId. A program of another name needs another one."""


def home_screen(icons: str) -> dict[str, object]:
    """For a phone's home screen: https://www.w3.org/TR/appmanifest/. `icons` is their folder."""

    def icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
        place, sizes = f"{icons}icon-{name}.png", f"{size}x{size}"
        return {"src": place, "sizes": sizes, "type": "image/png", "purpose": purpose}

    return {
        "id": "/",
        "name": NAME,
        "short_name": NAME,
        "description": DESCRIPTION,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f5",
        "theme_color": "#0b6e5f",
        "icons": [icon("192", 192), icon("512", 512), icon("maskable-512", 512, "maskable")],
    }


def resource_folder(name: str) -> Path:
    """Find `templates` or `static`: frozen, installed from a wheel, or in a checkout."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return Path(bundle) / name
    package = Path(__file__).resolve().parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name
