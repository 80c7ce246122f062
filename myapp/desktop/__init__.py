"""The shell: makes any Flask application a program that a person starts, uses and quits.

Here live the command line, the single instance, the port, the server, the guard, the browser,
presence, the lifecycle, logs, folders and settings. The application arrives by name; nothing here
may import `myapp.web`, `myapp.exchange` or `myapp.store`.
"""


def main() -> None:
    """Run the command line."""
    from myapp import identity

    from .commands import run

    run(auto_envvar_prefix=identity.SLUG.upper())
