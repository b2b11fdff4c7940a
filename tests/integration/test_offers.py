"""What the server offers beside plain tools, against the real local plane:
resources and their changes, prompts, completion, confirmation by the user, tasks,
and narrowing."""

import json
import os
import subprocess
import urllib.request

import pytest

from mcp_client import AnsweringClient, McpError, StdioClient
from stack import LAUNCHER, Stack

CLUSTER = "offers"


@pytest.fixture(scope="module")
def plane():
    """A product of its own: other tests count what runs on theirs."""
    with Stack() as running:
        yield running


@pytest.fixture(scope="module")
def user(plane):
    with AnsweringClient(plane.mcp_command) as client:
        client.initialize_with({"elicitation": {}})
        client.call("create_postgres_cluster", {
            "name": CLUSTER, "instances": 1, "storage_size": "1Gi", "wait": True})
        yield client
        client.call("delete_postgres_cluster", {"name": CLUSTER, "confirm_deletion": True})


def post(plane, message, path="/mcp", headers=None):
    request = urllib.request.Request(
        plane.endpoints["mcp"].rsplit("/mcp", 1)[0] + path,
        data=json.dumps({"jsonrpc": "2.0", "id": 1, **message}).encode(),
        headers={"Content-Type": "application/json",
                 "Accept": "application/json, text/event-stream", **(headers or {})})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def names_of_tools(plane, path="/", headers=None):
    answer = post(plane, {"method": "tools/list"}, path, headers)
    return {tool["name"] for tool in answer["result"]["tools"]}


def test_resources_are_listed_and_read(user):
    uri = f"howdah://clusters/default/{CLUSTER}"
    listed = {r["uri"] for r in user.request("resources/list")["resources"]}
    assert {"howdah://guide", "howdah://clusters", uri, uri + "/roles",
            uri + "/databases"} <= listed
    templates = user.request("resources/templates/list")["resourceTemplates"]
    assert "howdah://clusters/{namespace}/{name}{?context}" in {
        t["uriTemplate"] for t in templates}
    contents = user.request("resources/read", {"uri": uri})["contents"]
    cluster = json.loads(contents[0]["text"])
    assert cluster["name"] == CLUSTER and cluster["ready"] == "1/1"
    assert contents[0]["mimeType"] == "application/json"
    assert "healthy" in contents[1]["text"]
    guide = user.request("resources/read", {"uri": "howdah://guide"})["contents"][0]["text"]
    assert "`create_postgres_cluster`" in guide


def test_one_role_and_one_database_are_resources(user):
    uri = f"howdah://clusters/default/{CLUSTER}"
    user.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "clerk 1"})
    user.call("create_postgres_database", {
        "cluster_name": CLUSTER, "database_name": "ledger", "owner": "clerk 1"})
    role = user.request("resources/read", {"uri": uri + "/roles/clerk%201"})["contents"]
    assert json.loads(role[0]["text"])["name"] == "clerk 1"
    database = user.request("resources/read", {"uri": uri + "/databases/ledger"})["contents"]
    assert json.loads(database[0]["text"])["owner"] == "clerk 1"
    with pytest.raises(McpError) as missing:
        user.request("resources/read", {"uri": uri + "/roles/nobody"})
    assert missing.value.code == -32002
    with pytest.raises(McpError, match="context"):
        user.request("resources/read", {"uri": uri + "?context=elsewhere"})
    names = user.request("completion/complete", {
        "ref": {"type": "ref/resource",
                "uri": "howdah://clusters/{namespace}/{cluster_name}/roles/{role_name}{?context}"},
        "argument": {"name": "role_name", "value": "cl"},
        "context": {"arguments": {"namespace": "default", "cluster_name": CLUSTER}}})
    assert names["completion"]["values"] == ["clerk 1"]


