# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah up: local plane, backend and adapter as one foreground program, with
# --aiven=sandbox an Aiven sandbox too.
#
# Each part is a child that announces itself with one JSON line. When a child
# ends, or SIGINT or SIGTERM comes, the others are stopped in the reverse order:
# adapter, backend, Aiven sandbox, then the lease on the local plane, whose last
# holder's going stops the plane and its PostgreSQL servers cleanly.

declare -gA CHILD_PIDS=()
RUN_DIR=''  # private: named pipes and the backend's Unix socket
LEASE_FD='' # the lease lasts until this is closed, even by kill -9 of ours
PLANE_PID=''

cmd_up() {
  parse_options "--data-dir --kube-port --mcp-port --grpc-port --kubeconfig --context --read-only --toolsets --env-file --state-key-file --aiven --aiven-port --json" "$@"
  require_free_port "MCP over HTTP" --mcp-port "$OPT_MCP_PORT"
  require_free_port "gRPC" --grpc-port "$OPT_GRPC_PORT"
  require_free_port "the Aiven sandbox" --aiven-port "$OPT_AIVEN_PORT"
  prepare_programs
  RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/howdah.XXXXXX")
  trap stop_children EXIT
  trap 'step "Stopping"; exit 0' INT TERM
  step "Starting"
  mkdir -p "$OPT_DATA_DIR"
  say_which_plane
  choose_backend_flags
  choose_shared_flags
  make_state_key
  choose_sealing
  local kubeconfig=$OPT_KUBECONFIG kubernetes=''
  if uses_local_plane; then
    start_local_plane
    kubeconfig=$(json_field kubeconfig <<<"$ANNOUNCEMENT")
    kubernetes=$(json_field server <<<"$ANNOUNCEMENT")
    PLANE_PID=$(json_field pid <<<"$ANNOUNCEMENT")
    BACKEND_FLAGS+=(--kubeconfig "$kubeconfig")
    note "local plane: $kubernetes"
  fi
  local aiven=null
  if [[ -n $OPT_AIVEN ]]; then
    start_aiven_sandbox
    aiven=$ANNOUNCEMENT
  fi
  say_which_aiven
  start_child howdah-backend 30 --listen "127.0.0.1:$OPT_GRPC_PORT" \
    --listen "unix:$RUN_DIR/backend.sock" --announce --exit-with-parent \
    "${SHARED_FLAGS[@]}" "${BACKEND_FLAGS[@]}"
  local grpc mcp
  grpc=$(json_field listening 0 <<<"$ANNOUNCEMENT")
  note "backend: $grpc"
  start_child howdah-mcp 30 --transport http --host 127.0.0.1 \
    --port "$OPT_MCP_PORT" --backend "unix:$RUN_DIR/backend.sock" --announce \
    --exit-with-parent "${SHARED_FLAGS[@]}" "${SEALING[@]}" "${OPT_REST[@]}"
  mcp=$(json_field url <<<"$ANNOUNCEMENT")
  note "MCP: $mcp"
  if $OPT_JSON; then
    print_endpoints "$mcp" "$grpc" "$kubernetes" "$kubeconfig" "$aiven"
  else
    print_how_to_connect "$mcp" "$grpc" "$kubeconfig"
  fi
  watch_children
}

# Builds, and does not leave a Bazel server behind that was not there before.
prepare_programs() {
  local had_server=false
  if bazel_server_runs; then had_server=true; fi
  ensure_programs
  if ! $had_server && [[ -z ${HOWDAH_BIN_DIR:-} ]]; then
    (cd "$HOWDAH_ROOT" && bazel shutdown) >/dev/null 2>&1 || true
  fi
}

bazel_server_runs() {
  local out pid
  out=$(readlink "$HOWDAH_ROOT/bazel-out" 2>/dev/null) || return 1
  pid=$(cat "${out%/execroot/*}/server/server.pid.txt" 2>/dev/null) || return 1
  kill -0 "$pid" 2>/dev/null
}

start_local_plane() {
  mkfifo "$RUN_DIR/lease.in"
  # Both ends, so that opening waits for nobody; children do not inherit it.
  exec {LEASE_FD}<>"$RUN_DIR/lease.in"
  start_child howdah-local 60 lease --data-dir "$OPT_DATA_DIR" --port "$OPT_KUBE_PORT"
}

