"""The product itself against the suite: every scenario that needs no fixtures."""

import pytest

from suite import SETS, Suite, cases

# What the suite can ask of any server. All others call tools, resources and prompts
# that only a test server has, or tools with an x-mcp-header, of which the product has
# none; test_fixture_server.py runs them on the same stack.
NEEDS_NO_FIXTURES = {
    "caching",
    "dns-rebinding-protection",
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


# Checks of a mixed scenario that change a list by a tool of a test server. The
# product's lists change when its operator says so (test_http_hygiene.py).
NEED_HOOKS = {
    "sep-2575-server-sends-prompts-list-changed-on-subscription",
    "sep-2575-server-sends-tools-list-changed-on-subscription",
}


def needs_a_fixture(check):
    """One scenario mixes both: most checks say themselves which tool they miss."""
    missing = "server does not list the diagnostic tool"
    return (missing in check.get("errorMessage", "") or
            (check["id"] in NEED_HOOKS and check["status"] != "FAILURE"))


@pytest.mark.parametrize("revision, scenario", cases(NEEDS_NO_FIXTURES.__contains__))
def test_scenario(results, revision, scenario):
    assert results[revision].complaints(scenario, excuse=needs_a_fixture) == []
