"""Ship a stranger's application: one edit of the identity, one command, and the result is tried.

Usage: python installer/try_shipping.py, in an environment with the dev extra. Works on a copy.
"""

import http.client
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STRANGER = ROOT / "tests" / "desktop" / "foreign" / "diary"
IDENTITY = {
    "NAME": "Diary",
    "SLUG": "diary",
    "APPLICATION": "diary:create_app",
    "APP_ID": "0F9D6F1E-7A55-4C8F-8C1B-2D0B8B6C4E11",
}


def copy_checkout(target: Path) -> None:
    names = ["launcher.py", "myapp.spec", "LICENSE", "myapp", "templates", "static", "installer"]
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name)
        else:
            shutil.copy(ROOT / name, target / name)
    shutil.copytree(STRANGER, target / "diary")


def change_identity(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, value in IDENTITY.items():
        text, count = re.subn(rf'(?m)^{name} = ".*"$', f'{name} = "{value}"', text)
        assert count == 1, name
    text, count = re.subn(r"(?ms)^COMMANDS = \{.*?^\}$", "COMMANDS: dict[str, str] = {}", text)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def use(executable: Path, folder: Path) -> float:
    """Come in, join, write, quit; gives the seconds to the first page."""
    began = time.monotonic()
    program = subprocess.Popen(
        [str(executable), "--no-browser", "--stay", "--port", "0", "--data-folder", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder.parent,
    )
    try:
        assert program.stdout is not None
        link = urllib.parse.urlsplit(program.stdout.readline().strip())
        cookies = dict([ask(link.port, f"{link.path}?{link.query}", {})[1]])
        assert list(cookies) == [f"diary-{link.port}"], cookies
        page = ask(link.port, "/", cookies)
        seconds = time.monotonic() - began
        assert "<h1>Diary" in page[2] and "/_desktop/presence.js" in page[2], page
        assert "max-width" in ask(link.port, "/static/style.css", cookies)[2]
        assert ask(link.port, "/people/join", cookies, {"name": "Ada", "password": "p"})[0] == 302
        quit_page = ask(link.port, "/_desktop/", cookies)[2]
        token = re.findall(r'name="_token" value="([^"]+)"', quit_page)[0]
        assert "Diary has ended" in ask(link.port, "/_desktop/quit", cookies, {"_token": token})[2]
        assert program.wait(30) == 0
    finally:
        program.kill()
        program.communicate()
    assert (folder / "diary.sqlite").exists()
    assert (folder / "logs" / "diary.log").exists()
    return seconds


def ask(
    port: int | None, path: str, cookies: dict[str, str], form: dict[str, str] | None = None
) -> tuple[int, tuple[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port or 0, timeout=30)
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Accept": "text/html",
    }
    body = None
    if form is not None:
        headers["Origin"] = f"http://127.0.0.1:{port}"
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urllib.parse.urlencode(form)
    connection.request("GET" if form is None else "POST", path, body, headers)
    answer = connection.getresponse()
    name, _, value = (answer.getheader("Set-Cookie") or "").partition(";")[0].partition("=")
    text = answer.read().decode()
    connection.close()
    return answer.status, (name, value), text


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        copy.mkdir()
        copy_checkout(copy)
        change_identity(copy / "myapp" / "identity.py")
        subprocess.run([sys.executable, copy / "installer" / "ship.py"], check=True)
        if shutil.which("dpkg-deb"):
            (package,) = (copy / "dist").glob("diary_*.deb")
            fields = ["dpkg-deb", "--field", str(package), "Package"]
            named = subprocess.run(fields, capture_output=True, text=True, check=True)
            assert named.stdout.strip() == "diary"
        executable = copy / "dist" / "diary"
        seconds = use(executable, Path(folder, "data"))
        size = executable.stat().st_size / 1e6
        print(
            f"a stranger's application: {size:.1f} MB, first page after {seconds:.2f} s, all fine"
        )


if __name__ == "__main__":
    main()
