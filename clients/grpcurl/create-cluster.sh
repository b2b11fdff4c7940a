#!/usr/bin/env bash
# Creates a cluster and answers when it is ready: create-cluster.sh CLUSTER [INSTANCES]
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER [INSTANCES]" "$@"

call howdah.postgres.v1.ClusterService/CreateCluster \
  "{\"name\": $(text "$1"), \"instances\": ${2:-3}, \"wait\": true}"
