#!/usr/bin/env bash
# Tells who would act at AWS: aws-identity.sh [PROFILE, of the AWS configuration]
source "$(dirname "$0")/call.sh"

call howdah.aws.v1.AwsService/GetIdentity \
  "{$([[ $# -eq 0 ]] || echo "\"profile\": $(text "$1")")}"
