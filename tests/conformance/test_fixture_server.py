"""The adapter's stack with the suite's own fixtures: every scenario, no exception."""

import pathlib
import subprocess

import pytest

from suite import SETS, Suite

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "bazel-bin/tests/conformance/fixture_server"


def cases():
    try:
        suite = Suite()
    except pytest.skip.Exception as reason:
        return [pytest.param("", "", marks=pytest.mark.skip(reason=str(reason)))]
    return [(revision, scenario) for revision in SETS for scenario in suite.scenarios(revision)]


@pytest.fixture(scope="module")
def results():
    if not PROGRAM.exists():
        pytest.skip("bazel build //tests/conformance:fixture_server has not run")
    server = subprocess.Popen([PROGRAM, "http"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        yield {revision: Suite().run(url, revision) for revision in SETS}
    finally:
        server.terminate()
        assert server.wait(30) == 0


@pytest.mark.parametrize("revision, scenario", cases())
def test_scenario(results, revision, scenario):
    assert results[revision].complaints(scenario) == []
