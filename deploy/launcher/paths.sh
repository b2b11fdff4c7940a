# shellcheck shell=bash disable=SC2034,SC2164
# Where things are kept. Sourced by ./howdah before all others.
#
# The lines for shellcheck: these files use each other's variables (SC2034) and
# run under `set -e` (SC2164).

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
