#!/usr/bin/env python3
"""What only a few files may do: allow lists, and things that no file may do.

A rule is a pattern, the files it looks at, the files that may, and the reason
that is printed. Comments and string literals count too; write them so that
they do not match, or add the file to its list with a reason.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

CPP = ("*.cc", "*.h")
TESTS = ["*_test.cc", "tests/*"]
RULES = [
    # (name, pattern, files, files that may, why); `#include x.h` among those
    # that may means every file that does.
    ("parse-json", r"json::parse\(", CPP,
     TESTS + ["*/json_*.cc", "backend/local/api/api_request.cc",
              "backend/local/control_socket.cc", "backend/local/lease_command.cc"],
     "nlohmann's parser throws and takes duplicate keys; use the wrappers"),
    ("start-program", r"\b(fork|vfork|execv[pe]*|execl[pe]*|posix_spawnp?|popen|system)\s*\(", CPP,
     TESTS + ["adapter/server/child_process.cc", "backend/local/lease_command.cc",
              "clients/ctl/kubectl.cc",
              "backend/local/postgres/child_process.cc", "backend/local/postgres/os_user.cc",
              "backend/process/child_process.cc", "backend/process/guardian.cc"],
     "programs are started in few places, from argument vectors, never by a shell"),
    ("environment", r"\bgetenv\s*\(|\bProcessEnvironment\b", CPP,
     TESTS + ["adapter/main.cc", "adapter/server/backend_process.cc",
              "backend/kubernetes/kubeconfig.cc", "backend/local/main.cc", "backend/main.cc",
              "clients/ctl/main.cc", "clients/ctl/terminal.cc", "proto/support/environment.h"],
     "the environment is read where a program starts and passed on as values"),
    ("sleep-in-test", r"\b(sleep_for|SleepFor|usleep|nanosleep)\s*\(|(?<![A-Za-z_])sleep\(",
     ("*_test.cc", "*_fixture.cc", "*_fixture.h", "tests/*.cc", "tests/*.h", "tests/*.py"),
     [],
     "tests do not sleep; inject the time, or wait for a condition"),
    ("regex", r"std::w?(regex|smatch|cmatch)\b|<regex>", CPP, [],
     "throws, and long values exhaust its stack; use RE2 or absl::StrSplit"),
    ("std-string-view", r"std::string_view", CPP,
     ["#include simdjson.h"],
     "absl::string_view (docs/decisions/0001-debian-abseil.md); only simdjson speaks the other"),
    ("disabled-code", r"^\s*#\s*if\s+0\b", CPP, [], "delete it; git remembers"),
    ("left-open", r"\b(TODO|FIXME|XXX|HACK)\b", ("*.cc", "*.h", "*.py", "*.sh", "*.proto", "howdah"),
     ["deploy/launcher/check_sources.py"], "do it, or write down the limit where a reader looks"),
    ("using-namespace", r"^\s*using namespace (?!std::(chrono|string)_?literals)", ("*.h",), [],
     "headers open no namespaces"),
]
# Never in the repository: other programs make them.
GENERATED = ["*.pb.h", "*.pb.cc", "*.grpc.pb.*", "bazel-*", ".howdah/*", "compile_commands.json",
             "user.bazelrc", "*.pyc", "*__pycache__*", "*.o", "*.a", "*.so", "node_modules/*"]
MOST_BYTES = 600_000


def files():
    done = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                          capture_output=True, text=True, check=True)
    return [p for p in sorted(set(done.stdout.splitlines())) if pathlib.Path(p).is_file()]


def matches(path, patterns):
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(path, p) or fnmatch.fnmatchcase(name, p) for p in patterns)


def complaints_of(path, text):
    included = {f"#include {name}" for name in re.findall(r'^#include [<"]([^>"]+)', text, re.M)}
    for name, pattern, looked_at, may, why in RULES:
        if not matches(path, looked_at) or matches(path, may) or included.intersection(may):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(pattern, line):
                yield f"{path}:{number}: {name}: {why}"


def main():
    bad = 0
    paths = files()
    for path in paths:
        found = []
        if matches(path, GENERATED):
            found.append(f"{path}: generated files are not committed")
        elif pathlib.Path(path).stat().st_size > MOST_BYTES:
            found.append(f"{path}: larger than {MOST_BYTES} bytes")
        else:
            found.extend(complaints_of(path, pathlib.Path(path).read_text("utf-8", "replace")))
        bad += len(found)
        for line in found:
            print(line)
    print(f"{len(paths)} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
