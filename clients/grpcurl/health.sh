#!/usr/bin/env bash
# Whether the backend serves: health.sh
source "$(dirname "$0")/call.sh"
call grpc.health.v1.Health/Check "{}"
