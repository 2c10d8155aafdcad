#!/bin/sh
# Installs the Debian packages named as arguments, only those that are missing; elsewhere prints the list.
set -eu
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    for tool in gcc pkg-config lua5.4 opencc_dict; do
        command -v $tool >/dev/null 2>&1 || {
            echo "This is not a Debian system, and $tool is missing. Install the equivalents of:" >&2
            echo "  $*" >&2
            exit 1
        }
    done
    exit 0
fi
missing=
for p in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null || true)" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "Installing:$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    command -v sudo >/dev/null 2>&1 || { echo "Run as root: apt-get install$missing" >&2; exit 1; }
fi
$sudo apt-get update -q >/dev/null || echo "apt-get update failed; trying with the package lists at hand" >&2
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
