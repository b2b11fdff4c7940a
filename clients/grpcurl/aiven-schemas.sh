#!/usr/bin/env bash
# Lists databases and schemas of a PostgreSQL: aiven-schemas.sh PROJECT SERVICE
source "$(dirname "$0")/call.sh"
need 2 "PROJECT SERVICE" "$@"

call howdah.aiven.v1.ServicesService/ListServiceSchemas \
  "{\"project_name\": $(text "$1"), \"service_name\": $(text "$2")}"
