# Wine in a prefix of its own: sourced by the scripts that build and try the Windows program.

# Debian's security archive can lag behind for i386, which makes wine32 uninstallable beside an amd64 of
# the security archive: take both halves from the main suites alone.
install_wine() {
  command -v wine >/dev/null && command -v Xvfb >/dev/null && command -v xdotool >/dev/null && return
  local lists=$1/apt suite key=/usr/share/keyrings/debian-archive-keyring.gpg
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mkdir -p "$lists/lists/partial"
  printf 'deb [signed-by=%s] http://deb.debian.org/debian %s main\n' "$key" "$suite" "$key" "$suite-updates" > "$lists/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$lists/lists")
  dpkg --add-architecture i386
  apt-get "${options[@]}" -qq update
  DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq install -y --no-install-recommends --allow-downgrades \
    wine wine64 wine32:i386 xvfb xauth xdotool imagemagick curl >/dev/null
}

# Ends with the calling script. What Wine keeps running in the background is started here, away from any
# pipe: it would hold the pipe of the first command open for ever.
start_wine() {
  export HOME=$1/home WINEPREFIX=$1/home/.wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe='
  export USERNAME=root PYTHONUTF8=1 LC_ALL=C.UTF-8
  mkdir -p "$WINEPREFIX"
  if [ -z "${DISPLAY:-}" ]; then
    : > "$1/display"
    Xvfb -displayfd 3 -screen 0 1280x1024x24 3>"$1/display" >/dev/null 2>&1 &
    xvfb=$!
    until grep -q '[0-9]' "$1/display"; do sleep 0.1; done
    DISPLAY=:$(cat "$1/display")
    export DISPLAY
  fi
  trap 'end_wine; [ -z "${xvfb:-}" ] || kill "$xvfb" 2>/dev/null' EXIT
  # A server of an earlier script that is still ending would refuse the new one.
  end_wine
  setsid wineserver -p >/dev/null 2>&1 </dev/null
  local first
  [ -e "$WINEPREFIX/system.reg" ] && first= || first=yes
  setsid timeout 300 wineboot -i >/dev/null 2>&1 </dev/null
  [ -z "$first" ] || setsid timeout 60 winecfg -v win10 >/dev/null 2>&1 </dev/null
}

end_wine() {
  timeout 30 wineserver -k >/dev/null 2>&1 || true
  timeout 30 wineserver -w >/dev/null 2>&1 || true
}

# Windows Python dies under Wine when its output is a regular file, so it gets a pipe; the command's end is
# waited for, not the pipe's. Limit, in seconds: $PATIENCE.
on_windows() {
  local code=0
  timeout --kill-after=10 "${PATIENCE:-600}" wine "$@" </dev/null > >(exec cat) 2>&1 || code=$?
  [ "$code" != 124 ] || echo "$1: did not end within ${PATIENCE:-600} s" >&2
  return "$code"
}

windows_path() { printf 'Z:%s' "${1//\//\\}"; }
