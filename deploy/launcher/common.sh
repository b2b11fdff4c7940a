# shellcheck shell=bash disable=SC2034,SC2164
# What all commands share: messages, paths, small checks. Sourced by ./howdah.
#
# The lines for shellcheck: these files use each other's variables (SC2034) and
# run under `set -e` (SC2164).
#
# Progress and messages go to stderr; stdout carries only what was asked for.

# Some services and containers run without HOME; Bazel and Go need one.
if [[ -z ${HOME:-} ]]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  [[ -n $HOME && -w $HOME ]] || HOME=${TMPDIR:-/tmp}/howdah-$(id -u)
  mkdir -p "$HOME"
  export HOME
fi

CACHE_DIR=${HOWDAH_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/howdah}
# Copies of the built programs; not bazel-bin, which any other build moves.
BIN_DIR=${HOWDAH_BIN_DIR:-$HOWDAH_ROOT/.howdah/bin}
# Results of the last test runs, one JSON file each; .ci/run adds them up.
RESULTS_DIR=${HOWDAH_RESULTS_DIR:-$HOWDAH_ROOT/.howdah/results}
PYTHON=/usr/bin/python3

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' RESET=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' RESET=''
fi

step() { printf '%s==>%s %s\n' "$GREEN$BOLD" "$RESET" "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
warn() { printf '%showdah: %s%s\n' "$RED" "$*" "$RESET" >&2; }

die() {
  warn "$*"
  exit 1
}

# A wrong command line: exit code 2, as of the programs.
usage_error() {
  warn "$*"
  exit 2
}

in_ci() { [[ -n ${CI:-} && ${CI:-} != false ]]; }

# Whether a person can be asked.
interactive() { [[ -t 0 && -t 2 ]] && ! in_ci; }

# The value of an option that must have one: take_value --port "$@".
take_value() {
  [[ $# -ge 3 ]] || usage_error "$1 needs a value."
  printf '%s' "$3"
}

# Prints " Did you mean X?" for a command with the same letters but one or two.
nearest_command() {
  local nearest
  nearest=$("$PYTHON" -c '
import difflib, sys
print("".join(difflib.get_close_matches(sys.argv[1], sys.argv[2:], 1)))' \
    "$1" "${COMMANDS[@]}" 2>/dev/null) || true
  if [[ -n $nearest ]]; then
    printf ' Did you mean "%s"?' "$nearest"
  else
    printf ' "./howdah help" lists them.'
  fi
}
