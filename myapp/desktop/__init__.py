"""The shell: makes any Flask application a program that a person starts, uses and quits.

Here live the command line, the single instance, the port, the server, the guard, the browser,
presence, the lifecycle, logs, folders and settings. The application arrives by name; nothing here
may import `myapp.web`, `myapp.exchange` or `myapp.store`.
"""


def main() -> None:
    """Run the command line, or the command of the application that its first word names."""
    import sys

    if not getattr(sys, "frozen", False):
        run_command_line()
        return
    from .outer import mark_unpacked

    mark = mark_unpacked()
    try:
        run_command_line()
    finally:
        if mark is not None:
            mark.release()


def run_command_line() -> None:
    import sys

    from myapp import identity

    command = identity.COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command is not None:
        import os
        from importlib import import_module
        from pathlib import Path

        from .folders import find_folders

        # As for a start, so that a command knows where the data lie.
        variable = f"{identity.SLUG.upper()}_DATA_FOLDER"
        chosen = os.environ.get(variable)
        os.environ[variable] = str(find_folders(Path(chosen) if chosen else None).data)
        module, _, function = command.partition(":")
        sys.exit(getattr(import_module(module), function)(sys.argv[2:]))

    from .commands import run

    run(auto_envvar_prefix=identity.SLUG.upper())
