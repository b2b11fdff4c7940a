#!/usr/bin/env python3
"""Counts test cases, not targets, and decides whether a run was good.

  test_report.py count --name default --bazel-events events.json
      --junit pytest.xml --allowed-skips tests/allowed_skips.txt --output r.json
  test_report.py sum r1.json r2.json …

`count` reads the JUnit XML of every test target that Bazel's build events name
(so cached results count and stale files do not) and of pytest. It prints what
failed and, last, `N passed, N failed, N skipped`. It exits with 1 when a case
failed, when a skip is not on the list, or when nothing ran.
"""

import argparse
import collections
import dataclasses
import fnmatch
import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    outcome: str
    detail: str = ""


def cases_of_junit(path, prefix=""):
    """The cases of one JUnit XML file; a broken file is a failed case."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        return [Case(prefix or str(path), FAILED, f"no readable result: {error}")]
    cases = []
    for element in root.iter("testcase"):
        names = (prefix, element.get("classname"), element.get("name"))
        cases.append(
            Case(".".join(n for n in names if n), *_outcome(element)))
    return cases


def _outcome(element):
    for tag in ("failure", "error"):
        found = element.find(tag)
        if found is not None:
            return FAILED, found.get("message") or (found.text or "").strip()
    skipped = element.find("skipped")
    if skipped is not None:
        return SKIPPED, skipped.get("message") or (skipped.text or "").strip()
    # GoogleTest marks disabled tests and those another shard runs so.
    if element.get("status") == "notrun":
        return SKIPPED, "disabled"
    return PASSED, ""


def cases_of_bazel(path):
    """The cases of every test target that the build events tell of."""
    results, summaries, aborted = {}, {}, []
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return [Case("bazel", FAILED, f"Bazel left no build events: {error}")]
    for line in lines:
        event = json.loads(line)
        key = event.get("id", {})
        if "testResult" in key and "testResult" in event:
            _keep_last_attempt(results, key["testResult"], event["testResult"])
        elif "testSummary" in key and "testSummary" in event:
            summaries[key["testSummary"]["label"]] = event["testSummary"]
        elif "targetCompleted" in key and not event.get("completed", {}).get("success"):
            aborted.append(key["targetCompleted"]["label"])
    cases = []
    for (label, _, _), (_, result) in sorted(results.items()):
        cases += _cases_of_target(label, result)
    tested = {label for label, _, _ in results}
    for label, summary in summaries.items():
        if label not in tested:
            cases.append(Case(label, FAILED, f"did not run: {summary.get('overallStatus')}"))
    for label in aborted:
        if label not in tested and label not in summaries:
            cases.append(Case(label, FAILED, "does not build"))
    return cases


def _keep_last_attempt(results, key, result):
    where = (key["label"], key.get("run", 1), key.get("shard", 1))
    attempt = key.get("attempt", 1)
    if where not in results or results[where][0] < attempt:
        results[where] = (attempt, result)


def _cases_of_target(label, result):
    files = {f.get("name"): f.get("uri", "") for f in result.get("testActionOutput", [])}
    if "test.xml" not in files:
        return [Case(label, FAILED, f"no test.xml: {result.get('status')}")]
    path = urllib.parse.unquote(urllib.parse.urlparse(files["test.xml"]).path)
    cases = cases_of_junit(path, label)
    if result.get("status") != "PASSED" and all(c.outcome != FAILED for c in cases):
        cases.append(Case(label, FAILED, f"the test program ended {result.get('status')}"))
    return cases


def read_allowed_skips(path):
    """Patterns of case names; each line needs its reason after ` # `."""
    patterns = []
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SystemExit(f"test_report: {error}")
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, mark, reason = line.partition(" # ")
        if not mark or not reason.strip():
            raise SystemExit(f"{path}:{number}: a skip needs its reason after ' # '")
        patterns.append(pattern.strip())
    return patterns


def forbidden_skips(cases, patterns):
    return [
        case for case in cases if case.outcome == SKIPPED and
        not any(fnmatch.fnmatchcase(case.name, pattern) for pattern in patterns)
    ]


def summary_line(counts):
    return ", ".join(f"{counts.get(k, 0)} {k}" for k in (PASSED, FAILED, SKIPPED))


def report(name, cases, patterns, out):
    """Prints the report; returns (counts, whether the run was good)."""
    forbidden = forbidden_skips(cases, patterns)
    counts = collections.Counter(case.outcome for case in cases)
    for case in cases:
        if case.outcome == FAILED:
            first_line = (case.detail.splitlines() or [""])[0]
            print(f"FAILED  {case.name}  {first_line[:200]}", file=out)
        elif case.outcome == SKIPPED:
            print(f"skipped {case.name}  {case.detail[:200]}", file=out)
    for case in forbidden:
        print(f"NOT ALLOWED to skip: {case.name} (tests/allowed_skips.txt)", file=out)
    if not cases:
        print(f"Not one test ran ({name}).", file=out)
    print(summary_line(counts), file=out)
    good = bool(counts[PASSED]) and not counts[FAILED] and not forbidden
    return counts, good


def count(arguments):
    cases = []
    for path in arguments.bazel_events:
        cases += cases_of_bazel(path)
    for path in arguments.junit:
        cases += cases_of_junit(path)
    counts, good = report(arguments.name, cases, read_allowed_skips(arguments.allowed_skips),
                          sys.stdout)
    if arguments.output:
        text = json.dumps({"name": arguments.name, "good": good, **counts})
        pathlib.Path(arguments.output).write_text(text + "\n", encoding="utf-8")
    return 0 if good else 1


def add_up(arguments):
    total = collections.Counter()
    good = True
    for path in arguments.results:
        try:
            result = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # A run that left no result did not get as far as its tests.
            result = {"good": False, FAILED: 1}
        good = good and result["good"]
        total.update({k: result.get(k, 0) for k in (PASSED, FAILED, SKIPPED)})
    print(summary_line(total))
    return 0 if good and total[PASSED] else 1


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    counting = commands.add_parser("count")
    counting.add_argument("--name", default="tests")
    counting.add_argument("--bazel-events", action="append", default=[])
    counting.add_argument("--junit", action="append", default=[])
    counting.add_argument("--allowed-skips", required=True)
    counting.add_argument("--output")
    counting.set_defaults(run=count)
    summing = commands.add_parser("sum")
    summing.add_argument("results", nargs="+")
    summing.set_defaults(run=add_up)
    arguments = parser.parse_args(argv)
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
