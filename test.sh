#!/usr/bin/env bash
# Installs what is missing, builds with sanitizers, runs all tests. What is not understood here goes
# to ctest: ./test.sh -R Link
#   --clang  also with Clang, as continuous integration does
#   --all    also with Clang and optimised
#   --tidy   only clang-tidy, on the files given after it or on all
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$here"
source .ci/machine.sh
jobs=$(nproc)
failed=()

sources() {
  find models sim hardware optimizers results scenarios tests \( -name '*.h' -o -name '*.cpp' \) | sort
}

step() {
  local name=$1
  shift
  echo "== $name" >&2
  "$@" || failed+=("$name")
}

layout() {
  local wrong
  wrong=$(sources | xargs -d '\n' clang-format --dry-run 2>&1 | sed -n 's/^\([^:]*\):.*warning.*/\1/p' | uniq)
  [[ -z $wrong ]] && return 0
  printf 'to repair: clang-format -i %s\n' "${wrong//$'\n'/ }" >&2
  return 1
}

configured() {
  [[ -e build/$1/build.ninja ]] || cmake --preset "$1" --fresh > /dev/null
}

# Builds and runs the tests of a preset.
tests() {
  local preset=$1
  shift
  configured "$preset" && cmake --build --preset "$preset" -j "$jobs" &&
    ctest --preset "$preset" -j "$jobs" "$@"
}

tidy() {
  local files=("$@")
  cmake --preset clang > /dev/null  # its list of commands has no flags that clang-tidy does not know
  [[ ${#files[@]} -gt 0 ]] || mapfile -t files < <(sources | grep '\.cpp$')
  # One file per process; the many "N warnings generated" lines count what is hidden in headers.
  printf '%s\0' "${files[@]}" |
    xargs -0 -n 1 -P "$jobs" clang-tidy -p build/clang --quiet 2> >(grep -v 'warnings generated' >&2)
}

need_packages build check
case ${1-} in
  -h | --help) sed -n '2,6s/^# *//p' test.sh ;;
  --tidy)
    shift
    step clang-tidy tidy "$@" ;;
  --clang | --all)
    kind=$1
    shift
    step clang-format layout
    step "tests, sanitizers" tests dev "$@"
    step "tests, Clang" tests clang "$@"
    [[ $kind == --clang ]] || step "tests, optimised" tests release "$@" ;;
  *)
    step clang-format layout
    step "tests, sanitizers" tests dev "$@" ;;
esac
if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
