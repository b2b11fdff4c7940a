#!/usr/bin/env bash
# Begins to create a cluster and follows its progress: start-cluster.sh CLUSTER [INSTANCES]
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER [INSTANCES]" "$@"

answer=$(call howdah.postgres.v1.ClusterService/CreateCluster \
  "{\"name\": $(text "$1"), \"instances\": ${2:-3}}")

# The name of the operation; a server stream tells how far it is.
operation=$(sed -n "/\"operation\": {/,/}/ s/.*\"name\": \"\\([^\"]*\\)\".*/\\1/p" <<<"$answer")
call howdah.operations.v1.OperationsService/WaitOperation "{\"name\": $(text "$operation")}"
