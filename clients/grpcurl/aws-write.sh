#!/usr/bin/env bash
# Rehearses a command that changes something, or with --yes runs it: aws-write.sh COMMAND [--yes]
source "$(dirname "$0")/call.sh"
need 1 "COMMAND [--yes]" "$@"

confirm='"dry_run": true'
if [[ ${2:-} == --yes ]]; then confirm='"confirm": true'; fi
call howdah.aws.v1.AwsService/ExecuteWriteCommand "{\"command\": $(text "$1"), $confirm}"