# Backend and adapter learn of it from their environment, in which no other
# account is left: what is real and what is invented never stand side by side.
start_aiven_sandbox() {
  start_child aiven-sandbox 30 aiven --data-dir "$OPT_DATA_DIR" \
    --port "$OPT_AIVEN_PORT" --announce --exit-with-parent
  AIVEN_BASE_URL=$(json_field base_url <<<"$ANNOUNCEMENT")
  AIVEN_TOKEN_FILE=$(json_field token_file <<<"$ANNOUNCEMENT")
  # Set but empty, so that no --env-file sets them either.
  AIVEN_TOKEN='' AIVEN_ACCOUNTS='' AIVEN_PROJECT_NAME=''
  export AIVEN_BASE_URL AIVEN_TOKEN_FILE AIVEN_TOKEN AIVEN_ACCOUNTS AIVEN_PROJECT_NAME
}

# The adapter takes this process's place, and with it the sandbox as its child,
# which ends with it.
start_aiven_sandbox_for_mcp() {
  RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/howdah.XXXXXX")
  trap 'rm -rf "$RUN_DIR"' EXIT
  mkdir -p "$OPT_DATA_DIR"
  start_aiven_sandbox
  rm -rf "$RUN_DIR"
  trap - EXIT
}

say_which_aiven() {
  if [[ -n $OPT_AIVEN ]]; then
    note "Aiven: the sandbox at $AIVEN_BASE_URL. Its projects and services are invented."
  elif [[ -n ${AIVEN_TOKEN:-}${AIVEN_TOKEN_FILE:-}${AIVEN_ACCOUNTS:-} ]]; then
    note "Aiven: the account of the environment"
  elif [[ -n $OPT_ENV_FILE ]]; then
    note "Aiven: as $OPT_ENV_FILE says"
  else
    note "Aiven: off. Set AIVEN_TOKEN, or try an invented fleet with --aiven=sandbox."
  fi
}

# start_child CHILD SECONDS ARGUMENTS…: starts it in a session of its own, so
# that Ctrl-C reaches only the launcher, and waits for its line: ANNOUNCEMENT.
# A child is called like its program, but for the Aiven sandbox.
start_child() {
  local program=$1 binary=$BIN_DIR/$1 patience=$2 input=/dev/null output
  [[ $program != aiven-sandbox ]] || binary=$BIN_DIR/howdah-local
  shift 2
  [[ ${1:-} != lease ]] || input=$RUN_DIR/lease.in
  mkfifo "$RUN_DIR/$program.out"
  if [[ -n $LEASE_FD ]]; then
    setsid "$binary" "$@" <"$input" >"$RUN_DIR/$program.out" \
      2>>"$(log_of "$program")" {LEASE_FD}>&- &
  else
    setsid "$binary" "$@" <"$input" >"$RUN_DIR/$program.out" \
      2>>"$(log_of "$program")" &
  fi
  CHILD_PIDS[$program]=$!
  exec {output}<"$RUN_DIR/$program.out"
  local status=0
  read -r -t "$patience" ANNOUNCEMENT <&"$output" || status=$?
  # More than 128 is read's own time limit, else it is the end of the file.
  if [[ $status -gt 128 ]]; then
    show_log "$program"
    die "$program is not ready after $patience s; its messages are above.$(port_hint "$program")"
  elif [[ $status -ne 0 ]]; then
    show_log "$program"
    die "$program ended before it was ready; its messages are above.$(port_hint "$program")"
  fi
}

# Where a child's JSON log goes: for a person into a file beside the data, else
# to our own standard error.
log_of() {
  if [[ -t 2 && $1 != howdah-local ]]; then
    printf '%s' "$OPT_DATA_DIR/$1.log"
  else
    printf '/dev/stderr'
  fi
}

# The last lines of a log that the person did not see.
show_log() {
  local log
  log=$(log_of "$1")
  [[ $log == /dev/stderr ]] || tail -n 5 "$log" >&2
}

port_hint() {
  [[ $1 == howdah-local ]] || return 0
  port_is_taken "$OPT_KUBE_PORT" || return 0
  printf ' Port %s is taken; --kube-port 0 picks a free one.' "$OPT_KUBE_PORT"
}

# Returns only when a child ended, which none should. It polls: bash's `wait -n`
# misses a signal that comes just before it, and children that a signal ended.
watch_children() {
  local program
  while true; do
    for program in "${!CHILD_PIDS[@]}"; do
      kill -0 "${CHILD_PIDS[$program]}" 2>/dev/null || child_ended "$program"
    done
    sleep 0.4
  done
}