def test_who_has_listed_hears_of_a_new_cluster(user):
    def told():
        return any(m["method"] == "notifications/resources/list_changed" for m in user.told)
    user.request("resources/list")
    # What the watch has not heard of before may be new.
    user.told.clear()
    user.call("create_postgres_cluster", {"name": "newcomer", "instances": 1,
                                          "storage_size": "1Gi", "wait": True})
    while not told():
        user.receive()
    user.told.clear()
    user.call("delete_postgres_cluster", {"name": "newcomer", "confirm_deletion": True})
    while not told():
        user.receive()


def test_a_subscription_hears_of_changes(user):
    uri = f"howdah://clusters/default/{CLUSTER}/roles"
    user.request("resources/subscribe", {"uri": uri})
    user.told.clear()
    user.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "listener"})
    while not any(m["method"] == "notifications/resources/updated" for m in user.told):
        user.receive()
    updated = [m for m in user.told if m["method"] == "notifications/resources/updated"]
    assert updated[0]["params"]["uri"] == uri
    user.request("resources/unsubscribe", {"uri": uri})


def test_prompts_are_runbooks(user):
    prompts = {p["name"]: p for p in user.request("prompts/list")["prompts"]}
    assert {"create_production_cluster", "onboard_application", "investigate_cluster",
            "review_fleet"} <= set(prompts)
    answer = user.request("prompts/get", {"name": "investigate_cluster",
                                          "arguments": {"cluster_name": CLUSTER}})
    assert f'cluster "{CLUSTER}"' in answer["messages"][0]["content"]["text"]


def test_names_are_completed(user):
    complete = user.request("completion/complete", {
        "ref": {"type": "ref/prompt", "name": "investigate_cluster"},
        "argument": {"name": "cluster_name", "value": CLUSTER[:3]}})
    assert CLUSTER in complete["completion"]["values"]


def test_the_user_decides_what_is_deleted(user):
    user.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "doomed"})
    doomed = {"cluster_name": CLUSTER, "role_name": "doomed"}
    user.asked.clear()
    user.answers["elicitation/create"] = {"action": "decline"}
    refused = user.call_raw("delete_postgres_role", doomed)
    assert refused["isError"]
    assert refused["structuredContent"]["error"]["reason"] == "CONFIRMATION_DECLINED"
    assert "doomed" in user.asked[0]["params"]["message"]
    roles = user.call("list_postgres_roles", {"cluster_name": CLUSTER})["structuredContent"]
    assert "doomed" in {r["name"] for r in roles["roles"]}
    user.answers["elicitation/create"] = {"action": "accept", "content": {"confirm": True}}
    assert not user.call_raw("delete_postgres_role", doomed).get("isError")
    roles = user.call("list_postgres_roles", {"cluster_name": CLUSTER})["structuredContent"]
    assert "doomed" not in {r["name"] for r in roles["roles"]}


def modern(**capabilities):
    """_meta of a request of the stateless revision."""
    return {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": capabilities}


def test_a_question_outlives_a_restart(user, plane):
    """The state travels with the client, sealed with the key in the data directory."""
    user.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "asked"})
    call = {"name": "delete_postgres_role", "_meta": modern(elicitation={}),
            "arguments": {"cluster_name": CLUSTER, "role_name": "asked"}}
    with StdioClient(plane.mcp_command) as client:
        asked = client.request("tools/call", call)
    assert asked["resultType"] == "input_required"
    (key,) = asked["inputRequests"]
    answered = {**call, "requestState": asked["requestState"], "inputResponses": {
        key: {"action": "accept", "content": {"confirm": True}}}}
    # Another key cannot open it, and asks again or refuses; nothing is deleted.
    other = os.path.join(plane.data_dir, "other-key")
    with open(other, "w", encoding="ascii") as file:
        file.write("x" * 40)
    with StdioClient([*plane.mcp_command, "--state-key-file", other]) as client, pytest.raises(McpError) as refused:
        client.request("tools/call", answered)
    assert refused.value.code == -32602
    with StdioClient(plane.mcp_command) as client:
        done = client.request("tools/call", answered)
    assert not done.get("isError"), done
    roles = user.call("list_postgres_roles", {"cluster_name": CLUSTER})["structuredContent"]
    assert "asked" not in {r["name"] for r in roles["roles"]}


