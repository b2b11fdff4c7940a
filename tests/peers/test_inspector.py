"""The main story over MCP HTTP with the official inspector's command line."""

import json
import subprocess
import threading
import time

import pytest

import peers
from psql import query
from stack import LAUNCHER

CLUSTER = "inspected"
ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28", "modern": "2026-07-28"}


class Inspector:
    """Its command line, for one server."""

    def __init__(self, *server):
        self._command = [str(peers.npm_program("mcp-inspector")), "--cli", *server]
        self._environment = peers.node_environment()

    def __call__(self, method, tool=None, expect=0, **arguments):
        command = [*self._command, "--format", "json", "--method", method]
        if tool:
            command += ["--tool-name", tool]
        for name, value in arguments.items():
            command += ["--tool-arg", "%s=%s" % (
                name, value if isinstance(value, str) else json.dumps(value))]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout)["result"] if done.stdout.strip() else {}


@pytest.fixture(scope="module")
def inspector(stack):
    return Inspector(stack.endpoints["mcp"], "--transport", "http")


@pytest.fixture(scope="module")
def configured(stack, tmp_path_factory):
    """The inspector by its configuration file, which alone can choose the era."""
    path = tmp_path_factory.mktemp("inspector") / "servers.json"
    path.write_text(json.dumps({"mcpServers": {
        **{"http-" + era: {"type": "streamable-http", "url": stack.endpoints["mcp"],
                           "protocolEra": era} for era in ERAS},
        **{"stdio-" + era: {"command": LAUNCHER, "args": ["mcp", "--data-dir", stack.data_dir],
                            "protocolEra": era} for era in ERAS}}}), encoding="utf-8")
    return lambda name: Inspector("--config", str(path), "--server", name)


def eventually(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within %d s: %s" % (seconds, what)
        threading.Event().wait(0.2)


def test_the_story(stack, inspector):
    tools = inspector("tools/list")["tools"]
    assert "create_postgres_cluster" in [tool["name"] for tool in tools]

    made = inspector("tools/call", "create_postgres_cluster", name=CLUSTER, instances=3,
                     storage_size="1Gi", wait=True)
    assert made["structuredContent"]["cluster"]["ready"] == "3/3"

    inspector("tools/call", "create_postgres_role", cluster_name=CLUSTER, role_name="app_user",
              createdb=True)
    inspector("tools/call", "create_postgres_database", cluster_name=CLUSTER,
              database_name="orders", owner="app_user", reclaim_policy="delete")
    status = inspector("tools/call", "get_cluster_status", name=CLUSTER, detail_level="detailed")
    assert status["structuredContent"]["health"] == "healthy"

    login = stack.kube.secret("default", CLUSTER + "-app")
    assert query(login, "select rolcanlogin, rolcreatedb, rolsuper from pg_roles "
                        "where rolname = 'app_user'") == [["t", "t", "f"]]
    assert query(login, "select pg_get_userbyid(datdba) from pg_database "
                        "where datname = 'orders'") == [["app_user"]]

    inspector("tools/call", "scale_postgres_cluster", name=CLUSTER, instances=2)
    eventually(lambda: len([pod for pod in stack.kube.names("pods")
                            if pod.startswith(CLUSTER + "-")]) == 2, "two Pods are left")

    refused = inspector("tools/call", "delete_postgres_cluster", expect=5, name=CLUSTER)
    assert CLUSTER in stack.kube.names("clusters"), refused
    inspector("tools/call", "delete_postgres_cluster", name=CLUSTER, confirm_deletion=True)
    eventually(lambda: CLUSTER not in stack.kube.names("clusters"), "the cluster is gone")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_every_era(configured, transport, era):
    inspector = configured("%s-%s" % (transport, era))
    assert inspector("initialize")["protocolVersion"] == ERAS[era]
    assert "list_postgres_clusters" in [tool["name"] for tool in inspector("tools/list")["tools"]]
    missing = inspector("tools/call", "get_cluster_status", expect=5, name="never-made")
    assert missing["isError"] or missing == {}
