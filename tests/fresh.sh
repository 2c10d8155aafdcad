#!/bin/sh
# fresh.sh [FOLDER]: both README commands in a bare Debian, made by debootstrap in FOLDER (default: a temporary one),
# from a clone of this checkout's last commit.  Takes a quarter of an hour; run by hand, as root.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d)}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(sed -n 's/^URIs: *\(http[^ ]*\/debian\)\/* *$/\1/p; s/^deb *\(http[^ ]*\/debian\)\/* .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}

[ "$(id -u)" = 0 ] || { echo "fresh.sh: debootstrap and chroot need root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "fresh.sh: apt-get install debootstrap" >&2; exit 1; }

done_with() { for m in proc dev/pts dev; do umount "$root/$m" 2>/dev/null || :; done; }
trap done_with EXIT
[ -x "$root/bin/sh" ] || debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 5 "$root.log" >&2; exit 1; }
mkdir -p "$root/proc" "$root/dev" "$root/root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev" 2>/dev/null || :
mount --bind /dev/pts "$root/dev/pts" 2>/dev/null || :
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || :
cp /etc/hosts "$root/etc/hosts" 2>/dev/null || :

rm -rf "$root/root/ds"
git clone -q "$top" "$root/root/ds"
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} sh -c "$1"; }
# A bare system lacks make itself: that is the one thing to install before the README's commands.
inside 'apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends make >/dev/null'
echo "== make run";  inside 'cd /root/ds && make run'
echo "== make test"; inside 'cd /root/ds && make test'
echo "== make test MODE=asan"; inside 'cd /root/ds && make test MODE=asan'
echo "fresh.sh: both commands pass in a bare $suite ($root)"
