#!/usr/bin/env bash
# Changes an attribute of a role: update-role.sh CLUSTER ROLE ATTRIBUTE [true|false]
source "$(dirname "$0")/call.sh"
need 3 "CLUSTER ROLE ATTRIBUTE [true|false]" "$@"

call howdah.postgres.v1.RoleService/UpdateRole \
  "{\"cluster_name\": $(text "$1"), \"role_name\": $(text "$2"), $(text "$3"): ${4:-true}}"
