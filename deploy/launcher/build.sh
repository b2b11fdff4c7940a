# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah build: the four programs, built by Bazel and copied to .howdah/bin.

PROGRAMS=(howdah-backend howdah-mcp howdah-local howdahctl)
declare -gA PROGRAM_TARGETS=(
  [howdah-backend]=//backend:howdah-backend
  [howdah-mcp]=//adapter:howdah-mcp
  [howdah-local]=//backend/local:howdah-local
  [howdahctl]=//clients/ctl:howdahctl
)

cmd_build() {
  ensure_packages
  build_programs "$@"
  local program
  for program in "${PROGRAMS[@]}"; do
    note "$BIN_DIR/$program"
  done
}

# Runs `bazel COMMAND FLAGS… ARGUMENTS…` in the checkout. All output is stderr.
# BAZEL_OUTPUT_BASE is another place for what is built, with a server of its own.
bazel_run() {
  local command=$1
  shift
  local flags=(--disk_cache="$CACHE_DIR/bazel-disk" --show_progress)
  if [[ -t 2 ]]; then
    flags+=(--show_progress_rate_limit=0.2)
  else
    # A line now and then, so that a log shows life.
    flags+=(--curses=no --color=no --show_progress_rate_limit=15)
  fi
  mkdir -p "$CACHE_DIR/bazel-disk"
  [[ $command != shutdown ]] || flags=()
  (cd "$HOWDAH_ROOT" && USE_BAZEL_VERSION=latest \
    bazel ${BAZEL_OUTPUT_BASE:+--output_base="$BAZEL_OUTPUT_BASE"} \
    "$command" "${flags[@]}" "$@") >&2 </dev/null
}

# Builds what changed and puts the programs into BIN_DIR.
build_programs() {
  local program target targets=()
  for program in "${PROGRAMS[@]}"; do
    targets+=("${PROGRAM_TARGETS[$program]}")
  done
  step "Building ${PROGRAMS[*]}"
  bazel_run build "$@" "${targets[@]}" || die "The build failed; see above."
  mkdir -p "$BIN_DIR"
  for program in "${PROGRAMS[@]}"; do
    target=${PROGRAM_TARGETS[$program]#//}
    install_program "$HOWDAH_ROOT/bazel-bin/${target/:/\/}" "$BIN_DIR/$program"
  done
}

# build_test_program //FOLDER:NAME: puts one that only tests run beside the others.
build_test_program() {
  local path=${1#//}
  step "Building $1"
  bazel_run build "$1" || die "The build failed; see above."
  install_program "$HOWDAH_ROOT/bazel-bin/${path/:/\/}" "$BIN_DIR/${path#*:}"
}

# The archive that images and machines get, beside the programs.
build_tree() {
  bazel_run build //deploy/docker:tree || die "The build failed; see above."
  install_program "$HOWDAH_ROOT/bazel-bin/deploy/docker/howdah.tar.gz" "$BIN_DIR/howdah.tar.gz"
}

# Replaces by renaming: a program that runs keeps its own file.
install_program() {
  cmp -s "$1" "$2" && return
  cp --reflink=auto "$1" "$2.new"
  chmod 755 "$2.new"
  mv -f "$2.new" "$2"
}

# For commands that must not build, like mcp: says what to do instead.
require_programs() {
  local program
  for program in "$@"; do
    [[ -x $BIN_DIR/$program ]] ||
      die "$program is not built yet. Run \"$HOWDAH_ROOT/howdah build\" once, then try again."
  done
}
