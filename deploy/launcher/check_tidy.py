#!/usr/bin/env python3
"""Runs clang-tidy on C++ files and remembers what was clean.

  check_tidy.py [--all] [--cache DIR] [--seconds N]

Without --all it reads the files that differ from the main branch (from the
commit before, on the main branch itself), except tests. A changed header is
read through a source that includes it. A file whose preprocessed text was clean
before, under the same rules, is not read again. After N seconds it begins no
further file and says how many are left; the next run goes on there.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import subprocess
import sys
import time

LATER = "later"
TIDY = "clang-tidy-14"
SOURCES = ("*.cc", "*.h")


def git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


def tracked_files():
    """Also files that are not added yet: they are what one works on."""
    return sorted(set(git("ls-files", *SOURCES) +
                      git("ls-files", "--others", "--exclude-standard", *SOURCES)))


def changed_files():
    """What differs from the fork of the main branch; None without history."""
    head = git("rev-parse", "HEAD")
    base = git("merge-base", "HEAD", "origin/main") or git("merge-base", "HEAD", "main")
    if not base or base == head:
        base = git("rev-parse", "--verify", "--quiet", "HEAD^1")
    if not base:
        return None
    return set(git("diff", "--name-only", "--diff-filter=d", base[0], "--", *SOURCES) +
               git("ls-files", "--others", "--exclude-standard", *SOURCES))


def sources_to_read(changed, tracked):
    """The .cc files that show all changed files to clang-tidy."""
    chosen = {path for path in changed if path.endswith(".cc")}
    texts = None
    for header in sorted(path for path in changed if path.endswith(".h")):
        own = header[:-2] + ".cc"
        if own in tracked:
            chosen.add(own)
            continue
        if texts is None:
            texts = {path: pathlib.Path(path).read_text(encoding="utf-8")
                     for path in tracked if path.endswith(".cc")}
        line = f'#include "{header}"'
        users = [path for path, text in texts.items() if line in text]
        if users and not chosen.intersection(users):
            chosen.add(users[0])
    return sorted(chosen)


def digest_of(path, rules):
    """Changes when the file, anything it includes, or the rules change."""
    flags = pathlib.Path("compile_flags.txt").read_text(encoding="utf-8").split()
    done = subprocess.run(["g++", "-E", *flags, path], capture_output=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.decode(errors="replace")
    return hashlib.sha256(rules + done.stdout).hexdigest(), ""


def read_one(path, rules, cache, deadline):
    """Returns what clang-tidy complains of; empty when clean."""
    if time.monotonic() > deadline:
        return LATER
    digest, errors = digest_of(path, rules)
    if digest is None:
        return f"{path} cannot be read by the compiler:\n{errors}"
    mark = cache / digest
    if mark.exists():
        mark.touch()
        return ""
    done = subprocess.run([TIDY, "--quiet", path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mark.touch()
        return ""
    return done.stdout or done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--cache", default="/tmp/howdah-clang-tidy")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.seconds
    tracked = tracked_files()
    changed = set(tracked) if arguments.all else changed_files()
    if changed is None:
        print("no history to compare with; --all reads everything")
        return 0
    sources = sources_to_read(changed, tracked)
    if not arguments.all:
        sources = [path for path in sources if not path.endswith("_test.cc")]
    cache = pathlib.Path(arguments.cache)
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    rules = version + pathlib.Path(".clang-tidy").read_bytes()
    bad = later = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        read = lambda path: read_one(path, rules, cache, deadline)  # noqa: E731
        for complaint in pool.map(read, sources):
            if complaint == LATER:
                later += 1
            elif complaint:
                bad += 1
                print(complaint)
    print(f"{len(sources) - later} " + ("files" if arguments.all else "changed files") +
          (f"; {later} more the next time" if later else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
