# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah test: unit tests with Bazel, the others with pytest, counted by case.
# --fuzz is in fuzz.sh, --load and --tsan in load.sh.

# Beyond deploy/debian-packages.txt: several replicas, and a gRPC client that is not ours.
E2E_PACKAGES=(haproxy python3-grpcio python3-protobuf)

cmd_test() {
  local suite=default filter='' targets=() paths=() seconds=60 left_out=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      --peers) suite=peers ;;
      --e2e) suite=e2e ;;
      --fuzz | --load | --tsan)
        suite=${1#--}
        if [[ ${2:-} =~ ^[0-9]+$ ]]; then
          seconds=$2
          shift
        fi
        ;;
      --filter)
        filter=$(take_value "$1" "$@")
        shift
        ;;
      --filter=*) filter=${1#*=} ;;
      //*) targets+=("$1") ;;
      -*) usage_error "test has no option \"$1\"; see ./howdah test --help." ;;
      *) paths+=("$1") ;;
    esac
    shift
  done
  ensure_packages
  if [[ $suite == fuzz ]]; then
    run_fuzzers "$seconds" "$filter"
    return
  fi
  mkdir -p "$RESULTS_DIR"
  local report=(--name "$suite" --allowed-skips "$HOWDAH_ROOT/tests/allowed_skips.txt")
  TEST_EXIT=0
  case $suite in
    default)
      if [[ ${#targets[@]} -gt 0 || ${#paths[@]} -eq 0 ]]; then
        run_unit_tests "$filter" "${targets[@]}"
      fi
      if [[ ${#paths[@]} -gt 0 || ${#targets[@]} -eq 0 ]]; then
        [[ ${#paths[@]} -gt 0 ]] || paths=(tests/launcher tests/integration tests/e2e/test_demo.py)
        build_programs
        build_tree
        run_pytest "$filter" "${paths[@]}"
      fi
      ;;
    peers)
      build_programs
      build_test_program //tests/conformance:fixture_server
      build_test_program //backend/aws:every_command_test
      build_test_program //backend/aws:cli_understands_test
      [[ ${#paths[@]} -gt 0 ]] || paths=(tests/peers tests/conformance)
      run_pytest "$filter" "${paths[@]}"
      ;;
    load) run_load "$seconds" "$filter" ;;
    tsan) run_tsan "$seconds" "$filter" ;;
    e2e)
      build_programs
      build_tree
      if ! command -v go >/dev/null; then
        left_out=tests/e2e/kubernetes
        note "Go is not installed: $left_out, against a real Kubernetes API server, is left out."
      else
        dpkg-query --status "${E2E_PACKAGES[@]}" >/dev/null 2>&1 ||
          install_packages "${E2E_PACKAGES[@]}"
      fi
      run_pytest "$filter" "${paths[@]:-tests/e2e}"
      ;;
  esac
  "$PYTHON" "$HOWDAH_ROOT/deploy/launcher/test_report.py" count "${report[@]}" \
    --output "$RESULTS_DIR/$suite.json" || TEST_EXIT=1
  return "$TEST_EXIT"
}

# Adds its results to `report` and a failure to TEST_EXIT.
run_unit_tests() {
  local filter=$1 events=$RESULTS_DIR/bazel-events.json flags=()
  shift
  rm -f "$events"
  [[ -n $filter ]] && flags+=("--test_filter=*$filter*")
  step "Unit tests"
  bazel_run test --keep_going --build_event_json_file="$events" \
    --test_summary=terse "${flags[@]}" "${@:-//...}" || TEST_EXIT=$?
  report+=(--bazel-events "$events")
}

run_pytest() {
  local filter=$1 path folders=() flags=()
  local results=$RESULTS_DIR/pytest-$suite.xml
  shift
  for path in "$@"; do
    if [[ -e $HOWDAH_ROOT/${path%%::*} ]]; then folders+=("$path"); else note "There is no $path here."; fi
  done
  [[ ${#folders[@]} -gt 0 ]] || return 0
  rm -f "$results"
  [[ -n $filter ]] && flags+=(-k "$filter")
  [[ -n $left_out ]] && flags+=(--ignore="$HOWDAH_ROOT/$left_out")
  step "Tests of the whole: ${folders[*]}"
  local exit_code=0
  (cd "$HOWDAH_ROOT" &&
    HOWDAH_BIN_DIR=$BIN_DIR HOWDAH_CACHE_DIR=$CACHE_DIR PYTHONDONTWRITEBYTECODE=1 \
      "$PYTHON" -m pytest -p no:cacheprovider -v -ra --durations=5 \
      --junitxml="$results" -o junit_family=xunit2 "${flags[@]}" "${folders[@]}") \
    >&2 </dev/null || exit_code=$?
  # 5: nothing was collected; the report decides on the sum.
  [[ $exit_code -eq 0 || $exit_code -eq 5 ]] || TEST_EXIT=$exit_code
  report+=(--junit "$results")
}
