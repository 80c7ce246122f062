"""The settings file: the options of the command line, kept. A broken one is said and survived.

Order: command line, then environment, then this file, then the defaults.
"""

import sys
from pathlib import Path
from typing import Any

import click

from myapp import identity

from .folders import portable_folder

FILE_NAME = "settings.toml"
KEPT = {
    "app": ("application", str),
    "port": ("port", int),
    "no-browser": ("no_browser", bool),
    "stay": ("stay", bool),
    "window": ("window", bool),
    "network": ("network", bool),
    "network-proxy": ("network_proxy", str),
    "tray": ("tray", bool),
    "data-folder": ("data_folder", str),
    "debug": ("debug", bool),
}
"""What the file may hold: the option's name, click's name for it, and its type."""


class SettledCommand(click.Command):
    """A command whose defaults come from the settings file."""

    settings: Path | None = None
    """The file that was looked for."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        with super().make_context(
            info_name, list(args), parent, resilient_parsing=True, **extra
        ) as given:
            path = settings_path(given.params.get("data_folder"), given.params.get("portable"))
        self.settings = path
        if path.exists():
            defaults, remarks = read_settings(path)
            extra["default_map"] = defaults
            for remark in remarks:
                warn(f"{path}: {remark}")
        return super().make_context(info_name, args, parent, **extra)


def settings_path(data_folder: object, portable: object) -> Path:
    """In the data folder that was asked for, or in the platform's place for settings."""
    if isinstance(data_folder, str | Path):
        return Path(data_folder).expanduser() / FILE_NAME
    beside = portable_folder(asked=bool(portable))
    if beside is not None:
        return beside / FILE_NAME
    from platformdirs import user_config_path

    return user_config_path(identity.NAME, appauthor=False) / FILE_NAME


def read_settings(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The values that can be used, and a sentence for each that cannot."""
    import tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"the settings cannot be read ({error}) and are left out."]
    except tomllib.TOMLDecodeError as error:
        return {}, [f"{error}. All its settings are left out."]
    defaults: dict[str, Any] = {}
    remarks = []
    for written, value in found.items():
        name = written.replace("_", "-")
        if name not in KEPT:
            remarks.append(f"there is no setting “{written}”; there are {', '.join(KEPT)}.")
            continue
        parameter, type_ = KEPT[name]
        # In Python True is a number, in a settings file it is none.
        if type(value) is not type_ or (isinstance(value, int) and not 0 <= value <= 65535):
            remarks.append(f"“{name}” cannot be {value!r}, and is left out.")
            if name == "network-proxy":
                # Without it, what was to go through TLS would go without. As text it is refused.
                defaults[parameter] = str(value)
            continue
        defaults[parameter] = value
    return defaults, remarks


def warn(sentence: str) -> None:
    """Before there is a log; a windowed build has nowhere else to say it."""
    if sys.stderr is not None:
        click.echo(sentence, err=True)
    SAID.append(sentence)


SAID: list[str] = []
"""Warnings of this start, for the log."""
