"""The command line, in click's usual way. Every option is also an environment variable."""

import logging
import os
import sys
from pathlib import Path

import click

from myapp import identity

from .errors import DesktopError
from .folders import resolve_folders
from .lifecycle import WATCHED, Start
from .lifecycle import run as run_lifecycle
from .reporting import report_failure, start_log
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
@click.option("--stay", is_flag=True, help="Go on running when the last page is closed.")
@click.option(
    "--data-folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep data, settings and logs in this folder.",
)
@click.option("--portable", is_flag=True, help="Keep data beside the program.")
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
    stay: bool,
    data_folder: Path | None,
    portable: bool,
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
        start = Start(
            application, folders, opened, port, not no_browser, stay, debug, end, window, network
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
