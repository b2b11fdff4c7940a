# shellcheck shell=bash disable=SC2034,SC2164
# ./howdah assistant NAME: the configuration with which an assistant starts Howdah.

ASSISTANTS=(claude-desktop claude-code cursor vscode)

cmd_assistant() {
  local name=${1:-} url=''
  [[ -n $name && $name != -* ]] ||
    usage_error "Name the assistant, one of: ${ASSISTANTS[*]}."
  [[ " ${ASSISTANTS[*]} " == *" $name "* ]] ||
    usage_error "There is no assistant \"$name\" here, only: ${ASSISTANTS[*]}."
  shift
  if [[ ${1:-} == --url || ${1:-} == --url=* ]]; then
    if [[ $1 == *=* ]]; then url=${1#*=}; else
      url=$(take_value "$1" "$@")
      shift
    fi
    shift
    [[ $url =~ ^https?:// ]] ||
      usage_error "--url is the address of an MCP endpoint, such as http://127.0.0.1:3000/mcp, not \"$url\"."
    [[ $name != claude-desktop ]] ||
      usage_error "Claude Desktop takes addresses under Settings, Connectors, and not in its file; leave --url away for stdio."
    [[ $# -eq 0 ]] || usage_error "With --url there is nothing to start: \"$1\" has no meaning."
  else
    # Refused here, and not when the assistant starts it.
    (parse_options "$MCP_OPTIONS" "$@") || exit 2
    require_programs howdah-mcp howdah-backend howdah-local
  fi
  note "Put it into $(file_of_assistant "$name"):"
  print_assistant "$name" "$url" "$@"
}

file_of_assistant() {
  case $1 in
    claude-desktop) printf 'claude_desktop_config.json (Settings, Developer, Edit Config)' ;;
    claude-code) printf '.mcp.json in your project' ;;
    cursor) printf '.cursor/mcp.json in your home or your project' ;;
    vscode) printf '.vscode/mcp.json in your project' ;;
  esac
}

# print_assistant NAME URL ARGUMENTS…
print_assistant() {
  "$PYTHON" -c '
import json, sys
name, url, program, *arguments = sys.argv[1:]
server = {"command": program, "args": ["mcp", *arguments]}
if name in ("claude-code", "vscode"):
    server = {"type": "stdio", **server}
if url:
    server = {"url": url} if name == "cursor" else {"type": "http", "url": url}
key = "servers" if name == "vscode" else "mcpServers"
print(json.dumps({key: {"howdah": server}}, indent=2))' \
    "$1" "$2" "$HOWDAH_ROOT/howdah" "${@:3}"
}
