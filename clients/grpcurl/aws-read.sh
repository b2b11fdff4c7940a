#!/usr/bin/env bash
# Runs a command that only reads: aws-read.sh 's3api list-buckets'
source "$(dirname "$0")/call.sh"
need 1 "COMMAND" "$@"

call howdah.aws.v1.AwsService/ExecuteReadCommand \
  "{\"command\": $(text "$1")}"
