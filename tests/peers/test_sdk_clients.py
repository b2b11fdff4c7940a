"""The SDKs that assistants are built with, and the bridges that people put between:
each lists, calls, meets errors, sees progress and gives up, over all transports."""

import json
import os
import subprocess

import pytest

import peers
from stack import LAUNCHER

CLIENTS = peers.ROOT / "tests" / "peers" / "clients"
LEGACY, MODERN = "2025-11-25", "2026-07-28"


def sdk_v1():
    return [["node", CLIENTS / "sdk_v1.cjs"], peers.node_environment({
        **os.environ, "NPM": str(peers.npm().parent) + "/"})]


def sdk_v2():
    return [["node", CLIENTS / "sdk_v2.cjs"], sdk_v1()[1]]


def sdk_python():
    python, environment = peers.python_with("mcp==2.3.0")
    return [[python, CLIENTS / "sdk_python.py"], environment]


def sdk_go():
    return [[peers.go_build(CLIENTS / "go")], dict(os.environ)]


def mcp_remote(url, *options):
    """A client's stdio to our HTTP."""
    return ["stdio", "node", peers.npm_program("mcp-remote"), url, "--transport", "http-only",
            *options]


def gateway_to_http(url):
    return ["stdio", "node", peers.npm_program("supergateway"), "--streamableHttp", url,
            "--outputTransport", "stdio", "--logLevel", "none"]


@pytest.fixture
def visit(stack, request, tmp_path):
    """Runs a client of the product; returns what it saw."""
    def run(sdk, mode, *way, gives_up=True):
        stuck = "stuck-%d" % request.session.items.index(request.node) if gives_up else ""
        command, environment = sdk()
        done = subprocess.run(
            [str(part) for part in (*command, mode, *way)], capture_output=True, text=True,
            timeout=120, check=False,
            env={**environment, "STUCK": stuck, "MCP_REMOTE_CONFIG_DIR": str(tmp_path)})
        assert done.returncode == 0, done.stdout + done.stderr
        seen = json.loads(done.stdout.splitlines()[-1])
        check(seen, stuck)
        return seen

    return run


def check(seen, stuck):
    # Python does not ask for it where the revision is given.
    assert seen["server"] in ("howdah", None)
    assert {"list_postgres_clusters", "create_postgres_cluster"} <= set(seen["tools"])
    assert seen["listed"]["scope"] == "namespace default"
    assert seen["missing"]["isError"] and "CLUSTER_NOT_FOUND" in seen["missing"]["text"]
    assert seen["unknownTool"] == -32602
    if stuck:
        check_giving_up(seen, stuck)


def check_giving_up(seen, stuck):
    assert seen["progress"] and seen["cancelled"]
    # The call was given up, its connection was not.
    assert seen["after"]["name"] == stuck and seen["after"]["ready_instances"] == 0


def ways(stack, transport):
    if transport == "http":
        return ["http", stack.endpoints["mcp"]]
    if transport == "sse":
        return ["sse", stack.endpoints["mcp"].removesuffix("/mcp") + "/sse-transport/sse"]
    return ["stdio", LAUNCHER, "mcp", "--data-dir", stack.data_dir]


@pytest.mark.parametrize("transport", ["http", "sse", "stdio"])
def test_typescript_v1(stack, visit, transport):
    visit(sdk_v1, "legacy", *ways(stack, transport))


@pytest.mark.parametrize("sdk", [sdk_v2, sdk_python, sdk_go], ids=["typescript_v2", "python", "go"])
@pytest.mark.parametrize("mode, version", [("legacy", LEGACY), ("auto", MODERN),
                                           ("modern", MODERN)])
@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_sdk(stack, visit, sdk, mode, version, transport):
    assert visit(sdk, mode, *ways(stack, transport))["version"] == version


def test_mcp_remote(stack, visit):
    visit(sdk_v1, "legacy", *mcp_remote(stack.endpoints["mcp"]))


def test_mcp_remote_of_a_legacy_client_in_the_new_era(stack, visit):
    visit(sdk_v1, "legacy", *mcp_remote(stack.endpoints["mcp"], "--protocol", "auto"))


def test_supergateway_from_stdio_to_http(stack, visit):
    # It keeps progress to itself.
    visit(sdk_v1, "legacy", *gateway_to_http(stack.endpoints["mcp"]), gives_up=False)
