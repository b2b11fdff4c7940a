"""deploy/launcher/test_report.py counts cases and judges a run."""

import importlib.util
import io
import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy/launcher/test_report.py"
_spec = importlib.util.spec_from_file_location("test_report_under_test", SCRIPT)
report = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = report
_spec.loader.exec_module(report)

GTEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" disabled="1" errors="0" name="AllTests">
  <testsuite name="Plan" tests="3" failures="1" disabled="1" errors="0">
    <testcase name="Works" status="run" result="completed" classname="Plan" />
    <testcase name="Breaks" status="run" result="completed" classname="Plan">
      <failure message="a.cc:1&#x0A;Expected: 1" type="">text</failure>
      <failure message="second" type="">text</failure>
    </testcase>
    <testcase name="DISABLED_Later" status="notrun" result="suppressed" classname="Plan" />
  </testsuite>
</testsuites>
"""

PYTEST = """<testsuites><testsuite name="pytest">
  <testcase classname="tests.integration.test_up" name="test_starts"/>
  <testcase classname="tests.integration.test_up" name="test_breaks"><error message="no"/></testcase>
  <testcase classname="tests.integration.test_up" name="test_go"><skipped message="no Go"/></testcase>
</testsuite></testsuites>
"""


def outcomes(cases):
    return [(case.name, case.outcome) for case in cases]


def event(label, path, status="PASSED", attempt=1):
    return json.dumps({
        "id": {"testResult": {"label": label, "run": 1, "shard": 1, "attempt": attempt}},
        "testResult": {"status": status, "cachedLocally": True, "testActionOutput": [
            {"name": "test.log", "uri": "file:///nowhere"},
            {"name": "test.xml", "uri": f"file://{path}"}]}})


def test_gtest_cases_are_counted_one_by_one(tmp_path):
    path = tmp_path / "test.xml"
    path.write_text(GTEST)
    assert outcomes(report.cases_of_junit(path, "//a:b")) == [
        ("//a:b.Plan.Works", "passed"), ("//a:b.Plan.Breaks", "failed"),
        ("//a:b.Plan.DISABLED_Later", "skipped")]


def test_pytest_errors_are_failures_and_skips_keep_their_reason(tmp_path):
    path = tmp_path / "pytest.xml"
    path.write_text(PYTEST)
    cases = report.cases_of_junit(path)
    assert [case.outcome for case in cases] == ["passed", "failed", "skipped"]
    assert cases[2].detail == "no Go"


def test_a_torn_result_is_a_failure(tmp_path):
    path = tmp_path / "pytest.xml"
    path.write_text(PYTEST[:80])
    assert [case.outcome for case in report.cases_of_junit(path)] == ["failed"]


def test_cached_bazel_results_count_and_only_the_last_attempt(tmp_path):
    good, bad = tmp_path / "good test.xml", tmp_path / "bad.xml"
    good.write_text('<testsuites><testcase name="A" classname="S"/></testsuites>')
    bad.write_text(GTEST)
    events = tmp_path / "events.json"
    events.write_text("\n".join([
        event("//x:y", bad, "FAILED", 1),
        event("//x:y", str(good).replace(" ", "%20"), "PASSED", 2)]))
    assert outcomes(report.cases_of_bazel(events)) == [("//x:y.S.A", "passed")]


def test_a_crash_after_the_last_case_is_a_failure(tmp_path):
    good = tmp_path / "good.xml"
    good.write_text('<testsuites><testcase name="A" classname="S"/></testsuites>')
    events = tmp_path / "events.json"
    events.write_text(event("//x:y", good, "FAILED"))
    assert [case.outcome for case in report.cases_of_bazel(events)] == ["passed", "failed"]


def test_targets_that_do_not_build_are_failures(tmp_path):
    events = tmp_path / "events.json"
    events.write_text("\n".join([
        json.dumps({"id": {"testSummary": {"label": "//x:y"}},
                    "testSummary": {"overallStatus": "NO_STATUS"}}),
        json.dumps({"id": {"targetCompleted": {"label": "//x:z"}}, "aborted": {}})]))
    assert outcomes(report.cases_of_bazel(events)) == [("//x:y", "failed"), ("//x:z", "failed")]


def test_no_build_events_is_a_failure(tmp_path):
    assert [c.outcome for c in report.cases_of_bazel(tmp_path / "none")] == ["failed"]


def test_only_listed_skips_are_allowed(tmp_path):
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("# comment\ntests.integration.*.test_go # needs Go\n")
    patterns = report.read_allowed_skips(allowed)
    case = report.Case("tests.integration.test_up.test_go", "skipped")
    other = report.Case("tests.integration.test_up.test_other", "skipped")
    assert report.forbidden_skips([case, other], patterns) == [other]


def test_a_listed_skip_needs_a_reason(tmp_path):
    allowed = tmp_path / "allowed.txt"
    allowed.write_text("tests.*\n")
    with pytest.raises(SystemExit, match="reason"):
        report.read_allowed_skips(allowed)


@pytest.mark.parametrize("cases, good", [
    ([], False),
    ([report.Case("a", "passed")], True),
    ([report.Case("a", "skipped")], False),
    ([report.Case("a", "passed"), report.Case("b", "skipped")], True),
    ([report.Case("a", "passed"), report.Case("b", "failed")], False),
])
def test_a_run_is_good_when_something_passed_and_nothing_failed(cases, good):
    assert report.report("x", cases, ["*"], io.StringIO())[1] is good


def test_count_and_sum_print_the_summary_last(tmp_path):
    xml, allowed, out = tmp_path / "p.xml", tmp_path / "allowed.txt", tmp_path / "r.json"
    xml.write_text(PYTEST)
    allowed.write_text("*test_go # needs Go\n")
    counted = subprocess.run(
        [sys.executable, SCRIPT, "count", "--junit", xml, "--allowed-skips", allowed,
         "--output", out], capture_output=True, text=True, check=False)
    assert counted.returncode == 1
    assert counted.stdout.splitlines()[-1] == "1 passed, 1 failed, 1 skipped"
    summed = subprocess.run([sys.executable, SCRIPT, "sum", out, out, tmp_path / "missing"],
                            capture_output=True, text=True, check=False)
    assert summed.returncode == 1
    assert summed.stdout == "2 passed, 3 failed, 2 skipped\n"
