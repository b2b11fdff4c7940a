#!/usr/bin/env bash
# Lists the profiles of the AWS configuration: aws-profiles.sh
source "$(dirname "$0")/call.sh"

call howdah.aws.v1.AwsService/ListProfiles \
  "{}"
