#!/usr/bin/env python3
"""Runs clang-tidy over all C++ sources and remembers which were clean.

  check_tidy.py [--cache DIR] [--seconds N]

A source that was clean with the same text of everything of ours that it includes,
under the same rules, is not read again; so only the first run is long. Headers are
read through the sources that include them. After N seconds no further file is
begun: the last line says how many are left, and the next run goes on there. What
differs from the main branch comes first.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import time

TIDY = "clang-tidy-14"
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
# Generated headers lie below the other two (compile_flags.txt).
INCLUDE_FOLDERS = [pathlib.Path("."), pathlib.Path("bazel-bin"), pathlib.Path("bazel-bin/proto")]
# What can become of a source.
READ, KNOWN, LEFT = "read", "known clean", "left"


def git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


def changed_sources():
    """What differs from the main branch."""
    base = git("merge-base", "HEAD", "origin/main") or git("merge-base", "HEAD", "main")
    return set(git("diff", "--name-only", base[0], "--", "*.cc")) if base else set()


def sources(changed):
    """All, also those not added yet, the changed ones first."""
    everything = set(git("ls-files", "--cached", "--others", "--exclude-standard", "*.cc"))
    return sorted((path for path in everything if pathlib.Path(path).is_file()),
                  key=lambda path: (path not in changed, path))


@functools.lru_cache(maxsize=None)
def read_file(path):
    """The digest of a file and the files of ours that it includes."""
    text = path.read_bytes()
    included = [folder / name.decode() for name in INCLUDE.findall(text)
                for folder in INCLUDE_FOLDERS if (folder / name.decode()).is_file()]
    return hashlib.sha256(text).digest(), included


def digest_of(path, rules):
    """Changes with the file, whatever of ours it includes, and the rules."""
    waiting, seen = [pathlib.Path(path)], set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(read_file(one)[1])
    total = hashlib.sha256(rules)
    for one in sorted(seen):
        total.update(str(one).encode() + read_file(one)[0])
    return total.hexdigest()


def check(path, rules, cache, deadline):
    """Returns what became of it, and what clang-tidy complains of."""
    mark = cache / digest_of(path, rules)
    if mark.exists():
        return KNOWN, ""
    if time.monotonic() >= deadline:
        return LEFT, ""
    done = subprocess.run([TIDY, "--quiet", path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.touch()
        return READ, ""
    return READ, done.stdout or done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", default="/tmp/howdah-clang-tidy")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.seconds
    cache = pathlib.Path(arguments.cache)
    cache.mkdir(parents=True, exist_ok=True)
    rules = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    for path in (".clang-tidy", "compile_flags.txt"):
        rules += pathlib.Path(path).read_bytes()
    count = {READ: 0, KNOWN: 0, LEFT: 0}
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        paths = sources(changed_sources())
        checked = pool.map(lambda path: check(path, rules, cache, deadline), paths)
        for outcome, complaint in checked:
            count[outcome] += 1
            if complaint:
                bad += 1
                print(complaint)
    print(", ".join(f"{number} {outcome}" for outcome, number in count.items()) +
          (f"; {bad} with findings" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
