"""The main story over MCP HTTP with the official inspector's command line."""

import json
import subprocess
import threading
import time

import pytest

import peers
from psql import query

CLUSTER = "inspected"


@pytest.fixture(scope="module")
def inspector(stack):
    program = peers.npm_program("mcp-inspector")
    environment = peers.node_environment()

    def run(method, tool=None, expect=0, **arguments):
        command = [str(program), "--cli", stack.endpoints["mcp"], "--transport", "http",
                   "--format", "json", "--method", method]
        if tool:
            command += ["--tool-name", tool]
        for name, value in arguments.items():
            command += ["--tool-arg", "%s=%s" % (
                name, value if isinstance(value, str) else json.dumps(value))]
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout)["result"] if done.stdout.strip() else {}

    return run


def eventually(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not within %d s: %s" % (seconds, what)
        threading.Event().wait(0.2)


def test_the_story(stack, inspector):
    tools = inspector("tools/list")["tools"]
    assert len(tools) == 12

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
