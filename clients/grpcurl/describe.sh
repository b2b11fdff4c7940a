#!/usr/bin/env bash
# Shows services, or one symbol with its comments: describe.sh [SYMBOL]
source "$(dirname "$0")/call.sh"

flags=(-plaintext)
if [[ -n ${HOWDAH_TLS_CA:-} ]]; then flags=(-cacert "$HOWDAH_TLS_CA"); fi
address=${HOWDAH_ADDRESS:-127.0.0.1:50051}
if [[ $# -eq 0 ]]; then
  "${GRPCURL:-grpcurl}" "${flags[@]}" "$address" list
else
  "${GRPCURL:-grpcurl}" "${flags[@]}" "$address" describe "$1"
fi
