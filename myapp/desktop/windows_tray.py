"""The icon in Windows' notification area, by Windows' own functions.

A hidden window of its own in a thread of its own hears of clicks, and of an Explorer that starts
anew and has forgotten every icon.
Source: https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-shell_notifyiconw
"""

import ctypes
import logging
import sys
import threading
from ctypes import wintypes
from typing import Any

from myapp import identity

from . import windows_session
from .tray import CHOICES, Choose, Told

assert sys.platform == "win32"

log = logging.getLogger(__name__)
CLASS = f"{identity.SLUG}-tray-{identity.APP_ID}"
END_SECONDS = 0.5
ALREADY_THERE = 1410
"""The error of a class of windows that is registered twice."""

LONGEST_TIP = 127

WM_NULL, WM_DESTROY, WM_CLOSE, WM_CONTEXTMENU, WM_USER, WM_APP = 0, 2, 0x10, 0x7B, 0x400, 0x8000
CLICKED, CHANGED, HIDDEN = WM_APP + 1, WM_APP + 2, WM_APP + 3
NIN_SELECT, NIN_KEYSELECT = WM_USER, WM_USER + 1
NIM_ADD, NIM_MODIFY, NIM_DELETE, NIM_SETVERSION = 0, 1, 2, 4
NIF_MESSAGE, NIF_ICON, NIF_TIP, NIF_SHOWTIP = 1, 2, 4, 0x80
NOTIFYICON_VERSION_4 = 4
SM_CXSMICON, SM_CYSMICON = 49, 50
IMAGE_ICON, LR_LOADFROMFILE = 1, 0x10
MF_STRING, MF_SEPARATOR = 0, 0x800
TPM_RIGHTBUTTON, TPM_BOTTOMALIGN, TPM_NONOTIFY, TPM_RETURNCMD = 2, 0x20, 0x80, 0x100
MSGFLT_ALLOW = 1


class IconData(ctypes.Structure):
    """NOTIFYICONDATAW."""

    _fields_ = (
        ("size", wintypes.DWORD),
        ("window", wintypes.HWND),
        ("id", wintypes.UINT),
        ("flags", wintypes.UINT),
        ("message", wintypes.UINT),
        ("icon", wintypes.HANDLE),
        ("tip", wintypes.WCHAR * (LONGEST_TIP + 1)),
        ("state", wintypes.DWORD),
        ("state_mask", wintypes.DWORD),
        ("info", wintypes.WCHAR * 256),
        ("version", wintypes.UINT),
        ("info_title", wintypes.WCHAR * 64),
        ("info_flags", wintypes.DWORD),
        ("guid", ctypes.c_byte * 16),
        ("balloon", wintypes.HANDLE),
    )


def functions() -> tuple[ctypes.WinDLL, ctypes.WinDLL]:
    """User32 and shell32, with the types of what takes or gives more than a number."""
    user = ctypes.WinDLL("user32", use_last_error=True)
    shell = ctypes.WinDLL("shell32", use_last_error=True)
    window, handle, number = wintypes.HWND, wintypes.HANDLE, ctypes.c_int
    word, long = wintypes.WPARAM, wintypes.LPARAM
    user.DefWindowProcW.restype = windows_session.LRESULT
    user.DefWindowProcW.argtypes = [window, wintypes.UINT, word, long]
    user.PostMessageW.argtypes = [window, wintypes.UINT, word, long]
    user.CreateWindowExW.restype = window
    user.CreateWindowExW.argtypes = [
        *(wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD),
        *[number] * 4,
        *(window, handle, wintypes.HINSTANCE, wintypes.LPVOID),
    ]
    user.DestroyWindow.argtypes = user.SetForegroundWindow.argtypes = [window]
    user.LoadImageW.restype = handle
    kinds: list[Any] = [handle, wintypes.LPCWSTR, wintypes.UINT, number, number, wintypes.UINT]
    user.LoadImageW.argtypes = kinds
    user.DestroyIcon.argtypes = user.DestroyMenu.argtypes = [handle]
    user.CreatePopupMenu.restype = handle
    user.AppendMenuW.argtypes = [handle, wintypes.UINT, word, wintypes.LPCWSTR]
    user.SetMenuDefaultItem.argtypes = [handle, wintypes.UINT, wintypes.UINT]
    user.TrackPopupMenuEx.argtypes = [
        handle,
        wintypes.UINT,
        number,
        number,
        window,
        wintypes.LPVOID,
    ]
    kinds = [window, wintypes.UINT, wintypes.DWORD, wintypes.LPVOID]
    user.ChangeWindowMessageFilterEx.argtypes = kinds
    shell.Shell_NotifyIconW.argtypes = [wintypes.DWORD, ctypes.POINTER(IconData)]
    return user, shell


