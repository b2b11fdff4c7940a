#!/usr/bin/env python3
"""Who may include whom: the table of ARCHITECTURE.md, enforced.

Reads the #include lines of all C++ files. Two kinds of rules: which of our
folders a folder may include from, and which folders alone may use a library.
Bazel's visibility says the same about targets; this catches what a generous
target or a text search would let through, and names the line.
"""

import pathlib
import re
import subprocess
import sys

# Folder -> folders it may include from, besides itself; a name with a stop is one
# header. The longest matching folder counts; adapter and backend speak only for the
# files right in them. Tests and what they share may also use the rest of their own
# side, and tests/support.
MAY_INCLUDE = {
    "proto": {"proto"},
    "backend": {"backend", "proto"},
    "backend/server": {"backend", "proto"},
    "backend/auth": {"backend/json", "backend/net", "proto"},
    "backend/cnpg": {"backend/json", "proto/support"},
    "backend/json": set(),
    # What is known about Aiven as values; only its client talks to it.
    "backend/aiven": {"backend/json", "proto/support"},
    "backend/aiven/client": {"backend/aiven", "backend/net", "proto/support"},
    "backend/sql": {"backend/net", "proto/support"},
    "backend/aws": {"backend/json", "proto/support"},
    "backend/kubernetes": {"backend/net", "backend/process", "backend/auth", "backend/observability", "proto"},
    "backend/net": {"proto/support"},
    "backend/observability": {"backend/auth", "proto"},
    "backend/operations": {"backend/cnpg", "backend/kubernetes", "backend/services", "backend/auth",
                           "proto"},
    "backend/services": {"backend/aiven", "backend/aws", "backend/process", "backend/cnpg",
                         "backend/kubernetes", "backend/operations", "backend/auth",
                         "backend/net", "backend/observability",
                         "backend/sql/postgres_catalog.h", "proto"},
    "backend/aws/runner": {"backend/aws", "backend/process", "proto/support"},
    "backend/process": {"proto/support"},
    "backend/validation": {"proto"},
    "backend/local": {"proto"},
    "adapter": {"adapter", "proto"},
    "adapter/server": {"adapter", "proto"},
    "adapter/testing": {"adapter", "proto"},
    # From the bottom up: transports and jsonrpc know no MCP; mcp knows neither
    # protobuf nor gRPC, only the seam tool_provider.h; tools joins both halves.
    "adapter/transports": {"adapter/jsonrpc", "proto/support"},
    "adapter/jsonrpc": {"proto/support"},
    "adapter/mcp": {"adapter/jsonrpc", "adapter/transports/message_sink.h", "proto/support"},
    "adapter/transcoding": {"adapter/mcp/tool_provider.h", "proto"},
    "adapter/catalogue": {"adapter/mcp/tool_provider.h", "adapter/transcoding", "proto"},
    "adapter/rendering": {"adapter/catalogue", "adapter/transcoding", "proto"},
    "adapter/upstream": {"proto"},
    "adapter/tools": {"adapter/jsonrpc/raw_json.h", "adapter/mcp", "adapter/catalogue",
                      "adapter/transcoding", "adapter/rendering", "adapter/upstream", "proto"},
    "adapter/resources": {"adapter/mcp", "adapter/catalogue", "adapter/transcoding",
                          "adapter/rendering", "adapter/upstream",
                          "adapter/tools/plain_call.h", "proto"},
    "adapter/prompts": {"adapter/mcp", "adapter/rendering", "proto"},
    "adapter/completion": {"adapter/mcp", "adapter/catalogue", "adapter/prompts",
                           "adapter/upstream", "adapter/tools/plain_call.h", "proto"},
    "clients": {"clients", "proto"},
    "tests": {"adapter", "backend", "clients", "proto", "tests"},
}
OURS = ("adapter/", "backend/", "clients/", "proto/", "tests/")

# Library headers -> folders that may use them; what they are for is the reason.
LIBRARIES = [
    (r'grpcpp/|.*\.grpc\.pb\.h', "gRPC", [
        "proto/support/status_grpc", "adapter/testing", "backend/server", "clients/ctl", "tests"]),
    (r'nghttp2/', "nghttp2", ["adapter/upstream"]),
    (r'google/protobuf/|.*\.pb\.h', "protobuf", [
        "proto", "adapter/catalogue", "adapter/completion", "adapter/prompts", "adapter/resources",
        "adapter/transcoding", "adapter/rendering", "adapter/tools", "adapter/upstream",
        "adapter/server", "adapter/testing", "backend/auth", "backend/server",
        "backend/services", "backend/validation", "clients/ctl", "tests"]),
    (r'(postgresql/)?libpq-fe\.h', "libpq", ["backend/local/postgres", "backend/sql"]),
    (r'rhonabwy\.h', "rhonabwy", ["backend/auth"]),
    (r'sqlite3\.h', "SQLite", ["backend/local/store"]),
    (r'boost/beast', "Boost.Beast", [
        "adapter/transports", "proto/support/admin_server", "backend/local/aiven", "backend/local/api", "tests"]),
    (r'simdjson\.h', "simdjson", ["adapter/jsonrpc", "adapter/server", "adapter/transcoding",
                                  "backend/aws", "backend/json", "backend/kubernetes", "tests"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def folder_rule(path):
    own = folder = path.rpartition("/")[0]
    while folder and folder not in MAY_INCLUDE:
        folder = folder.rpartition("/")[0]
    return None if folder in ("adapter", "backend") and folder != own else folder


def complaint(path, included):
    """What is wrong with one #include line; None when it is allowed."""
    for pattern, name, users in LIBRARIES:
        if re.match(pattern, included) and not path.startswith(tuple(users)):
            return f"only {', '.join(users)} may use {name}"
    if not included.startswith(OURS):
        return None
    rule = folder_rule(path)
    if rule is None:
        return "its folder has no rule in deploy/launcher/check_includes.py"
    allowed = {rule} | MAY_INCLUDE[rule]
    if _is_test(path):
        allowed = allowed | {path.split("/")[0], "tests/support"}
    if any(included == one or included.startswith(one + "/") for one in allowed):
        return None
    return f"{rule} may include from {', '.join(sorted(allowed))} only"


def _is_test(path):
    name = path.rpartition("/")[2]
    return "/testing/" in path or bool(
        re.search(r"(_test|_benchmark|_fuzz|_fixture|_test_[a-z_]+)\.(cc|h)$|^fake_", name))


def main():
    done = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard",
                           "*.cc", "*.h"], capture_output=True, text=True, check=True)
    bad = lines = 0
    for path in sorted(set(done.stdout.split())):
        if folder_rule(path) == "" or not pathlib.Path(path).exists():
            continue
        for number, line in enumerate(pathlib.Path(path).read_text("utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            lines += 1
            wrong = complaint(path, found.group(1))
            if wrong:
                bad += 1
                print(f"{path}:{number}: includes {found.group(1)}; {wrong}")
    print(f"{lines} #include lines")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
