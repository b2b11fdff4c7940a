#!/usr/bin/env bash
# Lists the roles of a cluster: list-roles.sh CLUSTER
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER" "$@"

call howdah.postgres.v1.RoleService/ListRoles "{\"cluster_name\": $(text "$1")}"
