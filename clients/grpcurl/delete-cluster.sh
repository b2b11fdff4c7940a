#!/usr/bin/env bash
# Says what would be lost, or with --yes deletes: delete-cluster.sh CLUSTER [--yes]
source "$(dirname "$0")/call.sh"
need 1 "CLUSTER [--yes]" "$@"

if [[ ${2:-} == --yes ]]; then
  call howdah.postgres.v1.ClusterService/DeleteCluster \
    "{\"name\": $(text "$1"), \"confirm_deletion\": true}"
else
  call howdah.postgres.v1.ClusterService/DeleteCluster "{\"name\": $(text "$1"), \"dry_run\": true}"
fi
