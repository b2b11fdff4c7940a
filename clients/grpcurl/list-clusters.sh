#!/usr/bin/env bash
# Lists clusters with their health: list-clusters.sh [NAMESPACE, "*" for all]
source "$(dirname "$0")/call.sh"
call howdah.postgres.v1.ClusterService/ListClusters "{\"namespace\": $(text "${1:-*}")}"
