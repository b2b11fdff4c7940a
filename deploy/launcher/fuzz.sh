# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah test --fuzz: libFuzzer under ASan and UBSan, one target after the other.

# Beyond deploy/debian-packages.txt, which is for what everybody runs.
FUZZ_PACKAGES=(clang-14 libclang-rt-14-dev)

# run_fuzzers SECONDS [NAME]: every tests/fuzz/*_fuzzer.cc whose name contains
# NAME. What was learnt is kept beside the cache and is where the next run begins.
run_fuzzers() {
  local seconds=$1 filter=$2 source name names=() passed=0 failed=0
  for source in "$HOWDAH_ROOT"/tests/fuzz/*_fuzzer.cc; do
    name=${source##*/}
    name=${name%_fuzzer.cc}
    [[ $name == *"$filter"* ]] && names+=("$name")
  done
  [[ ${#names[@]} -gt 0 ]] || die "No fuzz target's name contains \"$filter\"."
  compgen -G '/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*' >/dev/null ||
    install_packages "${FUZZ_PACKAGES[@]}"
  build_fuzzers "${names[@]}"
  for name in "${names[@]}"; do
    if run_fuzzer "$name" "$seconds"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  echo "$passed passed, $failed failed, 0 skipped"
  [[ $failed -eq 0 ]]
}

# Clang is another compiler, so Bazel gets another output base: in the usual one
# the next build would compile everything anew.
build_fuzzers() {
  local name targets=()
  for name in "$@"; do targets+=("//tests/fuzz:${name}_fuzzer"); done
  step "Building ${targets[*]}"
  local BAZEL_OUTPUT_BASE=$CACHE_DIR/bazel-fuzz
  bazel_run build --config=fuzz --symlink_prefix="$BAZEL_OUTPUT_BASE/" "${targets[@]}" ||
    die "The build failed; see above."
  bazel_run shutdown
  FUZZ_BIN=$BAZEL_OUTPUT_BASE/bin/tests/fuzz
}

run_fuzzer() {
  local name=$1 seconds=$2 seeds=$HOWDAH_ROOT/tests/fuzz/corpus/$1
  local learnt=$CACHE_DIR/fuzz/$name findings=$CACHE_DIR/fuzz/$name-findings
  # The server's lines of the golden conversations are ignored.
  [[ -d $seeds ]] || seeds=$HOWDAH_ROOT/tests/conversations
  mkdir -p "$learnt" "$findings"
  step "Fuzzing $name for $seconds s"
  local log=$findings/last.log
  if nice -n 15 "$FUZZ_BIN/${name}_fuzzer" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$findings/" \
    "$learnt" "$seeds" >"$log" 2>&1; then
    grep -E '^(Done|stat::number_of_executed_units|stat::peak_rss_mb)' "$log" | sed 's/^/    /' >&2
    return 0
  fi
  tail -n 40 "$log" >&2
  warn "$name: a finding in $findings. Mend it, and keep the input in tests/fuzz/corpus/$name."
  return 1
}
