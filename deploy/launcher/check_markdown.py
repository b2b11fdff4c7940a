#!/usr/bin/env python3
"""Paths that Markdown files name exist.

Looks at link targets and at `code` that looks like a path of this repository:
it begins with one of our top-level names and a slash, or with ./ or ../, and is
one word. `{a,b}` is read as a choice, `*` must match something.
"""

import glob
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\s]+)`")
FENCE = re.compile(r"^(```|~~~)")
# Made by building or running; named in texts all the same.
MADE = ("bazel-", ".howdah/")


def expand(path):
    """All paths that {a,b} choices stand for."""
    found = re.search(r"\{([^{}]*)\}", path)
    if not found:
        return [path]
    return [expanded for choice in found.group(1).split(",")
            for expanded in expand(path[:found.start()] + choice + path[found.end():])]


def named_paths(text, top):
    """(line number, path, whether a link) of each path in a text."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            fenced = not fenced
            continue
        if fenced:
            continue
        for target in LINK.findall(line):
            if not re.match(r"[a-z]+:|#", target):
                yield number, target.partition("#")[0], True
        for code in CODE.findall(line):
            if re.search(r"[$<>|…()=\"']|://|^//|\.\.\.", code):
                continue
            code = code.rstrip(".,;").partition(":")[0]
            if code.startswith(MADE):
                continue
            if code.startswith(("./", "../")) or ("/" in code and code.split("/")[0] in top):
                yield number, code, False


def exists(path, folder, root):
    for base in (folder, root):
        if glob.glob(str(base / path)) or glob.glob(str(base / (path + ".*"))):
            return True
    return False


def main():
    root = pathlib.Path(".").resolve()
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.splitlines()
    top = {path.split("/")[0] for path in listed if "/" in path}
    documents = [path for path in sorted(set(listed)) if path.endswith(".md")]
    bad = count = 0
    for document in documents:
        if not pathlib.Path(document).exists():
            continue
        folder = (root / document).parent
        for number, path, _ in named_paths(pathlib.Path(document).read_text("utf-8"), top):
            for one in expand(path):
                count += 1
                if not exists(one, folder, root):
                    bad += 1
                    print(f"{document}:{number}: there is no {one}")
    print(f"{count} paths in {len(documents)} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
