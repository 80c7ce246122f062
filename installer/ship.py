"""Build everything that people install on this system, under the names of myapp/identity.py.

Usage: python installer/ship.py, in an environment with the dev extra and the application's own
packages. The results lie in dist/: on Linux the one-file program and, where dpkg-deb is there, a
Debian package; on Windows the program and, where Inno Setup is there, its setup; on macOS the app.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
INNO_SETUP = Path(r"C:\Program Files (x86)\Inno Setup 6\ISCC.exe")


def run(*command: str | Path, **environment: str) -> None:
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT, env={**os.environ, **environment})


def build(kind: str, target: Path) -> None:
    options = ["--noconfirm", "--clean", "--log-level", "ERROR", "--distpath", target]
    run(sys.executable, "-m", "PyInstaller", *options, "myapp.spec", BUILD_KIND=kind)


def make_setup() -> None:
    compiler = shutil.which("ISCC") or (str(INNO_SETUP) if INNO_SETUP.exists() else None)
    if compiler is None:
        print("No setup: Inno Setup 6 is not installed (https://jrsoftware.org/isinfo.php).")
        return
    told = subprocess.run(
        [sys.executable, ROOT / "installer" / "values.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    run(compiler, "/Q", *told.stdout.splitlines(), ROOT / "installer" / "myapp.iss")


def main() -> None:
    if sys.platform == "darwin":
        build("onedir", DIST)
    else:
        build("onefile", DIST)
    if sys.platform == "win32":
        make_setup()
    elif sys.platform == "linux" and shutil.which("dpkg-deb"):
        build("onedir", DIST / "folder")
        run(sys.executable, ROOT / "installer" / "debian.py", DIST / "folder")
        for package in (DIST / "folder").glob("*.deb"):
            package.replace(DIST / package.name)
        shutil.rmtree(DIST / "folder")
    for each in sorted(DIST.iterdir()):
        print(each)


if __name__ == "__main__":
    main()
