"""The command line, in click's usual way. Every option is also an environment variable."""

import logging
import sys
from pathlib import Path

import click

from myapp import identity

from .errors import DesktopError
from .folders import resolve_folders
from .lifecycle import Start
from .lifecycle import run as run_lifecycle
from .reporting import report_failure, start_log

log = logging.getLogger(__name__)
MORE = "Without a browser: " + " ".join(
    f"{identity.SLUG} {name} --help tells about {name}." for name in identity.COMMANDS
)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=MORE if identity.COMMANDS else None,
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
@click.option("--stay", is_flag=True, help="Go on running when the last page is closed.")
@click.option(
    "--data-folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep data, settings and logs in this folder.",
)
@click.option("--portable", is_flag=True, help="Keep data beside the program.")
@click.version_option(identity.VERSION, prog_name=identity.NAME)
def run(
    files: tuple[Path, ...],
    application: str,
    port: int | None,
    no_browser: bool,
    stay: bool,
    data_folder: Path | None,
    portable: bool,
) -> None:
    """Start the program, and open FILES in it."""
    log_path = None
    try:
        folders = resolve_folders(data_folder, portable=portable)
        log_path = start_log(folders.logs)
        opened = tuple(each.expanduser().absolute() for each in files)
        start = Start(application, folders, opened, port, not no_browser, stay)
        sys.exit(run_lifecycle(start))
    except DesktopError as error:
        log.error("%s", error)
        report_failure(error.sentence, log_path)
        sys.exit(error.exit_code)
    except Exception as error:
        log.exception("the start failed")
        report_failure(f"The program could not start: {error}", log_path)
        sys.exit(1)
