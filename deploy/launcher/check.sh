# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah check: what a reviewer should not have to look for; ./howdah fix.
#
# Each check is a function check_<name> that prints what is wrong and, last, one
# line about what it looked at. They run side by side.

CHECKS=(format tidy includes reach contract sources markdown shell)

check_names() { printf '%s\n' "${CHECKS[@]}"; }

cmd_check() {
  local names=() argument
  CHECK_ALL=false
  for argument in "$@"; do
    if [[ $argument == --all ]]; then
      CHECK_ALL=true
    elif [[ " ${CHECKS[*]} " == *" $argument "* ]]; then
      names+=("$argument")
    else
      usage_error "There is no check \"$argument\". There are: ${CHECKS[*]}."
    fi
  done
  [[ ${#names[@]} -gt 0 ]] || names=("${CHECKS[@]}")
  ensure_packages
  step "Checking: ${names[*]}"
  run_checks "${names[@]}"
}

run_checks() {
  local name finished seconds passed=0 failed=0 out
  local -A running=()
  out=$(mktemp -d "${TMPDIR:-/tmp}/howdah-check.XXXXXX")
  mkdir -p "$RESULTS_DIR"
  cd "$HOWDAH_ROOT"
  for name in "$@"; do
    (
      set +e
      "check_$name" >"$out/$name" 2>&1
    ) </dev/null &
    running[$!]=$name
  done
  while [[ ${#running[@]} -gt 0 ]]; do
    local status=0
    wait -n -p finished "${!running[@]}" || status=$?
    name=${running[$finished]}
    unset "running[$finished]"
    seconds=$SECONDS
    if [[ $status -eq 0 ]]; then
      passed=$((passed + 1))
      printf '%sok%s      %-9s %s\n' "$GREEN" "$RESET" "$name" "$(tail -n 1 "$out/$name")"
    else
      failed=$((failed + 1))
      sed 's/^/    /' "$out/$name"
      printf '%sFAILED%s  %-9s after %s s\n' "$RED" "$RESET" "$name" "$seconds"
    fi
  done
  rm -rf "$out"
  printf '{"name": "check", "good": %s, "passed": %d, "failed": %d}\n' \
    "$([[ $failed -eq 0 ]] && echo true || echo false)" "$passed" "$failed" \
    >"$RESULTS_DIR/check.json"
  printf '%d of %d checks passed\n' "$passed" "$((passed + failed))"
  [[ $failed -eq 0 ]]
}

cmd_fix() {
  [[ $# -eq 0 ]] || usage_error "fix takes no arguments."
  ensure_packages
  cd "$HOWDAH_ROOT"
  step "Formatting C++"
  cpp_files | xargs -0 -r -P "$(nproc)" -n 16 clang-format-14 -i
  git --no-pager diff --stat -- '*.cc' '*.h' >&2
}

cpp_files() {
  git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' |
    while IFS= read -r -d '' path; do
      if [[ -f $path ]]; then printf '%s\0' "$path"; fi
    done
}

check_format() {
  local complaints
  complaints=$(cpp_files |
    xargs -0 -r -P "$(nproc)" -n 16 clang-format-14 --dry-run --Werror 2>&1) || {
    grep -oE '^[^:]+:[0-9]+' <<<"$complaints" | sort -u | sed 's/$/: not formatted/'
    echo "./howdah fix repairs it."
    return 1
  }
  echo "$(cpp_files | tr -cd '\0' | wc -c) files"
}

check_tidy() {
  local flags=(--cache "$CACHE_DIR/clang-tidy")
  # A first run over everything takes half an hour; what is clean is remembered.
  $CHECK_ALL || flags+=(--seconds 300)
  # Generated headers must lie there.
  bazel_run build //proto/... 2>"$RESULTS_DIR/tidy-build.log" || {
    cat "$RESULTS_DIR/tidy-build.log"
    return 1
  }
  "$PYTHON" deploy/launcher/check_tidy.py "${flags[@]}"
}

check_includes() { "$PYTHON" deploy/launcher/check_includes.py; }

# The same rules where includes do not show them: over targets, transitively.
check_reach() {
  local rule bad=0 path
  local rules=(
    "//adapter/... //backend/..."
    "//adapter/... //clients/..."
    "//backend/... //adapter/..."
    "//backend/... //clients/..."
    "//clients/... //backend/..."
    "//clients/... //adapter/..."
    "//proto/... //backend/..."
    "//proto/... //adapter/..."
    "//adapter/... @grpc//..."
    "//adapter/mcp/... @protobuf//..."
    "//adapter/jsonrpc/... @protobuf//..."
    "//backend/cnpg/... @grpc//..."
  )
  local from to checked=0
  for rule in "${rules[@]}"; do
    read -r from to <<<"$rule"
    if ! { has_targets "$from" && has_targets "$to"; }; then continue; fi
    checked=$((checked + 1))
    path=$(somepath "$from" "$to") || {
      echo "bazel query failed for $from to $to"
      return 1
    }
    if [[ -n $path ]]; then
      bad=1
      printf '%s must not reach %s, but:\n%s\n' "$from" "$to" "$path"
    fi
  done
  echo "$checked rules over Bazel's targets"
  return "$bad"
}

has_targets() {
  [[ $1 == @* ]] || find "${1:2:-4}" -name BUILD.bazel 2>/dev/null | grep -q .
}

# Tests may use more than what they test.
somepath() {
  bazel query --noshow_progress --keep_going \
    "somepath($1 except kind(test, $1) except attr(testonly, 1, $1), $2)" 2>/dev/null
}

check_contract() {
  bazel_run test //proto:contract_lint_test --test_output=errors || return 1
  echo "the descriptors hold to the contract's rules"
}

check_sources() { "$PYTHON" deploy/launcher/check_sources.py; }

check_markdown() { "$PYTHON" deploy/launcher/check_markdown.py; }

check_shell() {
  local files
  mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.sh' howdah .ci/run)
  shellcheck --external-sources --source-path=SCRIPTDIR "${files[@]}" || return 1
  echo "${#files[@]} scripts"
}
