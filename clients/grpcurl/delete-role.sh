#!/usr/bin/env bash
# Drops a role and its password Secret: delete-role.sh CLUSTER ROLE
source "$(dirname "$0")/call.sh"
need 2 "CLUSTER ROLE" "$@"

call howdah.postgres.v1.RoleService/DeleteRole \
  "{\"cluster_name\": $(text "$1"), \"role_name\": $(text "$2"), \"confirm_deletion\": true}"