def test_who_cannot_be_asked_is_refused(user, plane):
    with StdioClient(plane.mcp_command) as client:
        client.initialize()
        refused = client.call_raw("delete_postgres_cluster", {"name": CLUSTER})
        assert refused["isError"]
        assert "confirm_deletion" in refused["content"][0]["text"]


def test_changes_are_streamed_to_a_terminal(user, plane):
    watch = subprocess.Popen(
        [LAUNCHER, "ctl", "--address", plane.endpoints["grpc"], "changes", "watch",
         "--cluster-name", CLUSTER, "-o", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "Watching" in watch.stderr.readline()
        user.call("create_postgres_database", {
            "cluster_name": CLUSTER, "database_name": "watched", "owner": "app"})
        seen = ""
        while '"database"' not in seen:
            line = watch.stdout.readline()
            assert line, "the stream has ended: " + seen
            seen += line
    finally:
        watch.terminate()
        watch.wait(120)


@pytest.mark.parametrize("path, headers", [
    ("/?read_only=true", None), ("/", {"X-MCP-Readonly": "true"})])
def test_a_read_only_connection_neither_shows_nor_does(plane, path, headers):
    names = names_of_tools(plane, path, headers)
    assert "list_postgres_clusters" in names and "create_postgres_role" not in names
    answer = post(plane, {"method": "tools/call", "params": {
        "name": "create_postgres_cluster", "arguments": {"name": "never"}}}, path, headers)
    assert answer["result"]["structuredContent"]["error"]["reason"] == "READ_ONLY"


@pytest.mark.parametrize("path, headers", [
    ("/?toolsets=aiven", None), ("/", {"X-MCP-Toolsets": "aiven"})])
def test_a_toolset_that_is_off_neither_shows_nor_does(plane, path, headers):
    assert names_of_tools(plane, path, headers) == set()
    answer = post(plane, {"method": "tools/call", "params": {
        "name": "list_postgres_clusters"}}, path, headers)
    assert answer["result"]["structuredContent"]["error"]["reason"] == "TOOLSET_OFF"


def test_the_operator_narrows_for_all(plane):
    with StdioClient([*plane.mcp_command, "--read-only", "--toolsets", "postgres"]) as client:
        client.initialize()
        names = {tool["name"] for tool in client.request("tools/list")["tools"]}
        assert "get_cluster_status" in names and "delete_postgres_cluster" not in names
        prompts = {p["name"] for p in client.request("prompts/list")["prompts"]}
        assert "review_fleet" in prompts and "onboard_application" not in prompts
    wrong = subprocess.run([*plane.mcp_command, "--toolsets", "postgress"], stdin=subprocess.DEVNULL, capture_output=True,
                           text=True, timeout=120, check=False)
    assert wrong.returncode != 0 and "postgress" in wrong.stderr


def test_all_tools_cost_a_model_little(plane):
    listed = post(plane, {"method": "tools/list"}, "/")["result"]
    assert len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False)) / 4 <= 8000


def test_a_wait_becomes_a_task_for_who_knows_tasks(plane):
    meta = modern(extensions={"io.modelcontextprotocol/tasks": {}})
    with StdioClient(plane.mcp_command) as client:
        begun = client.request("tools/call", {
            "name": "create_postgres_cluster", "_meta": meta,
            "arguments": {"name": "as-task", "instances": 1, "storage_size": "1Gi",
                          "wait": True}})
        assert begun["resultType"] == "task"
        task = {"taskId": begun["taskId"], "_meta": meta}
        assert "work goes on" in begun["statusMessage"]
        # Says so, and means it: the work is done all the same.
        assert client.request("tasks/cancel", task)["resultType"] == "complete"
        state = begun
        while state["status"] == "working":
            state = client.request("tasks/get", task)
        assert state["status"] == "completed", state
        assert "as-task" in json.dumps(state["result"])
        client.request("tools/call", {
            "name": "delete_postgres_cluster", "_meta": meta,
            "arguments": {"name": "as-task", "confirm_deletion": True}})
