# shellcheck shell=bash disable=SC2034,SC2164
# Reading a command line.

# A wrong command line: exit code 2, as of the programs.
usage_error() {
  warn "$*"
  exit 2
}

# The value of an option that must have one: take_value --port "$@".
take_value() {
  [[ $# -ge 3 ]] || usage_error "$1 needs a value."
  printf '%s' "$3"
}
