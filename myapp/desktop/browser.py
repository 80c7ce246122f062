"""Open the person's browser, or say that there is none."""

import os
import sys


def has_screen() -> bool:
    """Whether a browser could show anything here."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("SSH_CONNECTION") and not os.environ.get("DISPLAY"):
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_browser(link: str) -> bool:
    """Open `link` in the default browser; False where none could be started."""
    if not has_screen():
        return False
    if sys.platform == "win32":
        try:
            # webbrowser can pick another browser than the person's own.
            os.startfile(link)  # noqa: S606
        except OSError:
            return open_by_module(link)
        return True
    if sys.platform == "darwin":
        import subprocess

        return subprocess.run(["/usr/bin/open", link], check=False).returncode == 0
    with_original_libraries()
    return open_by_module(link)


def open_by_module(link: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(link)
    except webbrowser.Error:
        return False


def with_original_libraries() -> None:
    """PyInstaller points LD_LIBRARY_PATH at its own folder, which breaks xdg-open.

    Source: https://pyinstaller.org/en/stable/runtime-information.html
    """
    if not getattr(sys, "frozen", False):
        return
    original = os.environ.get("LD_LIBRARY_PATH_ORIG")
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
