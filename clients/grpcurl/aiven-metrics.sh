#!/usr/bin/env bash
# Sums up the last hour of a service: aiven-metrics.sh PROJECT SERVICE
source "$(dirname "$0")/call.sh"
need 2 "PROJECT SERVICE" "$@"

call howdah.aiven.v1.ServicesService/GetServiceMetrics \
  "{\"project_name\": $(text "$1"), \"service_name\": $(text "$2")}"
