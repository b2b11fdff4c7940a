#!/usr/bin/env bash
# Ranks all services: aiven-rank.sh METRIC (cpu, disk_writes, clickhouse_inserts, ...)
source "$(dirname "$0")/call.sh"
need 1 "METRIC" "$@"

call howdah.aiven.v1.FleetService/RankServices \
  "{\"metric\": \"RANK_METRIC_${1^^}\"}"
