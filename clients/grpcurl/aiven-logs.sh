#!/usr/bin/env bash
# Shows the newest log lines of a service: aiven-logs.sh PROJECT SERVICE
source "$(dirname "$0")/call.sh"
need 2 "PROJECT SERVICE" "$@"

call howdah.aiven.v1.ServicesService/GetServiceLogs \
  "{\"project_name\": $(text "$1"), \"service_name\": $(text "$2")}"
