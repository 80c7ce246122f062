"""Run the Dockerfile's steps in a clean root where no container can be built, and try the result.

    python installer/server/try_image.py /tmp/root

As root on Debian. Both stages share the root, which debootstrap fills; it brings its own Python in
place of the base image's. The proxy's variables of pip are passed on.
"""

import http.client
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORT = "8931"
SETTINGS = {
    "MYAPP_SECRET": "8c1f0b7e5d2a49637f60b1c3d8e4a5926071f3c2",
    "MYAPP_ADDRESS": "https://tables.example.org",
    "MYAPP_PROXIES": "127.0.0.1",
    "MYAPP_BIND": f"127.0.0.1:{PORT}",
}


def steps() -> list[tuple[str, str]]:
    text = (ROOT / "installer" / "server" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def make_root(root: Path) -> None:
    if not (root / "usr" / "bin" / "python3").exists():
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates"]
            + ["bookworm", str(root)],
            check=True,
        )
    # Whoever signs the traffic here is trusted there as well.
    for name in ("resolv.conf", "hosts", "pip.conf", "ssl/certs/ca-certificates.crt"):
        if (Path("/etc") / name).exists():
            shutil.copyfile(Path("/etc") / name, root / "etc" / name)


def main(root: Path) -> None:
    make_root(root)
    for stale in ("src", "opt/myapp", "data"):
        shutil.rmtree(root / stale, ignore_errors=True)
    kept = ("PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
    passed = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy") or k in kept}
    given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **passed}
    user, command, health = "", [], []
    for word, rest in steps():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                place = root / target.lstrip("/")
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place)
                else:
                    place.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / source, place)
        elif word == "RUN":
            known = "useradd" in rest and "myapp:" in (root / "etc/passwd").read_text()
            if not known:
                subprocess.run(["chroot", root, "sh", "-ec", rest], check=True, env=given)
        elif word == "ENV":
            for each in shlex.split(rest):
                name, _, value = each.partition("=")
                given[name] = value.replace("$PATH", given["PATH"])
        elif word == "USER":
            user = rest
        elif word in ("CMD", "HEALTHCHECK"):
            parts = json.loads(rest[rest.index("[") :])
            command, health = (parts, health) if word == "CMD" else (command, parts)
    health = [each.replace("8000", PORT) for each in health]
    inside = ["chroot", f"--userspec={user}:{user}", str(root)]
    given |= SETTINGS
    server = subprocess.Popen([*inside, *command], env=given)
    try:
        for _ in range(100):
            if subprocess.run([*inside, *health], env=given, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)
        else:
            sys.exit("it does not become healthy")
        owner = ["python3", "-m", "myapp.public", "create-owner", "--link"]
        said = subprocess.run([*inside, *owner], env=given, capture_output=True, text=True)
        link = said.stdout.split()[-1].partition("example.org")[2]
        headers = {
            "Host": "tables.example.org",
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Proto": "https",
        }
        connection = http.client.HTTPConnection("127.0.0.1", int(PORT), timeout=30)
        connection.request("GET", link, headers=headers)
        assert b"You are invited" in connection.getresponse().read()
        connection.close()
    finally:
        server.terminate()
        server.wait(60)
    held = sorted((root / "data").iterdir())
    assert all(each.stat().st_mode & 0o077 == 0 for each in held), held
    size = subprocess.run(["du", "-sm", root / "opt/myapp"], capture_output=True, text=True)
    print(f"It became healthy and took an invitation. /opt/myapp: {size.stdout.split()[0]} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
