# shellcheck shell=bash disable=SC2034,SC2164
# Help texts: one overview and one page for each command.

COMMANDS=(setup build up mcp assistant ctl demo local backend test check fix bench help)

cmd_help() {
  if [[ -n ${1:-} && $1 != -* ]]; then
    help_for "$1"
    return
  fi
  cat <<END
Howdah runs PostgreSQL clusters for people, programs and AI assistants.

  ${BOLD}./howdah up${RESET}      installs what is missing, builds and starts everything here
  ${BOLD}./howdah test${RESET}    installs what is missing, builds and runs the tests

Use it
  up        start local plane, backend and MCP over HTTP; stop with Ctrl-C
  mcp       MCP on stdio, the command for an assistant's configuration
  assistant what to put into an assistant's configuration
  ctl       the command line client: ./howdah ctl clusters list
  demo      the whole story in a minute, for you to watch

Run single parts
  local     only the local plane: a one-machine CloudNativePG
  backend   only the gRPC backend

Work on it
  setup     install the Debian packages that are missing
  build     build the four programs into .howdah/bin
  test      unit and integration tests; --peers for Go, npm and PyPI clients
  check     format, lint, include rules, the contract's rules; fix repairs
  bench     benchmarks

"./howdah COMMAND --help" tells more about each.
END
}

cmd_version() {
  printf 'howdah %s\n' "$(git -C "$HOWDAH_ROOT" describe --always --dirty 2>/dev/null || echo unknown)"
}

help_for() {
  local common_options="  --data-dir DIR     where clusters and their data live
                     (default: \$XDG_STATE_HOME/howdah, else ~/.local/state/howdah)
  --kube-port PORT   Kubernetes API of the local plane (default 6550)"
  local doors_of_up="  --mcp-port, --grpc-port PORT
                     taken as \"up\" takes them; nothing listens there"
  local plane_options="$common_options
  --kubeconfig FILE  use this Kubernetes cluster instead of the local plane;
  --context NAME     so does this, and so does a set KUBECONFIG
  --read-only        offer and allow only what changes nothing
  --toolsets A,B     offer and allow only these toolsets (default: all but aws,
                     and aiven only with an account)
  --env-file FILE    set the variables of this .env file, such as AIVEN_TOKEN
  --state-key-file FILE
                     secrets that seal confirmations and tasks, as docs/http.md
                     has them (default: HOWDAH_STATE_KEY_FILE, else a file of
                     \"up\" in the data directory)"
  case $1 in
    setup) cat <<END ;;
Usage: ./howdah setup

Installs the packages of deploy/debian-packages.txt that are missing; does
nothing at all when none is. Asks first on a terminal, and uses sudo, where you
are not root.
END
    build) cat <<END ;;
Usage: ./howdah build [BAZEL-FLAG…]

Builds howdah-backend, howdah-mcp, howdah-local and howdahctl with Bazel and
puts them into .howdah/bin. What is built is cached in
\$HOWDAH_CACHE_DIR (default: ~/.cache/howdah).
END
    up) cat <<END ;;
Usage: ./howdah up [OPTIONS] [-- ARGUMENTS OF howdah-mcp…]

Sets up, builds, then runs local plane, backend and MCP adapter in the
foreground until Ctrl-C or SIGTERM, and prints how to connect. Nothing stays
behind but the data directory. A second "up" or "mcp" on the same data directory
shares the local plane.

$plane_options
  --mcp-port PORT    MCP over HTTP (default 3000)
  --grpc-port PORT   gRPC (default 50051)
  --aiven=sandbox    run an Aiven sandbox and use it: 30 invented projects with
                     120 services, those of type pg real PostgreSQL servers
  --aiven-port PORT  API of the Aiven sandbox (default: a free one)
  --json             print one JSON line with the endpoints when all is ready

Port 0 picks a free one. Without --aiven, the real Aiven is used when
AIVEN_TOKEN, AIVEN_TOKEN_FILE or AIVEN_ACCOUNTS is set. What follows -- is for
the adapter, for example --public-url behind a reverse proxy.
END
    mcp) cat <<END ;;
Usage: ./howdah mcp [OPTIONS] [-- ARGUMENTS OF howdah-backend…]

MCP on stdin and stdout, for an assistant's configuration. Starts at once and
never builds; the local plane comes up at the first call that needs it.

$plane_options
  --aiven=sandbox    run an Aiven sandbox, one for each data directory, and use
                     it: 30 invented projects with 120 services
