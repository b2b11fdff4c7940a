#!/usr/bin/env bash
# Shows one cluster with all that is known: get-cluster.sh CLUSTER
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER" "$@"

call howdah.postgres.v1.ClusterService/GetCluster \
  "{\"name\": $(text "$1"), \"detail_level\": \"DETAIL_LEVEL_DETAILED\"}"
