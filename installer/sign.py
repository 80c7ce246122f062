"""Sign executables on Windows, with the certificate in the environment, and time-stamp them.

Usage: python installer/sign.py FILE …, with CERTIFICATE (a PFX file in base64) and PASSWORD set.
"""

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TIME_STAMPS = "http://timestamp.digicert.com"


def find_signtool() -> str:
    """The newest of the Windows SDK, which is not on the path of a runner."""
    kits = Path(os.environ["PROGRAMFILES(X86)"], "Windows Kits", "10", "bin")
    found = sorted(kits.glob("10.*/x64/signtool.exe"))
    if not found:
        sys.exit(f"no signtool.exe in {kits}")
    return str(found[-1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder, "certificate.pfx")
        certificate.write_bytes(base64.b64decode(os.environ["CERTIFICATE"]))
        subprocess.run(
            [find_signtool(), "sign", "/fd", "sha256", "/td", "sha256", "/tr", TIME_STAMPS]
            + ["/f", str(certificate), "/p", os.environ["PASSWORD"], *sys.argv[1:]],
            check=True,
        )


if __name__ == "__main__":
    main()
