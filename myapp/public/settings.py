"""What the environment says, read once. All that would be unsafe is told, and refused."""

import ipaddress
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*:[0-9a-f:.]*")
SHORTEST_SECRET = 32
FEWEST_DIFFERENT = 12
MOST_PROXIES_IN = {4: 16, 6: 48}
"""The widest network that may be called a proxy, by the version of IP."""

WELL_KNOWN = ("change", "secret", "default", "example", "password", "development", "insecure")
YES = ("1", "yes", "true", "on")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
NAMES = frozenset(
    f"MYAPP_{name}"
    for name in (
        "DATA", "SECRET", "SECRET_FILE", "ADDRESS", "PROXIES", "PROXY_COUNT", "ALLOW_HTTP",
        "LARGEST_UPLOAD", "SESSION_DAYS", "BIND", "WORKERS", "THREADS", "LOG_LEVEL",
        
    )
)  # fmt: skip


class Settings(NamedTuple):
    """`address` is the origin that people use. `proxies` is empty where nothing stands before us,
    and `unix_proxy` says that the proxy comes through a Unix socket, which has no address.
    `threads` are those of a process."""

    data: Path
    secret: bytes
    address: str
    proxies: tuple[Network, ...]
    unix_proxy: bool
    hops: int
    largest_upload: int
    session_seconds: float
    threads: int

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def trustworthy(self) -> bool:
        """Whether browsers take the address for one that nobody else can answer at."""
        return self.secure or self.host.partition(":")[0] in ("127.0.0.1", "localhost")

    @property
    def host(self) -> str:
        """As a browser sends it."""
        return self.address.partition("://")[2]

    @property
    def accounts(self) -> Path:
        """Beside the data file, and never in it."""
        return self.data.with_name(f"{self.data.stem}.accounts.sqlite")

    @property
    def folder(self) -> Path:
        """For uploads and exports on their way, and backups."""
        return self.data.with_name(f"{self.data.stem}.myapp")


class UnsafeSettings(Exception):
    """Every reason why the program does not start, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(["These settings are not safe, so nothing was started:",
                                    *(f"- {each}" for each in problems)]))  # fmt: skip


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises UnsafeSettings with everything that is wrong. Writes nothing."""
    reading = Reading(environment)
    settings = Settings(
        data=reading.data(),
        secret=reading.secret(),
        address=reading.address(),
        proxies=reading.proxies(),
        unix_proxy="unix" in reading.listed("MYAPP_PROXIES"),
        hops=reading.number("MYAPP_PROXY_COUNT", 1, 1, 10),
        largest_upload=reading.number("MYAPP_LARGEST_UPLOAD", 100, 1, 8_192) << 20,
        session_seconds=reading.number("MYAPP_SESSION_DAYS", 14, 1, 365) * 86_400.0,
        threads=reading.number("MYAPP_THREADS", 8, 1, 256),
    )
    reading.of_the_server()
    reading.look_around(settings)
    if reading.problems:
        raise UnsafeSettings(reading.problems)
    return settings


