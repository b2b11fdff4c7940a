# shellcheck shell=bash
# ./howdah check and fix.

check_names() { printf '%s\n' clang-format; }

cmd_check() {
  ensure_packages
  local exit_code=0
  mkdir -p "$RESULTS_DIR"
  cd "$HOWDAH_ROOT"
  git ls-files '*.cc' '*.h' | xargs clang-format-14 --dry-run --Werror || exit_code=1
  printf '{"name": "check", "good": %s, "%s": 1}\n' \
    "$([[ $exit_code -eq 0 ]] && echo true || echo false)" \
    "$([[ $exit_code -eq 0 ]] && echo passed || echo failed)" >"$RESULTS_DIR/check.json"
  return "$exit_code"
}

cmd_fix() {
  ensure_packages
  cd "$HOWDAH_ROOT"
  git ls-files '*.cc' '*.h' | xargs -r clang-format-14 -i
}
