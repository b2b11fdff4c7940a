#!/usr/bin/env bash
# Lists the services of a project: aiven-services.sh PROJECT
source "$(dirname "$0")/call.sh"
need 1 "PROJECT" "$@"

call howdah.aiven.v1.ServicesService/ListServices \
  "{\"project_name\": $(text "$1")}"
