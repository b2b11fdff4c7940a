#!/usr/bin/env bash
# Says what a command would do: aws-explain.sh 'ec2 stop-instances --instance-ids i-1'
source "$(dirname "$0")/call.sh"
need 1 "COMMAND" "$@"

call howdah.aws.v1.AwsService/ExplainCommand \
  "{\"command\": $(text "$1")}"
