# shellcheck shell=bash
# Sourced by the recipes: call SERVICE/METHOD REQUEST-JSON, and text TEXT.
#
#   HOWDAH_ADDRESS   backend (default 127.0.0.1:50051)
#   HOWDAH_TLS_CA    CA certificate; without it the connection is plain
#   HOWDAH_TOKEN     bearer token
#   GRPCURL          the program (default grpcurl)
set -euo pipefail

call() {
  local flags=(-max-time 660)
  if [[ -n ${HOWDAH_TLS_CA:-} ]]; then
    flags+=(-cacert "$HOWDAH_TLS_CA")
  else
    flags+=(-plaintext)
  fi
  # From the environment, so that the token is not in the list of processes.
  if [[ -n ${HOWDAH_TOKEN:-} ]]; then
    # shellcheck disable=SC2016
    flags+=(-expand-headers -H 'authorization: Bearer ${HOWDAH_TOKEN}')
  fi
  # The server tells its contract itself (reflection); no .proto file is needed.
  "${GRPCURL:-grpcurl}" "${flags[@]}" -d "$2" \
    "${HOWDAH_ADDRESS:-127.0.0.1:50051}" "$1"
}

# A text as a JSON string.
text() {
  local escaped=${1//\\/\\\\}
  printf '"%s"' "${escaped//\"/\\\"}"
}

# The arguments of a recipe: need 2 "CLUSTER ROLE" "$@".
need() {
  local count=$1 names=$2
  shift 2
  if [[ $# -lt $count ]]; then
    echo "usage: ${0##*/} $names" >&2
    exit 2
  fi
}