class WindowsIcon:
    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.there = False
        self.settled = threading.Event()
        self.told = Told("", ())
        self.window: int | None = None
        self.icon: int | None = None
        self.user, self.shell = functions()
        self.created = self.user.RegisterWindowMessageW("TaskbarCreated")
        # Windows calls it for as long as the window is there: it must not be collected.
        self.procedure = windows_session.WindowProcedure(self.on_message)
        self.thread = threading.Thread(target=self.run, name="tray", daemon=True)

    def show(self, told: Told) -> None:
        self.told = told
        self.thread.start()

    def tell(self, told: Told) -> None:
        self.told = told
        self.post(CHANGED)

    def hide(self) -> None:
        self.settled.wait(END_SECONDS)
        self.post(HIDDEN)
        self.thread.join(END_SECONDS)

    def post(self, message: int) -> None:
        if self.window is not None:
            self.user.PostMessageW(self.window, message, 0, 0)

    def run(self) -> None:
        user = self.user
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.GetModuleHandleW.restype = wintypes.HMODULE
        instance = kernel.GetModuleHandleW(None)
        made = windows_session.WindowClass(procedure=self.procedure, instance=instance, name=CLASS)
        # The last icon of this process, which a page turned off, may still be going.
        while not user.RegisterClassW(ctypes.byref(made)):
            if ctypes.get_last_error() != ALREADY_THERE:
                break
            made.name += "+"
        # A message-only window would not hear of a new Explorer: this one is never shown.
        self.window = user.CreateWindowExW(
            0, made.name, identity.NAME, 0, 0, 0, 0, 0, None, None, instance, None
        )
        if not self.window:
            log.warning("no window for the tray (error %s)", ctypes.get_last_error())
            self.settled.set()
            return
        # An Explorer with fewer rights than ours may tell us that it is there.
        user.ChangeWindowMessageFilterEx(self.window, self.created, MSGFLT_ALLOW, None)
        self.icon = user.LoadImageW(
            None,
            str(identity.resource_folder("static") / "desktop" / "tray.ico"),
            IMAGE_ICON,
            user.GetSystemMetrics(SM_CXSMICON),
            user.GetSystemMetrics(SM_CYSMICON),
            LR_LOADFROMFILE,
        )
        self.add()
        message = wintypes.MSG()
        while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.TranslateMessage(ctypes.byref(message))
            user.DispatchMessageW(ctypes.byref(message))
        self.window = None
        user.DestroyIcon(self.icon)
        # Another icon of this process, shown later, has a procedure of its own.
        user.UnregisterClassW(made.name, wintypes.HINSTANCE(instance))

    def add(self) -> None:
        """Where Explorer is not there yet, it says so when it comes."""
        self.there = self.notify(NIM_ADD)
        if self.there:
            self.notify(NIM_SETVERSION)
        log.info("the icon is %s the tray", "in" if self.there else "not yet in")
        self.settled.set()

    def notify(self, what: int) -> bool:
        tip = f"{identity.NAME}: {self.told.text}" if self.told.text else identity.NAME
        data = IconData(
            size=ctypes.sizeof(IconData),
            window=self.window,
            id=1,
            flags=NIF_MESSAGE | NIF_ICON | NIF_TIP | NIF_SHOWTIP,
            message=CLICKED,
            icon=self.icon,
            tip=tip.encode("utf-16-le")[: LONGEST_TIP * 2].decode("utf-16-le", "ignore"),
            version=NOTIFYICON_VERSION_4,
        )
        return bool(self.shell.Shell_NotifyIconW(what, ctypes.byref(data)))

    def on_message(self, window: int, message: int, word: int, long: int) -> int:
        if message == CLICKED:
            self.on_click(long & 0xFFFF, word)
        elif message == CHANGED:
            self.notify(NIM_MODIFY)
        elif message == self.created:
            self.add()
        elif message == HIDDEN:
            self.there = False
            self.notify(NIM_DELETE)
            self.user.DestroyWindow(window)
        elif message == WM_DESTROY:
            self.user.PostQuitMessage(0)
        elif message != WM_CLOSE:
            # What asks for the program's end asks the session's window as well.
            found: int = self.user.DefWindowProcW(window, message, word, long)
            return found
        return 0

    def on_click(self, event: int, place: int) -> None:
        if event in (NIN_SELECT, NIN_KEYSELECT):
            self.choose("open")
        elif event == WM_CONTEXTMENU:
            left, top = (ctypes.c_short(each).value for each in (place & 0xFFFF, place >> 16))
            self.show_menu(left, top)

    def show_menu(self, left: int, top: int) -> None:
        user = self.user
        menu = user.CreatePopupMenu()
        for item in self.told.items:
            if item.what == "line":
                user.AppendMenuW(menu, MF_SEPARATOR, 0, None)
            else:
                # One & would mark the key of the letter behind it.
                user.AppendMenuW(menu, MF_STRING, item.number, item.label.replace("&", "&&"))
        user.SetMenuDefaultItem(menu, CHOICES.index("open"), False)
        # Without these two the menu would not go when something else is clicked:
        # https://learn.microsoft.com/windows/win32/api/winuser/nf-winuser-trackpopupmenuex
        user.SetForegroundWindow(self.window)
        flags = TPM_RIGHTBUTTON | TPM_BOTTOMALIGN | TPM_NONOTIFY | TPM_RETURNCMD
        chosen = user.TrackPopupMenuEx(menu, flags, left, top, self.window, None)
        user.PostMessageW(self.window, WM_NULL, 0, 0)
        user.DestroyMenu(menu)
        if chosen:
            self.choose(CHOICES[chosen])
