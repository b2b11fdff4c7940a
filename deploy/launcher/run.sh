# shellcheck shell=bash disable=SC2034,SC2164
# The commands that run one program: local, backend, mcp, ctl, demo, bench.
# Options that several share are parsed here, once, into OPT_*.

OPT_DATA_DIR=${XDG_STATE_HOME:-$HOME/.local/state}/howdah
OPT_KUBECONFIG=''
OPT_CONTEXT=''
OPT_KUBE_PORT=6550
OPT_MCP_PORT=3000
OPT_GRPC_PORT=50051
OPT_READ_ONLY=false
OPT_TOOLSETS=''
OPT_AIVEN='' # empty, or "sandbox"
OPT_AIVEN_PORT=0
OPT_STATE_KEY_FILE=${HOWDAH_STATE_KEY_FILE:-}
OPT_ENV_FILE=''
OPT_JSON=false
OPT_REST=() # after `--`
# Taken also where no such door is opened, so that up, mcp, local and demo can be
# given the same ports.
DOORS_OF_UP='--mcp-port --grpc-port'

# parse_options "--allowed --list" ARGUMENTS…
parse_options() {
  local allowed=" $1 " option value
  shift
  while [[ $# -gt 0 ]]; do
    option=${1%%=*}
    if [[ $option == -- ]]; then
      shift
      OPT_REST=("$@")
      break
    fi
    [[ $allowed == *" $option "* ]] ||
      usage_error "There is no option \"$1\" here. Allowed:${allowed% }; see --help."
    case $option in
      --read-only) OPT_READ_ONLY=true ;;
      --json) OPT_JSON=true ;;
      *)
        if [[ $1 == *=* ]]; then
          value=${1#*=}
        else
          value=$(take_value "$1" "$@")
          shift
        fi
        store_option "$option" "$value"
        ;;
    esac
    shift
  done
  case $OPT_DATA_DIR in
    */../* | */./* | */.. | */. | *//*) OPT_DATA_DIR=$(realpath -ms "$OPT_DATA_DIR") ;;
    /*) ;;
    *) OPT_DATA_DIR=$(realpath -ms "$OPT_DATA_DIR") ;;
  esac
}

store_option() {
  case $1 in
    --*-port)
      [[ $2 =~ ^[0-9]{1,5}$ && $2 -le 65535 ]] ||
        usage_error "$1 needs a port from 0 to 65535, not \"$2\"; 0 picks a free one."
      ;;
    --aiven)
      [[ $2 == sandbox ]] ||
        usage_error "--aiven takes \"sandbox\", not \"$2\"; for the real Aiven set AIVEN_TOKEN instead."
      ;;
    *) [[ -n $2 ]] || usage_error "$1 needs a value." ;;
  esac
  case $1 in
    --data-dir) OPT_DATA_DIR=$2 ;;
    --kubeconfig) OPT_KUBECONFIG=$2 ;;
    --context) OPT_CONTEXT=$2 ;;
    --toolsets) OPT_TOOLSETS=$2 ;;
    --aiven) OPT_AIVEN=$2 ;;
    --aiven-port) OPT_AIVEN_PORT=$2 ;;
    --state-key-file) OPT_STATE_KEY_FILE=$2 ;;
    --env-file) OPT_ENV_FILE=$2 ;;
    --kube-port) OPT_KUBE_PORT=$2 ;;
    --mcp-port) OPT_MCP_PORT=$2 ;;
    --grpc-port) OPT_GRPC_PORT=$2 ;;
  esac
}

# The local plane is the default; naming a Kubernetes cluster is a choice.
uses_local_plane() {
  [[ -z $OPT_KUBECONFIG && -z $OPT_CONTEXT && -z ${KUBECONFIG:-} ]]
}

say_which_plane() {
  if uses_local_plane; then
    note "Kubernetes: the local plane in $OPT_DATA_DIR"
  elif [[ -n $OPT_KUBECONFIG ]]; then
    note "Kubernetes: ${OPT_CONTEXT:-the current context} of $OPT_KUBECONFIG"
  elif [[ -n ${KUBECONFIG:-} ]]; then
    note "Kubernetes: ${OPT_CONTEXT:-the current context} of KUBECONFIG=$KUBECONFIG (unset it for the local plane)"
  else
    note "Kubernetes: context $OPT_CONTEXT of the default kubeconfig"
  fi
}

# Sets BACKEND_FLAGS: what howdah-backend needs for the chosen plane. The
# kubeconfig of the local plane is added by who leases it.
choose_backend_flags() {
  BACKEND_FLAGS=()
  if uses_local_plane; then
    newest_postgres
    [[ -z $NEWEST_POSTGRES ]] ||
      BACKEND_FLAGS+=(--default-postgres-version "$NEWEST_POSTGRES")
  else
    [[ -z $OPT_KUBECONFIG ]] || BACKEND_FLAGS+=(--kubeconfig "$OPT_KUBECONFIG")
    [[ -z $OPT_CONTEXT ]] || BACKEND_FLAGS+=(--context "$OPT_CONTEXT")
  fi
}

# Sets SHARED_FLAGS: what backend and adapter alike are told: their environment,
# and what they are not to do. The adapter then
# does not even offer it, the backend refuses it.
choose_shared_flags() {
  SHARED_FLAGS=()
  [[ -z $OPT_ENV_FILE ]] || SHARED_FLAGS+=(--env-file "$OPT_ENV_FILE")
  if $OPT_READ_ONLY; then SHARED_FLAGS+=(--read-only); fi
  [[ -z $OPT_TOOLSETS ]] || SHARED_FLAGS+=(--toolsets "$OPT_TOOLSETS")
}

# Sets SEALING: with which secrets the adapter seals what clients carry for it.
# Without a file of the operator's own it is one beside the data, so that a
# restart asks no user again.
choose_sealing() {
  SEALING=()
  local file=${OPT_STATE_KEY_FILE:-$OPT_DATA_DIR/state-key}
  [[ -z $OPT_STATE_KEY_FILE && ! -e $file ]] || SEALING=(--state-key-file "$file")
}

# Makes that file where it is missing; nobody else may read it.
make_state_key() {
  local file=$OPT_DATA_DIR/state-key
  [[ -z $OPT_STATE_KEY_FILE && ! -e $file ]] || return 0
  (umask 077 && head -c 32 /dev/urandom | base64 >"$file.$$" && mv -n "$file.$$" "$file") ||
    die "$file cannot be written."
  rm -f "$file.$$"
}

# Newest major version of PostgreSQL on this machine, for example 15.
newest_postgres() {
  local server major newest=0
  for server in /usr/lib/postgresql/*/bin/postgres; do
    major=${server#/usr/lib/postgresql/}
    major=${major%%/*}
    if [[ -x $server && $major =~ ^[0-9]+$ && $major -gt $newest ]]; then newest=$major; fi
  done
  NEWEST_POSTGRES=${newest#0}
}

# Set-up and build, unless HOWDAH_BIN_DIR names programs that are built already.
ensure_programs() {
  [[ -z ${HOWDAH_BIN_DIR:-} ]] || return 0
  ensure_packages
  build_programs
}

cmd_local() {
  parse_options "--data-dir --kube-port $DOORS_OF_UP" "$@"
  ensure_programs
  step "Local plane in $OPT_DATA_DIR; stop it with Ctrl-C"
  note "kubectl --kubeconfig $OPT_DATA_DIR/kubeconfig get clusters -A"
  exec "$BIN_DIR/howdah-local" serve --data-dir "$OPT_DATA_DIR" \
    --port "$OPT_KUBE_PORT" --announce "${OPT_REST[@]}"
}

cmd_backend() {
  parse_options "--kubeconfig --context --grpc-port --read-only --toolsets --env-file" "$@"
  ensure_programs
  local flags=()
  [[ -z $OPT_KUBECONFIG ]] || flags+=(--kubeconfig "$OPT_KUBECONFIG")
  [[ -z $OPT_CONTEXT ]] || flags+=(--context "$OPT_CONTEXT")
  choose_shared_flags
  exec "$BIN_DIR/howdah-backend" --listen "127.0.0.1:$OPT_GRPC_PORT" \
    --announce "${flags[@]}" "${SHARED_FLAGS[@]}" "${OPT_REST[@]}"
}

MCP_OPTIONS="--data-dir --kube-port --kubeconfig --context --read-only --toolsets --env-file --state-key-file --aiven $DOORS_OF_UP"

cmd_mcp() {
  parse_options "$MCP_OPTIONS" "$@"
  require_programs howdah-mcp howdah-backend howdah-local
  say_which_plane
  if [[ -n $OPT_AIVEN ]]; then
    load up
    start_aiven_sandbox_for_mcp
    say_which_aiven
  fi
  choose_backend_flags
  choose_shared_flags
  choose_sealing
  local flags=()
  if uses_local_plane; then
    flags=(--local-data-dir "$OPT_DATA_DIR" --local-port "$OPT_KUBE_PORT")
  fi
  exec "$BIN_DIR/howdah-mcp" --transport stdio --spawn-backend "${flags[@]}" \
    "${SHARED_FLAGS[@]}" "${SEALING[@]}" -- "${BACKEND_FLAGS[@]}" "${OPT_REST[@]}"
}

cmd_ctl() {
  require_programs howdahctl
  exec "$BIN_DIR/howdahctl" "$@"
}

cmd_demo() {
  ensure_programs
  HOWDAH_BIN_DIR=$BIN_DIR exec "$PYTHON" "$HOWDAH_ROOT/tests/e2e/demo.py" "$@"
}

cmd_bench() {
  ensure_programs
  build_bench_tools
  HOWDAH_BIN_DIR=$BIN_DIR HOWDAH_CACHE_DIR=$CACHE_DIR \
    exec "$PYTHON" "$HOWDAH_ROOT/tests/benchmarks/run.py" "$@"
}

# Floors, load clients and the fake Kubernetes API, beside the programs.
build_bench_tools() {
  local tool tools=(echo_server direct_call fleet_call stdio_call fake_kube_api)
  step "Building ${tools[*]}"
  bazel_run build "${tools[@]/#///tests/benchmarks:}" || die "The build failed; see above."
  mkdir -p "$BIN_DIR/benchmarks"
  for tool in "${tools[@]}"; do
    install_program "$HOWDAH_ROOT/bazel-bin/tests/benchmarks/$tool" "$BIN_DIR/benchmarks/$tool"
  done
}
