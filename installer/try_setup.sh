#!/usr/bin/env bash
# Try a built setup under Wine, the way a person does.
# Usage: installer/try_setup.sh WORK_FOLDER [onefile|onedir]
# WORK_FOLDER is the one that installer/windows.sh built in; screenshots go to WORK_FOLDER/pages.
set -euo pipefail
work=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=installer/wine.sh
source "$root/installer/wine.sh"
install_wine "$work"
start_wine "$work"
[ "${2:-onefile}" = onedir ] || PATIENCE=120 on_windows "$work/python/python.exe" "$(windows_path "$root/installer/try_parts.py")"
python3 "$root/installer/try_setup.py" "$work" "${2:-onefile}"
