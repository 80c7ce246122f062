"""What pywebview's Qt window lacks: a failure that is told, downloads with Qt 6, printing, zoom."""

import ctypes
import os
from pathlib import Path
from typing import Any

ZOOMS = (0.5, 0.67, 0.75, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


def prepare_qt() -> None:
    """Where GTK is not there. Raises OSError or ImportError where Qt would end the whole program,
    which it does when a library of the system is missing."""
    from qtpy.QtCore import QLibraryInfo

    os.environ["PYWEBVIEW_GUI"] = "qt"
    if os.geteuid() == 0:
        # Qt's engine refuses to run as root with its sandbox.
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    if "QT_QPA_PLATFORM" not in os.environ and not os.environ.get("WAYLAND_DISPLAY"):
        plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
        ctypes.CDLL(str(Path(plugins) / "platforms" / "libqxcb.so"))


def complete_qt(view: Any) -> None:
    """`view` is a QWebEngineView. Runs in Qt's own thread."""
    from qtpy import QT6

    if not QT6:
        return
    add_zoom(view)
    profile = view.page().profile()
    # pywebview's own handler calls what Qt 6 has no more, which ends the program.
    profile.downloadRequested.disconnect()
    profile.downloadRequested.connect(lambda download: save(view, download))
    view.printRequested.connect(lambda: print_page(view))


def add_zoom(view: Any) -> None:
    """The engine's own zoom, as a browser's: a page's style would move what scripts place."""
    from qtpy.QtGui import QKeySequence, QShortcut

    def larger() -> None:
        view.setZoomFactor(min([each for each in ZOOMS if each > view.zoomFactor() + 0.01] or [3]))

    def smaller() -> None:
        view.setZoomFactor(
            max([each for each in ZOOMS if each < view.zoomFactor() - 0.01] or [0.5])
        )

    def usual() -> None:
        view.setZoomFactor(1.0)

    keys = {"Ctrl++": larger, "Ctrl+=": larger, "Ctrl+-": smaller, "Ctrl+0": usual}
    for key, does in keys.items():
        QShortcut(QKeySequence(key), view).activated.connect(does)


def save(view: Any, download: Any) -> None:
    from qtpy.QtCore import QStandardPaths
    from qtpy.QtWidgets import QFileDialog

    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    suggested = str(Path(folder) / download.suggestedFileName())
    chosen = QFileDialog.getSaveFileName(view, "", suggested)[0]
    if not chosen:
        download.cancel()
        return
    path = Path(chosen)
    download.setDownloadDirectory(str(path.parent))
    download.setDownloadFileName(path.name)
    download.accept()


def print_page(view: Any) -> None:
    from qtpy.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if QPrintDialog(printer, view).exec():
        # Qt prints later, and must find the printer then.
        view.printer = printer
        view.print(printer)
