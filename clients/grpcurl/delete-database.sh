#!/usr/bin/env bash
# Deletes a database with its data: delete-database.sh CLUSTER DATABASE
source "$(dirname "$0")/call.sh"
need 2 "CLUSTER DATABASE" "$@"

call howdah.postgres.v1.DatabaseService/DeleteDatabase \
  "{\"cluster_name\": $(text "$1"), \"database_name\": $(text "$2"), \"confirm_deletion\": true}"
