#!/usr/bin/env bash
# Tries the README's two commands in a bare Debian 12, made here by debootstrap, and prints what they
# took. Needs root, debootstrap, the network and some gigabytes: tests/bare_debian.sh [FOLDER]
# The folder (standard: /tmp/bare_debian) must not exist yet; it is left behind for looking around.
set -euo pipefail
here=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
root=${1:-/tmp/bare_debian}
mirror=${MIRROR:-http://deb.debian.org/debian}
[[ $(id -u) == 0 ]] || { echo "needs root, for debootstrap and chroot" >&2; exit 3; }
[[ ! -e $root ]] || { echo "$root exists: remove it or name another folder" >&2; exit 2; }

debootstrap --variant=minbase bookworm "$root" "$mirror" > /dev/null
mkdir "$root/partwise"
(cd "$here" && git ls-files -z --cached --others --exclude-standard |
   tar --null --create --files-from - | tar --extract --directory "$root/partwise")

measure() {
  echo "$(dpkg-query -f '.\n' -W --admindir "$root/var/lib/dpkg" | wc -l) packages," \
       "$(du -sm --exclude=partwise "$root" | cut -f 1) MB of system," \
       "$(du -sm "$root/partwise" | cut -f 1) MB of Partwise"
}
# In namespaces of its own, so that nothing stays mounted or running, whatever happens. The
# environment is that of a first login.
inside() {
  local before=$SECONDS rc=0
  echo "== $*"
  unshare --mount --pid --fork bash -c '
    mount -t proc proc "$1/proc"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$1" \
      bash -c "cd /partwise; $2"' - "$root" "$*" < /dev/null || rc=$?
  echo "== exit code $rc after $((SECONDS - before)) s; $(measure)"
  return $rc
}

echo "== bare: $(measure)"
inside ./partwise run scenarios/examples/quickstart.yaml
inside ./partwise run scenarios/examples/quickstart.yaml --out out/again
inside ./test.sh
