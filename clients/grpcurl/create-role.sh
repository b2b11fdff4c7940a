#!/usr/bin/env bash
# Creates a role that may log in and create databases: create-role.sh CLUSTER ROLE
source "$(dirname "$0")/call.sh"
need 2 "CLUSTER ROLE" "$@"

call howdah.postgres.v1.RoleService/CreateRole \
  "{\"cluster_name\": $(text "$1"), \"role_name\": $(text "$2"), \"createdb\": true}"
