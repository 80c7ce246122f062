#!/usr/bin/env bash
# Install a Debian package, start it from its menu entry as a person would, use it, remove it again.
# Usage, as root: installer/try_debian.sh PACKAGE.deb
set -euo pipefail
package=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
slug=$(dpkg-deb --field "$package" Package)
work=$(mktemp -d)
need=()
command -v gio >/dev/null || need+=(libglib2.0-bin)
command -v desktop-file-validate >/dev/null || need+=(desktop-file-utils)
command -v appstreamcli >/dev/null || need+=(appstream)
command -v curl >/dev/null || need+=(curl)
if [ "${#need[@]}" != 0 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi
remove() { dpkg --remove "$slug" >/dev/null 2>&1 || true; rm -rf "$work"; }
trap remove EXIT

dpkg --install "$package" >/dev/null
entry=$(dpkg --listfiles "$slug" | grep '/applications/.*\.desktop$')
desktop-file-validate "$entry"
appstreamcli validate --no-net "$(dpkg --listfiles "$slug" | grep 'metainfo.xml$')" >/dev/null
echo "   installed; its menu entry and its description are sound"

# The default browser is a script that writes down what it was to open.
printf '#!/bin/sh\necho "$1" >> "%s/opened"\n' "$work" > "$work/browser"
chmod +x "$work/browser"
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CONFIG_HOME=$work/home/config \
  XDG_STATE_HOME=$work/home/state XDG_CACHE_HOME=$work/home/cache BROWSER=$work/browser DISPLAY=:99
mkdir -p "$HOME"
printf 'name,age\nAda,36\n' > "$work/Käse & Brot.csv"

wait_for() { for _ in $(seq 600); do if eval "$1"; then return; fi; sleep 0.1; done; echo "never: $1"; exit 1; }
began=$(date +%s%N)
gio launch "$entry" "$work/Käse & Brot.csv"
wait_for '[ -s "$work/opened" ]'
echo "   started from its menu entry with a file, browser after $((($(date +%s%N) - began) / 1000000)) ms"
page=$(curl -fsSL -c "$work/cookies" "$(head -1 "$work/opened")")
grep -q 'Käse &amp; Brot' <<<"$page"
gio launch "$entry"
wait_for '[ "$(wc -l < "$work/opened")" = 2 ]'
"$slug" --quit
wait_for '! pgrep -x "$slug" >/dev/null'
echo "   a second start opened a page in the first; it ended when it was asked"
"$slug" --start-at-login on >/dev/null
python3 "$here/try_program.py" "$(command -v "$slug")" | sed 's/^/   /'

dpkg --remove "$slug" >/dev/null
[ ! -e "/usr/lib/$slug" ] && [ ! -e "$entry" ]
find "$HOME" -name '*.sqlite' | grep -q .
tried=$(sed -n 's/^TryExec=//p' "$XDG_CONFIG_HOME"/autostart/*.desktop)
[ -n "$tried" ] && [ ! -e "$tried" ]
echo "   removed; a desktop passes over what started at login; the records are still there"
