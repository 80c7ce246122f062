"""The command line, in click's usual way. Every option is also an environment variable."""

import logging
import os
import sys
from pathlib import Path

import click
from click.core import ParameterSource

from myapp import identity

from .errors import DesktopError
from .folders import portable_folder, resolve_folders
from .lifecycle import WATCHED, Start
from .lifecycle import run as run_lifecycle
from .reporting import report_failure, say, start_log
from .settings import FILE_NAME, SAID, SettledCommand

log = logging.getLogger(__name__)
MORE = "Without a browser: " + " ".join(
    f"{identity.SLUG} {name} --help says more." for name in identity.COMMANDS
)

SETTINGS = (
    f"{FILE_NAME} in the folder for settings, or in the data folder that was asked for, may hold "
    "these options, such as: port = 8000."
)
CODES = (
    "Exit codes: 0 fine, 1 failed, 2 wrong options, 3 no port, 4 data folder unusable, "
    "5 no application found, 6 the running instance does not answer."
)


@click.command(
    cls=SettledCommand,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\n\n".join([*([MORE] if identity.COMMANDS else []), SETTINGS, CODES]),
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--app",
    "application",
    default=identity.APPLICATION,
    show_default=True,
    help="The Flask application: module:factory, module:app, or a path to a .py file.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Use this port (0: any free one).")
@click.option("--no-browser", is_flag=True, help="Print the entry link instead of opening it.")
@click.option("--window", is_flag=True, help="Show the page in a window of its own.")
@click.option("--network", is_flag=True, help="Share on the local network, as the page Share does.")
@click.option(
    "--network-proxy",
    metavar="ADDRESS",
    help="Share through a reverse proxy on this computer, at its https address.",
)
@click.option("--stay", is_flag=True, help="Go on running when the last page is closed.")
@click.option("--tray", is_flag=True, help="Show an icon in the tray, and stay while it is there.")
@click.option(
    "--data-folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep data, settings and logs in this folder.",
)
@click.option("--portable", is_flag=True, help="Keep data beside the program.")
@click.option(
    "--start-at-login",
    type=click.Choice(["on", "off"]),
    help="Start when you sign in, or no more, and do nothing else now.",
)
@click.option("--at-login", is_flag=True, help="As such a start: open no page, and stay.")
@click.option("--quit", "end", is_flag=True, help="End the program that runs, and do no more.")
@click.option("--reload", is_flag=True, help="Start anew when the code changes.")
@click.option("--debug", is_flag=True, help="Show tracebacks in the page.")
@click.version_option(identity.VERSION, prog_name=identity.NAME)
def run(
    files: tuple[Path, ...],
    application: str,
    port: int | None,
    no_browser: bool,
    window: bool,
    network: bool,
    network_proxy: str | None,
    stay: bool,
    tray: bool,
    data_folder: Path | None,
    portable: bool,
    start_at_login: str | None,
    at_login: bool,
    end: bool,
    reload: bool,
    debug: bool,
) -> None:
    """Start the program, and open FILES in it."""
    frozen = getattr(sys, "frozen", False)
    if frozen and (reload or debug):
        raise click.UsageError("--reload and --debug are for developers, not for a built program.")
    if reload and WATCHED not in os.environ:
        from .reloading import watch_over

        sys.exit(watch_over())
    log_path = None
    try:
        folders = resolve_folders(data_folder, portable=portable, application=application)
        log_path = start_log(folders.logs)
        opened = tuple(each.expanduser().absolute() for each in files)
        for sentence in SAID:
            log.warning("%s", sentence)
        again = options_to_repeat(application, port, data_folder, portable, folders.data, tray)
        if start_at_login is not None:
            sys.exit(turn_login(start_at_login == "on", folders.data, again))
        start = Start(
            application,
            folders,
            opened,
            port,
            not no_browser,
            stay or at_login,
            debug,
            end,
            window,
            network=network,
            network_proxy=network_proxy,
            at_login=at_login,
            again=again,
            tray=tray,
            settings=settings_file(),
        )
        sys.exit(run_lifecycle(start))
    except DesktopError as error:
        if log_path is not None:
            log.error("%s", error)
        report_failure(error.sentence, log_path, pages=not no_browser)
        sys.exit(error.exit_code)
    except Exception as error:
        log.exception("the start failed")
        sentence = f"The program could not start: {error}"
        report_failure(sentence, log_path, pages=not no_browser)
        sys.exit(1)


def options_to_repeat(
    application: str,
    port: int | None,
    data_folder: Path | None,
    portable: bool,
    data: Path,
    tray: bool,
) -> tuple[str, ...]:
    """What a start at login needs to be this same program, which keeps its records in `data`. What
    the settings file says, it says again then."""
    context = click.get_current_context()

    def was_given(name: str) -> bool:
        source = context.get_parameter_source(name)
        return source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)

    again: list[str] = []
    whole = application
    if application != identity.APPLICATION and was_given("application"):
        file, colon, name = application.partition(".py")
        if colon and (not name or name.startswith(":")):
            whole = f"{Path(file).absolute()}.py{name}"
        again += ["--app", whole]
    if port is not None and was_given("port"):
        again += ["--port", str(port)]
    if data_folder is not None and was_given("data_folder"):
        again += ["--data-folder", str(data_folder.expanduser().absolute())]
    elif portable_folder(asked=portable) is not None:
        again.append("--portable")
    elif whole != application:
        # Under its other name it would be given another folder.
        again += ["--data-folder", str(data)]
    if tray and was_given("tray"):
        again.append("--tray")
    return tuple(again)


def settings_file() -> Path | None:
    command = click.get_current_context().command
    return command.settings if isinstance(command, SettledCommand) else None


def turn_login(on: bool, data: Path, again: tuple[str, ...]) -> int:
    """Turn start at login on or off; gives the exit code. Raises DesktopError."""
    from .at_login import at_login

    at_login(data, again).turn(on)
    say(f"{identity.NAME} {'starts' if on else 'does not start'} at login from now on.")
    return 0
