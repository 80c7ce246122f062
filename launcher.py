"""Start the program. On a bare checkout this makes `.venv` beside itself once, and goes on."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Python 3.11 or newer is needed. Install it, then run this again.")

if __name__ == "__main__":
    import gc

    # Nothing that a start makes is garbage yet: looking for it costs a tenth of the time. The
    # shell looks again from when it serves.
    gc.disable()
    if getattr(sys, "frozen", False):
        # For a shipped application that has workers; without one it is not in the build.
        try:
            import multiprocessing
        except ImportError:
            pass
        else:
            multiprocessing.freeze_support()

    from pathlib import Path

    from myapp.desktop import main
    from myapp.desktop.bootstrap import SetUpFailed, ensure_dependencies

    try:
        ensure_dependencies(Path(__file__).resolve().parent)
    except SetUpFailed as error:
        sys.exit(str(error))
    main()