class Reading:
    """Collects what is wrong, so that it is told at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.given = environment
        self.problems: list[str] = []

    def get(self, name: str) -> str:
        return self.given.get(name, "").strip()

    def listed(self, name: str) -> list[str]:
        return [each.strip() for each in self.get(name).split(",") if each.strip()]

    def is_on(self, name: str) -> bool:
        return self.get(name).lower() in YES

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        text = self.get(name)
        if not text:
            return usual
        if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
            self.problems.append(f"{name} must be a whole number from {least:,} to {most:,}.")
            return usual
        return int(text)

    def data(self) -> Path:
        text = self.get("MYAPP_DATA")
        path = Path(text or "/")
        if not text:
            self.problems.append("MYAPP_DATA is missing: the whole path of the data file.")
        elif not path.is_absolute():
            self.problems.append("MYAPP_DATA must be a whole path, from the root folder on.")
        else:
            self.problems += problems_of_data(path)
        return path

    def secret(self) -> bytes:
        text, file = self.get("MYAPP_SECRET"), self.get("MYAPP_SECRET_FILE")
        if text and file:
            self.problems.append("Give MYAPP_SECRET or MYAPP_SECRET_FILE, not both.")
        if file and not text:
            try:
                text = Path(file).read_text(encoding="utf-8").strip()
                if others_may(Path(file), 0o077):
                    self.problems.append("MYAPP_SECRET_FILE can be read by others: chmod 600 it.")
            except (OSError, ValueError):
                self.problems.append("MYAPP_SECRET_FILE cannot be read.")
                return b""
        make = 'python -c "import secrets; print(secrets.token_hex(32))" makes one.'
        if not text:
            self.problems.append(f"MYAPP_SECRET is missing. {make}")
        elif len(text) < SHORTEST_SECRET:
            self.problems.append(
                f"MYAPP_SECRET is too short: at least {SHORTEST_SECRET} characters. {make}"
            )
        elif len(set(text)) < FEWEST_DIFFERENT or any(each in text.lower() for each in WELL_KNOWN):
            self.problems.append(f"MYAPP_SECRET can be guessed, or comes from an example. {make}")
        return text.encode()

    def address(self) -> str:
        text = self.get("MYAPP_ADDRESS").rstrip("/")
        if not text:
            self.problems.append("MYAPP_ADDRESS is missing, such as https://tables.example.org.")
            return ""
        try:
            split = urlsplit(text)
            port = split.port
        except ValueError:
            split, port = urlsplit(""), None
        known = split.scheme in ("http", "https") and split.hostname
        if not known or split.path or split.query or split.fragment or split.username is not None:
            self.problems.append(
                "MYAPP_ADDRESS must be https:// and a host name, without a path after it."
            )
            return text
        if not HOST.fullmatch(split.hostname or ""):
            self.problems.append(
                "MYAPP_ADDRESS must name the host as browsers send it: letters from a to z, or "
                "xn--… for a name with others."
            )
        if split.scheme == "http" and not self.is_on("MYAPP_ALLOW_HTTP"):
            self.problems.append(
                "MYAPP_ADDRESS is http: passwords and records would be read on the way. Use "
                "https, or set MYAPP_ALLOW_HTTP=1 to try it where nobody listens."
            )
        usual = {"http": 80, "https": 443}[split.scheme]
        name = f"[{split.hostname}]" if ":" in (split.hostname or "") else split.hostname
        return f"{split.scheme}://{name}" + (f":{port}" if port and port != usual else "")

    def proxies(self) -> tuple[Network, ...]:
        named = self.listed("MYAPP_PROXIES")
        if not named:
            self.problems.append(
                "MYAPP_PROXIES is missing: the addresses of the reverse proxy, such as 127.0.0.1, "
                "or unix for a Unix socket, or none where nothing stands before the program."
            )
        if "none" in named:
            if len(named) > 1:
                self.problems.append("MYAPP_PROXIES says none, and names proxies as well.")
            if self.get("MYAPP_PROXY_COUNT"):
                self.problems.append("MYAPP_PROXY_COUNT makes no sense with MYAPP_PROXIES=none.")
            return ()
        found: list[Network] = []
        for each in named:
            if each == "unix":
                continue
            try:
                network = ipaddress.ip_network(each)
            except ValueError:
                trusts = "it would trust everybody" if each == "*" else "it is no address"
                self.problems.append(f"MYAPP_PROXIES: {each!r} is not taken, for {trusts}.")
                continue
            if network.prefixlen < MOST_PROXIES_IN[network.version]:
                self.problems.append(
                    f"MYAPP_PROXIES: {each} is too wide, it would trust whoever sends a header."
                )
            found.append(network)
        return tuple(found)

    def of_the_server(self) -> None:
        """What Gunicorn and the log take by themselves."""
        self.number("MYAPP_WORKERS", 2, 1, 64)
        level = self.get("MYAPP_LOG_LEVEL").upper()
        if level and level not in LEVELS:
            self.problems.append(f"MYAPP_LOG_LEVEL must be one of {', '.join(LEVELS)}.")

    def look_around(self, settings: Settings) -> None:
        for name in ("MYAPP_DEBUG", "FLASK_DEBUG", "WERKZEUG_DEBUG_PIN"):
            if self.get(name).lower() not in ("", "0", "no", "false", "off"):
                self.problems.append(
                    f"{name} is set: debugging would show the inside to everybody."
                )
        for name in sorted(self.given):
            if name.startswith("MYAPP_") and name not in NAMES and name != "MYAPP_DEBUG":
                self.problems.append(f"{name} is not a setting; perhaps it is mistyped.")
        if not settings.data.name:
            return
        for path in (settings.accounts, *beside(settings.accounts)):
            if path.exists() and others_may(path, 0o077):
                self.problems.append(f"{path.name} can be read by others: chmod 600 it.")
        if settings.folder.exists() and others_may(settings.folder, 0o077):
            self.problems.append(f"The folder {settings.folder.name} is open to others: chmod 700.")


def beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def others_may(path: Path, rights: int) -> bool:
    """Whether the group or others have one of these rights. Windows keeps no such bits."""
    return os.name != "nt" and bool(stat.S_IMODE(path.stat().st_mode) & rights)


def problems_of_data(path: Path) -> list[str]:
    from myapp.store.location import network_of

    make = "python -m myapp.public prepare makes it ready."
    if path.is_dir():
        return [f"MYAPP_DATA: {path} is a folder, and must be a file."]
    if not path.parent.is_dir():
        return [f"MYAPP_DATA: the folder {path.parent} is missing."]
    if not path.exists():
        return [f"MYAPP_DATA: {path} is missing. {make}"]
    problems = []
    if not os.access(path, os.R_OK | os.W_OK):
        problems.append(f"MYAPP_DATA: {path} may not be read and written by this account.")
    elif not is_in_wal_mode(path):
        problems.append(f"MYAPP_DATA: {path} is no SQLite file in WAL mode. {make}")
    if not os.access(path.parent, os.W_OK):
        problems.append(f"MYAPP_DATA: the folder {path.parent} may not be written to.")
    if others_may(path, 0o007):
        problems.append(f"MYAPP_DATA: {path} can be read by every user: chmod 600 it.")
    if others_may(path.parent, 0o002):
        problems.append(f"MYAPP_DATA: everybody may write to the folder {path.parent}.")
    if network_of(path, windows=os.name == "nt") is not None:
        problems.append("MYAPP_DATA lies on a network drive, where several processes damage it.")
    return problems


def is_in_wal_mode(path: Path) -> bool:
    """By its header; asked before SQLite opens it, whose locks another reader would end."""
    with path.open("rb") as file:
        header = file.read(20)
    return header[:16] == b"SQLite format 3\0" and header[18:20] == b"\2\2"
