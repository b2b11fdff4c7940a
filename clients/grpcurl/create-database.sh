#!/usr/bin/env bash
# Creates a database that is dropped when it is deleted: create-database.sh CLUSTER DATABASE OWNER
source "$(dirname "$0")/call.sh"
need 3 "CLUSTER DATABASE OWNER" "$@"

call howdah.postgres.v1.DatabaseService/CreateDatabase \
  "{\"cluster_name\": $(text "$1"), \"database_name\": $(text "$2"), \"owner\": $(text "$3"),
    \"reclaim_policy\": \"RECLAIM_POLICY_DELETE\"}"
