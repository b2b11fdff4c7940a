#!/usr/bin/env bash
# Lists the databases of a cluster: list-databases.sh CLUSTER
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER" "$@"

call howdah.postgres.v1.DatabaseService/ListDatabases "{\"cluster_name\": $(text "$1")}"
