#!/usr/bin/env bash
# Changes the number of instances: scale-cluster.sh CLUSTER INSTANCES
source "$(dirname "$0")/call.sh"
need 2 "CLUSTER INSTANCES" "$@"

call howdah.postgres.v1.ClusterService/ScaleCluster "{\"name\": $(text "$1"), \"instances\": $2}"
