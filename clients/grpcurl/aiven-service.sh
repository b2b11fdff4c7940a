#!/usr/bin/env bash
# Shows one service without its secrets: aiven-service.sh PROJECT SERVICE
source "$(dirname "$0")/call.sh"
need 2 "PROJECT SERVICE" "$@"

call howdah.aiven.v1.ServicesService/GetService \
  "{\"project_name\": $(text "$1"), \"service_name\": $(text "$2")}"
