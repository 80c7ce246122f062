"""Pack a folder build as a Debian package, with its menu entry, icons and AppStream description.

Usage: python installer/debian.py DIST_FOLDER, which holds what PyInstaller made with
BUILD_KIND=onedir. Needs dpkg-deb. A folder and not one file inside: nothing is unpacked at a start.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from myapp import identity

ID = f"{identity.DOMAIN}.{identity.SLUG}"
TYPES = "application/vnd.sqlite3;text/csv;"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
DESCRIPTION = identity.DESCRIPTION

CONTROL = f"""Package: {identity.SLUG}
Version: {identity.VERSION}
Architecture: {{architecture}}
Maintainer: {identity.PUBLISHER} <nobody@invalid>
Installed-Size: {{kilobytes}}
Depends: libc6 (>= {{libc}})
Recommends: xdg-utils
Suggests: gnome-shell-extension-appindicator
Section: database
Priority: optional
Description: {DESCRIPTION}
 Opens in the browser, keeps its data in a file of yours, and needs no internet.
"""

DESKTOP = f"""[Desktop Entry]
Type=Application
Name={identity.NAME}
Comment={DESCRIPTION}
Exec={identity.SLUG} %F
Icon={ID}
Terminal=false
Categories=Office;Database;
MimeType={TYPES}
StartupNotify=true
"""

METAINFO = f"""<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>{ID}</id>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>MIT</project_license>
  <name>{escape(identity.NAME)}</name>
  <summary>{escape(DESCRIPTION)}</summary>
  <description><p>Opens in the browser, keeps its data in a file of yours, and needs no
  internet.</p></description>
  <developer id="{identity.DOMAIN}"><name>{escape(identity.PUBLISHER)}</name></developer>
  <launchable type="desktop-id">{ID}.desktop</launchable>
  <provides><binary>{identity.SLUG}</binary></provides>
  <content_rating type="oars-1.1"/>
  <releases><release version="{identity.VERSION}" date="{{today}}"/></releases>
</component>
"""

COPYRIGHT = (ROOT / "LICENSE").read_text(encoding="utf-8")


def libc_needed(folder: Path) -> str:
    """The newest version of the C library that any file of the build asks for."""
    found = {(2, 17)}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            asked = re.findall(rb"GLIBC_(\d+)\.(\d+)", path.read_bytes())
            found |= {(int(major), int(minor)) for major, minor in asked}
    return ".".join(map(str, max(found)))


def fill(tree: Path, build: Path) -> None:
    program = tree / "usr" / "lib" / identity.SLUG
    shutil.copytree(build, program, symlinks=True)
    command = tree / "usr" / "bin" / identity.SLUG
    command.parent.mkdir(parents=True)
    command.symlink_to(f"../lib/{identity.SLUG}/{identity.SLUG}")
    share = tree / "usr" / "share"
    write(share / "applications" / f"{ID}.desktop", DESKTOP)
    today = date.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH", "0")) or build.stat().st_mtime
    )
    write(share / "metainfo" / f"{ID}.metainfo.xml", METAINFO.replace("{today}", str(today)))
    write(share / "doc" / identity.SLUG / "copyright", COPYRIGHT)
    icons = share / "icons" / "hicolor"
    for size, source in (("scalable", "static/icon.svg"), ("256x256", "installer/icons/app.png")):
        target = icons / size / "apps" / f"{ID}{Path(source).suffix}"
        target.parent.mkdir(parents=True)
        shutil.copy(ROOT / source, target)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main(dist: Path) -> None:
    build = dist / identity.SLUG
    if not (build / identity.SLUG).is_file():
        raise SystemExit(f"{build} is no folder build; build it with BUILD_KIND=onedir")
    architecture = ARCHITECTURES[platform.machine()]
    package = dist / f"{identity.SLUG}_{identity.VERSION}_{architecture}.deb"
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        tree.mkdir(mode=0o755)
        fill(tree, build)
        size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
        control = CONTROL.format(architecture=architecture, kilobytes=size, libc=libc_needed(build))
        write(tree / "DEBIAN" / "control", control)
        for path in tree.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"{package.name}: {package.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
