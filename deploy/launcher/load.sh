# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah test --load and --tsan: tests/load against programs with sanitizers.

LOAD_TARGETS=(//tests/conformance:fixture_server //adapter:howdah-mcp //backend:howdah-backend)
# What can be had with TSan: no gRPC, no absl::Mutex, since Debian's are not built for it
# and give false reports.
TSAN_TARGETS=(//tests/conformance:fixture_server)
TSAN_TESTS=(//backend/auth:failure_limit_test //backend/auth:refreshed_test
  //backend/auth:token_test)

# run_load SECONDS [FILTER]: with ASan and UBSan, many clients for that long in each test.
run_load() {
  local seconds=$1 filter=$2
  local BAZEL_OUTPUT_BASE=$CACHE_DIR/bazel-sanitizers BIN_DIR=$CACHE_DIR/sanitized
  install_sanitized "${LOAD_TARGETS[@]}" -- --config=asan --config=ubsan
  bazel_run shutdown
  LOAD_SECONDS=$seconds run_pytest "$filter" tests/load
}

# run_tsan SECONDS [FILTER]: the same with TSan, for what can be had so.
run_tsan() {
  local seconds=$1 filter=$2 events=$RESULTS_DIR/bazel-events-tsan.json
  local BAZEL_OUTPUT_BASE=$CACHE_DIR/bazel-sanitizers BIN_DIR=$CACHE_DIR/thread-sanitized
  local TSAN_OPTIONS=suppressions=$HOWDAH_ROOT/tests/load/tsan_suppressions.txt
  export TSAN_OPTIONS
  install_sanitized "${TSAN_TARGETS[@]}" -- --config=tsan
  rm -f "$events"
  step "Unit tests"
  bazel_run test --config=tsan --symlink_prefix="$BAZEL_OUTPUT_BASE/" --keep_going \
    --test_env=TSAN_OPTIONS --build_event_json_file="$events" --test_summary=terse \
    "${TSAN_TESTS[@]}" || TEST_EXIT=$?
  report+=(--bazel-events "$events")
  bazel_run shutdown
  LOAD_SECONDS=$seconds run_pytest "$filter" tests/load/test_load.py::test_many_rude_clients
}

# install_sanitized TARGET… -- FLAG…: builds into BIN_DIR. In an output base of its own,
# since other flags of the compiler would throw away what is built in the usual one.
install_sanitized() {
  local target path targets=()
  while [[ $1 != -- ]]; do
    targets+=("$1")
    shift
  done
  shift
  step "Building ${targets[*]}"
  bazel_run build "$@" --symlink_prefix="$BAZEL_OUTPUT_BASE/" "${targets[@]}" ||
    die "The build failed; see above."
  mkdir -p "$BIN_DIR"
  for target in "${targets[@]}"; do
    path=${target#//}
    install_program "$BAZEL_OUTPUT_BASE/bin/${path/:/\/}" "$BIN_DIR/${path#*:}"
  done
}
