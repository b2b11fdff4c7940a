#!/usr/bin/env bash
# The conformance suite's target comes up and answers; with this test it is built.
set -euo pipefail
answer=$(printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"prompts/list"}' | "$1" stdio)
grep -q '"name":"test_simple_prompt"' <<<"$answer"
