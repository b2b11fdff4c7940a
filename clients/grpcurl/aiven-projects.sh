#!/usr/bin/env bash
# Lists the projects at Aiven: aiven-projects.sh
source "$(dirname "$0")/call.sh"

call howdah.aiven.v1.ProjectsService/ListProjects \
  "{}"
