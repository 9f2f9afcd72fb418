# Sourced by ./partwise and ./test.sh, with $here set to the source folder.

# Names of the packages of the given stages.
listed_packages() {
  local name stage why
  while read -r name stage why; do
    [[ -z $name || $name == \#* ]] && continue
    [[ " $* " == *" $stage "* ]] && echo "$name"
  done < "$here/.ci/packages.txt"
  return 0
}

# Those of them that this machine lacks.
missing_packages() {
  local wanted installed name
  wanted=$(listed_packages "$@")
  # dpkg-query fails when it does not know one of the names: that is an answer, not an error.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null || true)
  for name in $wanted; do
    grep -qxF "installed $name" <<< "$installed" || echo "$name"
  done
}

apt_install() {
  apt-get -o DPkg::Lock::Timeout=120 update &&
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install \
      --yes --no-install-recommends "$@"
}

# Installs what is missing of the given stages. Without root it only says how, and exits 3.
need_packages() {
  local missing log="$here/build/packages.log"
  if ! command -v dpkg-query > /dev/null; then
    echo "no dpkg-query on this machine: packages are not checked (see .ci/packages.txt)" >&2
    return 0
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [[ -z $missing ]] && return 0
  if [[ $(id -u) != 0 ]]; then
    echo "Debian packages are missing. Install them and try again:" >&2
    echo "  sudo apt-get install --no-install-recommends $missing" >&2
    exit 3
  fi
  echo "installing with apt-get: $missing" >&2
  mkdir -p "$here/build"
  # Twice: a mirror that fails once usually answers the second time.
  if ! apt_install $missing < /dev/null > "$log" 2>&1 &&
     ! apt_install $missing < /dev/null > "$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get failed; the whole of what it said is in $log" >&2
    exit 3
  fi
}

# ccache fails the build where it cannot write, and the home folder of a service often is no folder.
if [[ -z ${CCACHE_DIR-} && ! -w ${HOME:-/nowhere} ]]; then
  export CCACHE_DIR="$here/build/ccache"
fi
