# shellcheck shell=bash disable=SC2034,SC2164
# Messages to people, and whether there is one to ask.
#
# Progress and messages go to stderr; stdout carries only what was asked for.

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

in_ci() { [[ -n ${CI:-} && ${CI:-} != false ]]; }

# Whether a person can be asked.
interactive() { [[ -t 0 && -t 2 ]] && ! in_ci; }
