"""The product itself against the suite: every scenario that needs no fixtures."""

import pytest

from suite import SETS, Suite, cases

# What the suite can ask of any server. All others call tools, resources and prompts
# that only a test server has; test_fixture_server.py runs them on the same stack.
NEEDS_NO_FIXTURES = {
    "caching",
    "dns-rebinding-protection",
    "http-custom-header-server-validation",
    "http-header-validation",
    "input-required-result-unsupported-methods",
    "logging-set-level",
    "ping",
    "prompts-list",
    "resources-list",
    "sep-2164-resource-not-found",
    "server-initialize",
    "server-session-lifecycle",
    "server-sse-multiple-streams",
    "server-stateless",
    "tools-list",
}


@pytest.fixture(scope="module")
def results(product):
    return {revision: Suite().run(product.endpoints["mcp"], revision) for revision in SETS}


def needs_a_fixture(check):
    """One scenario mixes both: its checks say themselves which tool they miss."""
    missing = "server does not list the diagnostic tool"
    return missing in check.get("errorMessage", "")


@pytest.mark.parametrize("revision, scenario", cases(NEEDS_NO_FIXTURES.__contains__))
def test_scenario(results, revision, scenario):
    assert results[revision].complaints(scenario, excuse=needs_a_fixture) == []
