"""Windows' own ways to ask a program to end: the console's close button, and the session's end.

A windowed program has no console, so it is told of a logout by messages to a window, here an
invisible one. `taskkill` without /F arrives there too. A mutex lets the setup wizard see that the
program runs.
"""

import ctypes
import logging
import sys
import threading
from ctypes import wintypes

from myapp import identity

assert sys.platform == "win32"

log = logging.getLogger(__name__)
MUTEX = f"{identity.SLUG}-{identity.APP_ID}"
END_SECONDS = 4.5
"""Windows kills a program that takes 5 seconds to answer."""

CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN = 2, 5, 6
WM_DESTROY, WM_CLOSE, WM_QUERYENDSESSION, WM_ENDSESSION = 0x0002, 0x0010, 0x0011, 0x0016

LRESULT = ctypes.c_ssize_t
WindowProcedure = ctypes.WINFUNCTYPE(
    LRESULT, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM
)
ControlHandler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)


class WindowClass(ctypes.Structure):
    """WNDCLASSW. Source: https://learn.microsoft.com/windows/win32/api/winuser/ns-winuser-wndclassw"""

    _fields_ = (
        ("style", wintypes.UINT),
        ("procedure", WindowProcedure),
        ("class_extra", ctypes.c_int),
        ("window_extra", ctypes.c_int),
        ("instance", wintypes.HINSTANCE),
        ("icon", wintypes.HANDLE),
        ("cursor", wintypes.HANDLE),
        ("background", wintypes.HANDLE),
        ("menu", wintypes.LPCWSTR),
        ("name", wintypes.LPCWSTR),
    )


class WindowsSession:
    """Sets `stop` when Windows asks the program to end, and holds it up until `finish`."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.finished = threading.Event()
        self.kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self.user = ctypes.WinDLL("user32", use_last_error=True)
        self.kernel.CreateMutexW.restype = wintypes.HANDLE
        self.mutex = self.kernel.CreateMutexW(None, False, MUTEX)
        # Windows calls these for as long as the program runs: they must not be collected.
        self.handler = ControlHandler(self.on_console)
        self.procedure = WindowProcedure(self.on_message)
        self.kernel.SetConsoleCtrlHandler(self.handler, True)
        threading.Thread(target=self.run_window, name="session", daemon=True).start()

    def finish(self) -> None:
        """Everything is saved: Windows may go on."""
        self.finished.set()
        self.kernel.CloseHandle(wintypes.HANDLE(self.mutex))

    def ask_to_end(self, why: str) -> None:
        log.info("Windows asks for the end: %s", why)
        self.stop.set()
        self.finished.wait(END_SECONDS)

    def on_console(self, kind: int) -> bool:
        if kind not in (CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN):
            return False
        # As soon as this returns, Windows ends the process.
        self.ask_to_end(f"console {kind}")
        return True

    def on_message(self, window: int, message: int, word: int, long: int) -> int:
        if message == WM_QUERYENDSESSION:
            return 1
        if message == WM_ENDSESSION:
            if word:
                self.ask_to_end("the session ends")
            return 0
        if message == WM_CLOSE:
            log.info("Windows asks for the end: close")
            self.stop.set()
            return 0
        found: int = self.user.DefWindowProcW(window, message, word, long)
        return found

    def run_window(self) -> None:
        user = self.user
        user.DefWindowProcW.restype = LRESULT
        user.DefWindowProcW.argtypes = [
            wintypes.HWND,
            wintypes.UINT,
            wintypes.WPARAM,
            wintypes.LPARAM,
        ]
        user.CreateWindowExW.restype = wintypes.HWND
        user.CreateWindowExW.argtypes = [
            wintypes.DWORD,
            wintypes.LPCWSTR,
            wintypes.LPCWSTR,
            wintypes.DWORD,
            *[ctypes.c_int] * 4,
            wintypes.HWND,
            wintypes.HANDLE,
            wintypes.HINSTANCE,
            wintypes.LPVOID,
        ]
        self.kernel.GetModuleHandleW.restype = wintypes.HMODULE
        instance = self.kernel.GetModuleHandleW(None)
        made = WindowClass(procedure=self.procedure, instance=instance, name=MUTEX)
        user.RegisterClassW(ctypes.byref(made))
        # A message-only window would not hear of the session's end: this one is never shown.
        window = user.CreateWindowExW(
            0, MUTEX, identity.NAME, 0, 0, 0, 0, 0, None, None, instance, None
        )
        if not window:
            log.warning("no window for the session's end (error %s)", ctypes.get_last_error())
            return
        message = wintypes.MSG()
        while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.TranslateMessage(ctypes.byref(message))
            user.DispatchMessageW(ctypes.byref(message))
