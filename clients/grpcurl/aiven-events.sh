#!/usr/bin/env bash
# Lists what happened in a project: aiven-events.sh PROJECT
source "$(dirname "$0")/call.sh"
need 1 "PROJECT" "$@"

call howdah.aiven.v1.ProjectsService/ListProjectEvents \
  "{\"project_name\": $(text "$1")}"
