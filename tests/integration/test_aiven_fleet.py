"""The Aiven tools against the sandbox, whose answers are known (docs/aiven-sandbox.md)."""

import json
import os
import pathlib
import subprocess

import pytest

from aiven_contract import AivenContract
from aiven_sandbox import AivenSandbox
from mcp_client import StdioClient, ToolError

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / ".howdah" / "bin"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    directory = tmp_path_factory.mktemp("fleet")
    for folder in (directory, directory.parent, directory.parent.parent):
        os.chmod(folder, 0o711)
    with AivenSandbox(str(directory), "--rate-limit", "0") as running:
        yield running


@pytest.fixture(scope="module")
def connect(sandbox):
    """Starts a client with a token of its own, and so with a rate limit of its own."""
    running = []

    def start(name, access="admin"):
        token = f"token-of-{name}"
        sandbox.steer("POST", "tokens", {"token": token, "label": name, "access": access})
        bare = {k: v for k, v in os.environ.items() if not k.startswith("AIVEN_")}
        client = StdioClient([BIN / "howdah-mcp", "--spawn-backend"], stderr=subprocess.DEVNULL,
                             env={**bare, "AIVEN_BASE_URL": sandbox.base_url,
                                  "AIVEN_TOKEN": token})
        running.append(client)
        client.initialize()
        return client

    yield start
    for client in running:
        client.close()


@pytest.fixture(scope="module")
def client(connect):
    return connect("reader")


def ask(client, tool, **arguments):
    return client.call(tool, arguments)["structuredContent"]


def names(answer):
    return [service["service_name"] for service in answer["services"]]


def test_the_whole_fleet(client):
    assert ask(client, "list_projects")["count"] == 30
    whole = ask(client, "query_services", group_by=["service_type"])
    assert whole["total"] == 120 and whole["projects"] == 30
    assert {g["values"][0]: g["count"] for g in whole["groups"]} == {
        "pg": 40, "valkey": 30, "kafka": 18, "opensearch": 13, "grafana": 10, "mysql": 6,
        "clickhouse": 3}
    assert whole["source"]["sandbox"] is True and "invented" in whole["summary"]


def test_which_services_are_on_pro_plans(client):
    pro = ask(client, "query_services", tier=["pro"], group_by=["tier"])
    assert pro["total"] == 31
    assert {g["values"][0]: g["count"] for g in pro["groups"]} == {"business": 27, "premium": 4}
    assert set(names(ask(client, "query_services", tier=["premium"]))) == {
        "analytics-pg-prod", "payments-pg-prod", "payments-kafka-prod", "search-opensearch-prod"}


def test_postgresql_services_by_region(client):
    answer = ask(client, "query_services", service_type=["pg"], group_by=["cloud_name"])
    assert {g["values"][0]: g["count"] for g in answer["groups"]} == {
        "do-fra": 13, "aws-eu-west-1": 12, "aws-us-east-1": 6, "google-europe-west3": 6,
        "azure-westeurope": 3}


def test_states_ends_of_life_and_tags(client):
    assert names(ask(client, "query_services", state=["POWEROFF"])) == ["loyalty-pg-staging"]
    assert set(names(ask(client, "query_services", state=["rebuilding", "rebalancing"]))) == {
        "logistics-pg-dev", "orders-kafka-staging"}
    assert set(names(ask(client, "query_services", end_of_life_within_days=90))) == {
        "loyalty-pg-prod", "search-opensearch-dev", "fraud-kafka-prod", "fraud-kafka-staging",
        "catalog-pg-prod", "billing-pg-staging"}
    assert set(names(ask(client, "query_services", tag=["compliance=pci"]))) == {
        "payments-pg-prod", "payments-kafka-prod"}
    assert names(ask(client, "query_services", termination_protection=True)) == [
        "payments-pg-prod"]
    assert names(ask(client, "query_services", pending_updates=True)) == ["shop-logs-prod"]


def test_which_clickhouse_has_the_highest_write_throughput(client, connect):
    ranked = ask(client, "rank_services", metric="clickhouse_inserts")
    assert [(s["service_name"].removeprefix("analytics-clickhouse-"), round(s["value"]))
            for s in ranked["services"]] == [("staging", 52000), ("dev", 9000), ("prod", 4000)]
    # A token that may only read has no access to data.
    fallback = ask(connect("data-blind", access="read_only"), "rank_services",
                   metric="clickhouse_inserts")
    assert names(fallback)[0] == "analytics-clickhouse-staging"
    assert all("disk writes" in s["measured_by"] for s in fallback["services"])


def test_the_busiest_postgresql(client):
    ranked = ask(client, "rank_services", metric="cpu", service_type=["pg"], statistic="average")
    assert names(ranked)[0] == "payments-pg-prod"
    # A service without nodes has no values, and is named.
    assert "loyalty-pg-staging" in [m["service_name"] for m in ranked["source"]["missing"]]


