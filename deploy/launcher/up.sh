# shellcheck shell=bash
# ./howdah up: local plane, backend and adapter as one foreground program.