$doors_of_up
END
    assistant) cat <<END ;;
Usage: ./howdah assistant NAME [OPTIONS OF ./howdah mcp…]
       ./howdah assistant NAME --url URL

Prints what to put into the configuration of an assistant: ${ASSISTANTS[*]}.
With --url it uses a server that runs already, such as http://127.0.0.1:3000/mcp
of "up"; else it starts "./howdah mcp" with these options, for example:
  ./howdah assistant cursor --read-only
  ./howdah assistant claude-code --kubeconfig ~/.kube/config --context production
END
    ctl) cat <<END ;;
Usage: ./howdah ctl ARGUMENTS…

Runs howdahctl, for example:
  ./howdah ctl clusters list
  ./howdah ctl clusters create demo --instances 3 --wait
"./howdah ctl --help" lists its commands.
END
    demo) cat <<END ;;
Usage: ./howdah demo [OPTIONS]

Plays the whole story over MCP: creates a cluster, roles and databases, proves
with psql that they exist, scales, deletes.

  --data-dir DIR     keep the local plane there (default: a new directory, which
                     goes at the end)
  --kube-port PORT   Kubernetes API of the local plane (default: a free one)
$doors_of_up
END
    local) cat <<END ;;
Usage: ./howdah local [OPTIONS]

Runs only the local plane, in the foreground, and prints its kubeconfig.

$common_options
$doors_of_up
END
    backend) cat <<END ;;
Usage: ./howdah backend [OPTIONS] [-- ARGUMENTS OF howdah-backend…]

Runs only the gRPC backend, in the foreground. Without --kubeconfig, --context
or KUBECONFIG it looks for Kubernetes as every client does.

  --kubeconfig FILE  kubeconfig to use
  --context NAME     context to use
  --grpc-port PORT   gRPC (default 50051; 0 picks a free one)
  --read-only        refuse every call that changes something
  --toolsets A,B     refuse every call of other toolsets (default: all but aws,
                     and aiven only with an account)
  --env-file FILE    set the variables of this .env file, such as AIVEN_TOKEN
END
    test) cat <<END ;;
Usage: ./howdah test [OPTIONS] [//BAZEL:TARGET…] [tests/FILE.py…]

Sets up, builds and runs the unit tests (Bazel) and the integration tests
(pytest, real PostgreSQL). The last line counts single cases. Fails on a failed
case, on a skip that tests/allowed_skips.txt does not allow, and when nothing
ran.

  --peers        only the tests with real clients from Go, npm and PyPI
  --e2e          only tests/e2e: the demo and, where Go is, a real Kubernetes API
                 server, which the first run builds in some twenty minutes
  --fuzz [SECS]  only the fuzz targets of tests/fuzz, each for that long (60 s)
  --load [SECS]  only tests/load, for that long (60 s), built with ASan and UBSan
  --tsan [SECS]  the same and some unit tests, with TSan where libraries allow it
  --filter TEXT  only cases whose name contains TEXT
END
    check) cat <<END ;;
Usage: ./howdah check [--all] [CHECK…]

Runs, side by side: ${CHECKS[*]}.
clang-tidy reads all sources but those that it knows to be clean, for five minutes;
the next run goes on there. It fails on what differs from the main branch and tells
of the rest. With --all it reads to the end, and fails on anything.
END
    fix) cat <<END ;;
Usage: ./howdah fix

Repairs what "check" complains of where a program can: the format of C++.
END
    bench) cat <<END ;;
Usage: ./howdah bench [--peers|--fleet] [--quick] [--write] [--peer PATH]

Measures the programs against their floors in one interleaved run and prints a
table. On a machine that does nothing else.

  --peers      other MCP servers beside ours; installs them (npm, PyPI)
  --fleet      ten thousand clusters under change
  --quick      fewer rounds
  --write      puts the table into docs/performance.md
  --peer PATH  kubernetes-mcp-server, to compare with
END
    *) cmd_help "" ;;
  esac
}

# Prints " Did you mean X?" for a command with the same letters but one or two.
nearest_command() {
  local nearest
  nearest=$("$PYTHON" -c '
import difflib, sys
print("".join(difflib.get_close_matches(sys.argv[1], sys.argv[2:], 1)))' \
    "$1" "${COMMANDS[@]}" 2>/dev/null) || true
  if [[ -n $nearest ]]; then
    printf ' Did you mean "%s"?' "$nearest"
  else
    printf ' "./howdah help" lists them.'
  fi
}