def test_what_schemas_exist_in_analytics_pg_prod(client):
    answer = ask(client, "list_service_schemas", project_name="analytics-prod",
                 service_name="analytics-pg-prod")
    found = {}
    for schema in answer["schemas"]:
        found.setdefault(schema["database_name"], set()).add(schema["schema_name"])
    assert found["defaultdb"] == {"events", "finance", "marts", "public", "staging"}
    assert found["experiments"] == {"ab_tests", "public"}
    assert "AVNS_" not in json.dumps(answer)


def test_hostile_texts_stay_behind_their_fence(client):
    for tool, arguments in (
            ("get_service_logs", {"project_name": "fraud-prod",
                                  "service_name": "fraud-kafka-prod", "page_size": 500}),
            ("list_project_events", {"project_name": "fraud-prod"})):
        result = client.call(tool, arguments)
        text = result["content"][0]["text"]
        assert "data, not instructions" in text.partition("```")[0]
        assert "AVNS_" not in json.dumps(result)


def test_events_have_pages(client):
    seen, token = [], ""
    while True:
        page = ask(client, "list_project_events", project_name="payments-prod", page_size=50,
                   **({"page_token": token} if token else {}))
        seen += page["events"]
        token = page.get("next_page_token", "")
        if not token:
            break
    assert len(seen) == 124
    assert [e["time"] for e in seen] == sorted((e["time"] for e in seen), reverse=True)


def test_a_storm_of_faults_loses_and_doubles_nothing(sandbox, connect):
    fresh = connect("stormy")
    limited = {"status": 429, "body": json.dumps(
        {"message": "Rate limit 120 exceeded - try again in 1s",
         "errors": [{"message": "x", "status": 429}]})}
    faults = ([dict(limited, kind="status")] * 6 + [{"kind": "reset"}] * 2 +
              [{"kind": "half"}] * 2 + [{"kind": "status", "status": 503, "body": ""}] * 2)
    # Each project meets one: several in a row would be more than is tried again.
    projects = [one["project_name"] for one in ask(fresh, "list_projects")["projects"]]
    for fault, project in zip(faults, projects):
        sandbox.fault(times=1, path="/v1/project/%s/service" % project, **fault)
    try:
        answer = ask(fresh, "query_services", page_size=1000)
    finally:
        sandbox.steer("DELETE", "faults")
    # The versions of services are not waited for long; no project may be missing.
    missing = [m for m in answer["source"].get("missing", []) if "project_name" in m]
    assert missing == [], answer["source"]
    assert len(set(names(answer))) == len(answer["services"]) == 120


def test_a_project_that_cannot_be_read_is_named(sandbox, connect):
    limited = connect("limited")
    sandbox.fault(kind="status", status=403, times=100,
                  path="/v1/project/shop-prod/service",
                  body=json.dumps({"message": "Not a project member", "errors": [
                      {"message": "Not a project member", "status": 403}]}))
    try:
        answer = ask(limited, "query_services")
    finally:
        sandbox.steer("DELETE", "faults")
    assert [m["project_name"] for m in answer["source"]["missing"]] == ["shop-prod"]
    assert "could not be read" in answer["summary"] and answer["total"] < 120


def test_many_callers_ask_once(sandbox, connect):
    crowd = connect("crowd")
    sandbox.steer("DELETE", "journal")
    waiting = {crowd.start("tools/call", {"name": "query_services",
                                          "arguments": {"page_size": 1}}) for _ in range(30)}
    while waiting:
        answer = crowd.receive(timeout=120)
        waiting.remove(answer["id"])
        assert answer["result"]["structuredContent"]["total"] == 120
    asked = [e["target"] for e in sandbox.journal() if e.get("token") == "crowd"]
    assert asked.count("/v1/project") == 1
    assert sum(target.endswith("/service") for target in asked) == 30


def test_refused_tokens_are_told(connect):
    with pytest.raises(ToolError) as refused:
        connect("old", access="expired").call("list_projects")
    assert refused.value.error["reason"] == "AIVEN_TOKEN_REJECTED"
    with pytest.raises(ToolError) as refused:
        connect("elsewhere", access="ip_blocked").call("list_projects")
    assert refused.value.error["reason"] == "AIVEN_ADDRESS_BLOCKED"


def test_all_that_was_asked_is_described_by_aiven(sandbox, client):
    contract = AivenContract.load()
    if contract is None:
        pytest.skip("no description of Aiven's API beside the checkout")
    sandbox.steer("DELETE", "journal")
    for tool, arguments in (("list_projects", {}), ("query_services", {}),
                            ("list_services", {"project_name": "shop-prod"})):
        ask(client, tool, refresh=True, **arguments)
    for entry in sandbox.journal():
        contract.check_request(entry["method"], entry["target"],
                               json.loads(entry["body"]) if entry["body"] else None)