child_ended() {
  local exit_code=0
  wait "${CHILD_PIDS[$1]}" || exit_code=$?
  unset "CHILD_PIDS[$1]"
  show_log "$1"
  die "$1 ended by itself (exit code $exit_code); its messages are above. Stopping the rest."
}

stop_children() {
  # A second signal does not wait any longer.
  trap 'kill_children' INT TERM
  stop_child howdah-mcp
  stop_child howdah-backend
  stop_child aiven-sandbox
  stop_child howdah-local
  wait_for_plane
  rm -rf "$RUN_DIR"
}

stop_child() {
  local pid=${CHILD_PIDS[$1]:-} tries
  [[ -n $pid ]] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 600; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  if kill -KILL "$pid" 2>/dev/null; then
    warn "$1 did not stop within 30 s; it was killed."
  fi
  wait "$pid" 2>/dev/null || true
  unset "CHILD_PIDS[$1]"
}

kill_children() {
  local pid
  for pid in "${CHILD_PIDS[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
  done
}

# The plane is no child of ours. Without another lease it stops by itself; we
# stay until it has, so that nothing is left when the prompt comes back.
wait_for_plane() {
  local tries answers=0
  [[ -n $PLANE_PID ]] || return 0
  for ((tries = 0; tries < 300; tries++)); do
    kill -0 "$PLANE_PID" 2>/dev/null || return 0
    # One that is stopping takes no connections any more; one that still does
    # after a while is held by somebody else.
    if "$BIN_DIR/howdah-local" status --data-dir "$OPT_DATA_DIR" >/dev/null 2>&1; then
      answers=$((answers + 1))
    fi
    if [[ $answers -ge 5 ]]; then
      note "The local plane goes on: something else uses it too."
      return 0
    fi
    sleep 0.1
  done
  warn "The local plane (process $PLANE_PID) still runs; see $OPT_DATA_DIR/howdah-local.log."
}

require_free_port() {
  [[ $3 -ne 0 ]] || return 0
  if port_is_taken "$3"; then
    die "Port $3 for $1 is taken, perhaps by another \"./howdah up\". Choose another with $2, or $2 0 for any free one."
  fi
}

port_is_taken() { [[ $1 -ne 0 ]] && (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# json_field KEY [INDEX]: a member of the JSON object on stdin.
json_field() {
  "$PYTHON" -c '
import json, sys
value = json.load(sys.stdin).get(sys.argv[1])
for index in sys.argv[2:]:
    value = value[int(index)]
print("" if value is None else value)' "$@"
}

# print_endpoints MCP GRPC KUBERNETES KUBECONFIG AIVEN-SANDBOX
print_endpoints() {
  "$PYTHON" -c '
import json, sys
names = ("mcp", "grpc", "kubernetes", "kubeconfig", "data_dir", "aiven_sandbox", "pid")
values = [value or None for value in sys.argv[1:6]]
values += [json.loads(text) for text in sys.argv[6:]]
print(json.dumps(dict(zip(names, values))))' \
    "$1" "$2" "$3" "$4" "$(uses_local_plane && echo "$OPT_DATA_DIR")" "$5" "$$"
}

# print_how_to_connect MCP GRPC KUBECONFIG
print_how_to_connect() {
  local bold='' dim='' reset=''
  if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then bold=$'\e[1m' dim=$'\e[2m' reset=$'\e[0m'; fi
  local mcp=$1 grpc=$2 ctl='./howdah ctl' kubectl="kubectl get clusters -A"
  [[ -z $3 ]] || kubectl="kubectl --kubeconfig $3 get clusters -A"
  [[ $grpc == 127.0.0.1:50051 ]] || ctl="$ctl --address $grpc"
  cat <<END

${bold}Howdah is ready.${reset} Ctrl-C stops it; clusters and data stay in
$OPT_DATA_DIR.

${bold}An assistant${reset}  $mcp
  claude mcp add --transport http howdah $mcp
  ${dim}or in its mcp.json:${reset}
  {"mcpServers": {"howdah": {"type": "http", "url": "$mcp"}}}
  ${dim}or on stdio, without this program running:${reset}
  {"mcpServers": {"howdah": {"command": "$HOWDAH_ROOT/howdah", "args": ["mcp"]}}}

${bold}A program${reset}     gRPC at $grpc
  grpcurl -plaintext $grpc list

${bold}You${reset}
  $ctl clusters list
  $kubectl

END
}
