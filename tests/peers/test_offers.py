"""Resources, prompts, completion, subscriptions, questions to the user and tasks, with
the SDKs that assistants are built with."""

import json
import os
import subprocess

import pytest

import peers
from mcp_client import StdioClient
from stack import LAUNCHER
from test_inspector import Inspector
from test_sdk_clients import CLIENTS, sdk_python, sdk_v1, sdk_v2, ways

CLUSTER = "offered"


@pytest.fixture(scope="module")
def cluster(stack):
    with StdioClient([LAUNCHER, "mcp", "--data-dir", stack.data_dir]) as client:
        client.initialize()
        client.call("create_postgres_cluster", {
            "name": CLUSTER, "instances": 1, "storage_size": "1Gi", "wait": True})
        client.call("create_postgres_database", {
            "cluster_name": CLUSTER, "database_name": "ledger", "owner": "app"})
    return CLUSTER


def offers(sdk, mode, *way):
    command, environment = sdk()
    done = subprocess.run([str(part) for part in (*command, mode, *way)], capture_output=True,
                          text=True, timeout=120, check=False,
                          env={**environment, "OFFERS": CLUSTER})
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("sdk, mode", [
    (sdk_v1, "legacy"), (sdk_v2, "legacy"), (sdk_v2, "modern"), (sdk_python, "legacy"),
    (sdk_python, "modern")], ids=["v1", "v2-legacy", "v2-modern", "python-legacy",
                                  "python-modern"])
@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_what_is_offered_beside_tools(stack, cluster, sdk, mode, transport):
    seen = offers(sdk, mode, *ways(stack, transport))
    uri = "howdah://clusters/default/" + cluster
    if transport == "http":
        # On stdio nothing is started just to be listed.
        assert uri in seen["resources"]
    assert "howdah://guide" in seen["resources"]
    assert ("howdah://clusters/{namespace}/{cluster_name}/roles/{role_name}{?context}"
            in seen["templates"])
    assert "`create_postgres_cluster`" in seen["guide"]
    assert (seen["cluster"]["name"], seen["cluster"]["ready"]) == (cluster, "1/1")
    # The second generation makes the legacy code the new one.
    assert seen["missing"] in ((-32002, -32602) if mode == "legacy" else (-32602,))
    assert "investigate_cluster" in seen["prompts"]
    assert 'cluster "%s"' % cluster in seen["prompt"]
    assert cluster in seen["completed"]
    assert ("logging" in seen) == (mode == "legacy")
    assert seen["changed"] == uri + "/roles"
    assert seen["role"]["name"] == seen["named"]
    # Asked twice: no, then yes.
    assert len(seen["asked"]) == 2 and seen["named"] in seen["asked"][0]
    assert seen["kept"]["error"]["reason"] == "CONFIRMATION_DECLINED"
    assert seen["deleted"]


def test_a_wait_is_a_task(stack):
    done = subprocess.run(
        ["node", CLIENTS / "tasks.mjs", stack.endpoints["mcp"], "as-task"],
        env=peers.node_environment({**os.environ, "NPM": str(peers.npm().parent) + "/"}),
        capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["methods"][0] == "tools/call" and "tasks/get" in seen["methods"]
    assert seen["statuses"][0][0] == "working" and "work goes on" in seen["statuses"][0][1]
    assert seen["statuses"][-1][0] == "completed"
    assert seen["result"]["structuredContent"]["cluster"]["ready"] == "1/1"


def test_the_inspector_reads_resources_and_prompts(stack, cluster):
    def inspect(method, *options):
        return Inspector(stack.endpoints["mcp"], "--transport", "http", *options)(method)
    uri = "howdah://clusters/default/" + cluster
    assert uri in [one["uri"] for one in inspect("resources/list")["resources"]]
    assert inspect("resources/templates/list")["resourceTemplates"]
    reading = inspect("resources/read", "--uri", uri + "/databases/ledger")
    assert json.loads(reading["contents"][0]["text"])["owner"] == "app"
    assert "review_fleet" in [one["name"] for one in inspect("prompts/list")["prompts"]]
    prompt = inspect("prompts/get", "--prompt-name", "investigate_cluster", "--prompt-args",
                     "cluster_name=" + cluster)
    assert cluster in prompt["messages"][0]["content"]["text"]
    inspect("logging/setLevel", "--log-level", "warning")
