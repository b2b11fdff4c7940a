#!/usr/bin/env bash
# Runs README's commands on a bare Debian 12: a debootstrap folder with nothing but
# the base system, a fresh clone and an empty HOME. Takes its time; as root.
#
#   tests/e2e/bare_debian.sh DIRECTORY COMMAND...   (default: ./howdah test)
#
# DIRECTORY is made by debootstrap when it does not exist yet, and stays.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
root=${1:?usage: bare_debian.sh DIRECTORY [COMMAND...]}
shift
[ $# -gt 0 ] || set -- ./howdah test

if [ ! -e "$root/etc/debian_version" ]; then
  command -v debootstrap >/dev/null || { echo "install debootstrap first" >&2; exit 1; }
  mirror=$(sed -n 's/^URIs: *//p; s/^deb  *\(\[[^]]*\] *\)\?\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1) || true
  [ -n "$mirror" ] || { echo "apt has no source here" >&2; exit 1; }
  debootstrap --variant=minbase bookworm "$root" "$mirror"
fi
cp -r /etc/apt/sources.list* /etc/apt/apt.conf.d "$root/etc/apt/" 2>/dev/null || true
cp /etc/resolv.conf /etc/hosts "$root/etc/"

# PostgreSQL needs a /dev/shm that everybody may write to.
chmod 755 "$root" && chmod 1777 "$root/tmp"
for mount in proc sys dev dev/pts; do
  mountpoint -q "$root/$mount" || mount --bind "/$mount" "$root/$mount"
done
mountpoint -q "$root/dev/shm" || mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
trap 'for mount in dev/shm dev/pts dev sys proc; do umount "$root/$mount" || true; done' EXIT

rm -rf "$root/root/howdah"
git clone -q "$here" "$root/root/howdah"
env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  LC_ALL=C.UTF-8 CI=true chroot "$root" \
  bash -c 'cd /root/howdah && exec "$@"' bash "$@"
