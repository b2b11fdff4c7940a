#!/usr/bin/env bash
# Finds services of a tier in all projects: aiven-query.sh TIER (pro, premium, free, ...)
source "$(dirname "$0")/call.sh"
need 1 "TIER" "$@"

call howdah.aiven.v1.FleetService/QueryServices \
  "{\"tier\": [\"TIER_FILTER_${1^^}\"], \"group_by\": [\"SERVICE_PROPERTY_SERVICE_TYPE\"]}"
