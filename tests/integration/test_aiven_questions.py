"""The Aiven tools against the sandbox, over MCP and over gRPC (howdahctl): the questions
people ask, with answers known in advance (docs/aiven-sandbox.md). What the backend sent
to Aiven is taken from the sandbox's journal, never from our own answers."""

import concurrent.futures
import json
import pathlib
import time
import urllib.request

import pytest

from aiven_contract import AivenContract
from aiven_sandbox import SandboxClient
from stack import sandbox_stack

PRO = {"business", "premium", "professional"}
# From this a client learns that it may ask as often as it likes.
NO_LIMIT = ("The user has sent too many requests in a given amount of time: Rate limit 100000 "
            "exceeded - try again in 1s")


@pytest.fixture(scope="module")
def stack():
    with sandbox_stack() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox(stack):
    return SandboxClient(stack.endpoints["aiven_sandbox"])


@pytest.fixture(autouse=True)
def no_fault(sandbox):
    sandbox.steer("DELETE", "faults")


@pytest.fixture(scope="module")
def tool(stack):
    """Calls a tool over MCP; returns its structured result, or the error."""

    def call(name, expect_error=False, **arguments):
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                   "params": {"name": name, "arguments": arguments}}
        request = urllib.request.Request(
            stack.endpoints["mcp"], data=json.dumps(message).encode(),
            headers={"Content-Type": "application/json", "MCP-Protocol-Version": "2025-11-25",
                     "Accept": "application/json, text/event-stream"})
        with urllib.request.urlopen(request, timeout=180) as answer:
            result = json.load(answer)["result"]
        assert bool(result.get("isError")) == expect_error, result
        content = result["structuredContent"]
        return content["error"] if expect_error else content

    return call


@pytest.fixture(scope="module", autouse=True)
def no_limit(tool, sandbox):
    """Neither side counts calls, else each question about all services takes a minute."""
    sandbox.steer("POST", "settings", {"calls_per_minute": 0})
    sandbox.fault(kind="status", status=429, message=NO_LIMIT)
    assert tool("list_projects")["count"] == 30


def names(services):
    return [service["service_name"] for service in services]


def groups(answer):
    return {tuple(group["values"]): group["count"] for group in answer["groups"]}


# --- what people ask ---


def test_every_answer_says_that_it_is_the_sandboxs(tool, sandbox):
    for answer in (tool("list_projects"), tool("query_services", service_type=["pg"]),
                   tool("list_services", project_name="shop-prod")):
        assert answer["source"]["sandbox"] is True
        assert answer["source"]["api"] == sandbox.base_url
        assert "invented" in answer["summary"]


def test_all_projects_are_listed(tool, stack, sandbox):
    listed = [project["project_name"] for project in tool("list_projects")["projects"]]
    assert listed == [p["project_name"] for p in sandbox.get("/v1/project")["projects"]]
    assert len(listed) == 30
    assert [p["project_name"] for p in stack.ctl("projects", "list")["projects"]] == listed


def test_the_services_of_a_project_have_what_one_chooses_by(tool):
    services = {s["service_name"]: s for s in
                tool("list_services", project_name="payments-prod")["services"]}
    pg = services["payments-pg-prod"]
    assert (pg["service_type"], pg["plan"], pg["tier"], pg["cloud_name"], pg["region"], pg["state"],
            pg["version"].split(".")[0], pg["node_count"]) == (
                "pg", "premium-16", "premium", "aws-eu-west-1", "eu-west-1", "RUNNING", "16", 3)
    assert pg["termination_protection"] is True
    logs = {s["service_name"]: s for s in tool(
        "list_services", project_name="shop-prod", detail_level="detailed")["services"]}
    maintained = logs["shop-logs-prod"]
    assert maintained["pending_updates"] == len(maintained["maintenance"]["updates"]) == 1
    assert maintained["maintenance"]["day"] and maintained["maintenance"]["time"]


def test_which_services_are_on_pro_plans(tool, stack, sandbox):
    answer = tool("query_services", tier=["pro"], page_size=100)
    expected = {s["service_name"] for p in sandbox.get("/v1/project")["projects"]
                for s in sandbox.get(f"/v1/project/{p['project_name']}/service")["services"]
                if s["plan"].partition("-")[0] in PRO}
    assert set(names(answer["services"])) == expected
    assert answer["total"] == len(expected) == 31
    assert "business" in answer["tier_rule"]
    assert stack.ctl("fleet", "query-services", "--tier", "pro")["total"] == 31
    assert stack.ctl("fleet", "query-services", "--tier", "free", "--tier", "premium")["total"] == 14


def test_postgresql_services_by_region(tool):
    answer = tool("query_services", service_type=["pg"], group_by=["cloud_name"], page_size=1)
    assert groups(answer) == {("do-fra",): 13, ("aws-eu-west-1",): 12, ("aws-us-east-1",): 6,
                              ("google-europe-west3",): 6, ("azure-westeurope",): 3}
    assert answer["projects"] == 30
    regions = tool("query_services", service_type=["pg"], group_by=["region"], page_size=1)
    assert groups(regions)[("eu-west-1",)] == 12


@pytest.mark.parametrize("filters, expected", [
    ({"state": ["POWEROFF"]}, ["loyalty-pg-staging"]),
    ({"state": ["REBUILDING", "REBALANCING"]}, ["logistics-pg-dev", "orders-kafka-staging"]),
    ({"tag": ["compliance=pci"]}, ["payments-kafka-prod", "payments-pg-prod"]),
    ({"termination_protection": True}, ["payments-pg-prod"]),
    ({"pending_updates": True}, ["shop-logs-prod"]),
    ({"service_version": ["13"]}, ["billing-pg-staging", "catalog-pg-prod"]),
    ({"end_of_life_within_days": 90},
     ["billing-pg-staging", "catalog-pg-prod", "fraud-kafka-prod", "fraud-kafka-staging",
      "loyalty-pg-prod", "search-opensearch-dev"]),
    ({"tier": ["custom"]}, ["analytics-clickhouse-prod"]),
    ({"service_type": ["pg"], "tier": ["premium"]}, ["analytics-pg-prod", "payments-pg-prod"]),
    ({"service_type": ["nothing-like-it"]}, []),
])
def test_filters_find_what_is_known(tool, filters, expected):
    answer = tool("query_services", **filters)
    assert sorted(names(answer["services"])) == expected
    assert answer["total"] == len(expected)


def test_pages_cover_the_fleet_without_repeats(tool):
    seen, token = [], ""
    while True:
        page = tool("query_services", page_size=50, **({"page_token": token} if token else {}))
        seen += [(s["project_name"], s["service_name"]) for s in page["services"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert len(seen) == len(set(seen)) == 120


def test_which_clickhouse_has_the_highest_write_throughput(tool, stack):
    inserts = tool("rank_services", metric="clickhouse_inserts")
    assert names(inserts["services"]) == [f"analytics-clickhouse-{s}" for s in
                                          ("staging", "dev", "prod")]
    assert inserts["services"][0]["value"] == pytest.approx(52000, rel=0.05)
    writes = tool("rank_services", metric="disk_writes", service_type=["clickhouse"])
    assert names(writes["services"]) == [f"analytics-clickhouse-{s}" for s in
                                         ("staging", "prod", "dev")]
    ranked = stack.ctl("fleet", "rank-services", "--metric", "clickhouse_inserts")
    assert ranked["services"][0]["service_name"] == "analytics-clickhouse-staging"


@pytest.mark.parametrize("metric, first", [
    ("cpu", "payments-pg-prod"), ("disk", "shop-logs-prod"), ("memory", "search-opensearch-prod"),
    ("network_received", "payments-kafka-prod")])
def test_the_busiest_of_all_services(tool, metric, first):
    answer = tool("rank_services", metric=metric, page_size=3)
    assert answer["services"][0]["service_name"] == first
    # One has no power, and so no metrics; nothing is left out silently.
    assert answer["measured"] + answer["unmeasured"] == 120


def test_what_schemas_exist_in_analytics_pg_prod(tool, stack):
    answer = tool("list_service_schemas", project_name="analytics-prod",
                  service_name="analytics-pg-prod")
    assert {(s["database_name"], s["schema_name"]) for s in answer["schemas"]} == {
        ("defaultdb", "events"), ("defaultdb", "finance"), ("defaultdb", "marts"),
        ("defaultdb", "public"), ("defaultdb", "staging"), ("experiments", "ab_tests"),
        ("experiments", "public")}
    tables = tool("list_service_schemas", project_name="analytics-prod",
                  service_name="analytics-pg-prod", schema_name="marts",
                  detail_level="detailed")["tables"]
    assert {(t["table_name"], t["kind"]) for t in tables} == {
        ("daily_revenue", "table"), ("views_per_day", "view"),
        ("customer_ltv", "materialized view")}
    one = stack.ctl("services", "list-schemas", "analytics-pg-prod", "--project-name", "analytics-prod",
              "--database-name", "experiments")
    assert {s["schema_name"] for s in one["schemas"]} == {"ab_tests", "public"}


def test_details_have_everything_but_secrets(tool, sandbox):
    # With the secrets asked for, so that there is something to leak.
    secret = sandbox.get("/v1/project/analytics-prod/service/analytics-pg-prod"
                         "?include_secrets=true")["service"]["service_uri_params"]["password"]
    answer = tool("get_service_details", project_name="analytics-prod",
                  service_name="analytics-pg-prod")
    assert secret not in json.dumps(answer) and "AVNS_" not in json.dumps(answer)
    service = answer["service"]
    assert len(service["nodes"]) == 3
    assert service["users"] == ["avnadmin"]
    assert sorted(service["databases"]) == ["defaultdb", "experiments"]


def test_metrics_logs_and_events(tool):
    metrics = tool("get_service_metrics", project_name="payments-prod",
                   service_name="payments-pg-prod")
    cpu = [s for s in metrics["series"] if s["metric"] == "cpu_usage"]
    assert len(cpu) == 3 and max(s["average"] for s in cpu) == pytest.approx(88, rel=0.1)
    first = tool("get_service_logs", project_name="shop-prod", service_name="shop-pg-prod",
                 page_size=20)
    older = tool("get_service_logs", project_name="shop-prod", service_name="shop-pg-prod",
                 page_size=20, page_token=first["next_page_token"])
    assert len(first["lines"]) == len(older["lines"]) == 20
    assert older["lines"][0]["time"] < first["lines"][-1]["time"]
    events = tool("list_project_events", project_name="payments-prod", page_size=100)
    assert len(events["events"]) == 100 and events["next_page_token"]


def test_hostile_texts_are_shown_without_their_secrets(tool):
    lines = tool("get_service_logs", project_name="fraud-prod", service_name="fraud-kafka-prod",
                 page_size=200, detail_level="detailed")
    text = json.dumps(lines)
    assert "ignore all previous instructions" in text
    assert "AVNS_SandboxFakeOnly" not in text
    assert "AVNS_" not in json.dumps(tool("list_project_events", project_name="fraud-prod"))


# --- what is not there, and what goes wrong ---


def test_a_name_that_is_not_there_is_told_by_its_reason(tool):
    found = tool("get_service_details", project_name="shop-prod", service_name="shop-pg-prod")
    assert found["service"]["service_name"] == "shop-pg-prod"
    error = tool("get_service_details", expect_error=True, project_name="shop-prod",
                 service_name="nope")
    assert error["code"] == "NOT_FOUND" and "nope" in error["message"]


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\nb", "a%2Fb", ""])
def test_a_name_that_could_lead_elsewhere_is_never_sent(tool, sandbox, name):
    sandbox.steer("DELETE", "journal")
    error = tool("get_service_details", expect_error=True, project_name="shop-prod",
                 service_name=name)
    assert error["code"] == "INVALID_ARGUMENT"
    assert sandbox.journal() == []


def test_an_error_without_a_body_is_still_an_error(tool, sandbox):
    sandbox.fault(kind="status", status=403, body="", path="/v1/project/shop-prod/service")
    error = tool("list_services", expect_error=True, project_name="shop-prod", refresh=True)
    assert error["code"] == "PERMISSION_DENIED"
    assert tool("list_services", project_name="shop-prod", refresh=True)["count"] == 4


def test_a_project_that_cannot_be_read_is_named(tool, sandbox):
    sandbox.fault(kind="status", status=403, body="", path="/v1/project/fraud-dev/service")
    answer = tool("query_services", refresh=True, group_by=["service_type"])
    assert [part["project_name"] for part in answer["source"]["missing"]] == ["fraud-dev"]
    assert answer["total"] == 116


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 503, "body": ""}, {"kind": "half"}, {"kind": "reset"},
    {"kind": "not_json"}, {"kind": "status", "status": 429, "message": NO_LIMIT},
    {"kind": "status", "status": 502, "body": "<html>", "content_type": "text/html"}])
def test_a_fault_that_passes_loses_and_doubles_nothing(tool, sandbox, fault):
    sandbox.fault(path="/v1/project/shop-prod/service", **fault)
    answer = tool("list_services", project_name="shop-prod", refresh=True)
    assert names(answer["services"]) == ["shop-kafka-prod", "shop-logs-prod", "shop-pg-prod",
                                         "shop-valkey-prod"]


def test_values_and_fields_of_the_future_are_shown(tool, sandbox):
    sandbox.fault(kind="surprise", path="/v1/project/shop-prod/service")
    services = tool("list_services", project_name="shop-prod", refresh=True)["services"]
    assert {s["state"] for s in services} == {"HIBERNATING"}
    assert {s["service_type"] for s in services} == {"quantumdb"}


def test_states_change_with_time(tool, sandbox):
    made = "/v1/project/loyalty-dev/service"
    status, _ = sandbox.call("POST", made, {"service_name": "made-by-a-test", "plan": "startup-4",
                                            "service_type": "valkey"})
    assert status == 200

    def state():
        return tool("get_service_details", project_name="loyalty-dev", refresh=True,
                    service_name="made-by-a-test")["service"]["state"]

    assert state() == "REBUILDING"
    sandbox.steer("POST", "clock", {"advance_seconds": 240})
    assert state() == "RUNNING"
    assert sandbox.call("DELETE", f"{made}/made-by-a-test")[0] == 200
    events = tool("list_project_events", project_name="loyalty-dev", refresh=True)["events"]
    assert [e["event_type"] for e in events[:2]] == ["service_delete", "service_create"]


def test_what_is_remembered_costs_no_call(tool, sandbox):
    while True:
        begun = time.monotonic()
        tool("query_services", refresh=True)
        sandbox.steer("DELETE", "journal")
        again = tool("query_services", service_type=["kafka"])
        # Services are kept for 15 s; a machine that needs longer proves nothing.
        if time.monotonic() - begun < 15:
            break
    assert again["total"] == 18
    assert sandbox.journal() == []


def test_many_at_once_ask_once(tool, sandbox):
    sandbox.steer("DELETE", "journal")
    sandbox.fault(kind="slow", delay_ms=500, path="/v1/project/search-prod/events")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda _: tool("list_project_events", project_name="search-prod"), range(8)))
    assert all(answer["events"] == answers[0]["events"] for answer in answers)
    asked = [e for e in sandbox.journal() if e["target"].startswith("/v1/project/search-prod")]
    assert len(asked) == 1


@pytest.fixture
def token_file(sandbox):
    """The file that the backend takes its token from; as before after the test."""
    path = pathlib.Path(sandbox.facts["token_file"])
    yield path
    path.write_text(sandbox.token)
    sandbox.steer("POST", "tokens", {"token": sandbox.token})


def test_a_renewed_token_is_taken_from_its_file(tool, sandbox, token_file):
    sandbox.steer("POST", "tokens", {"token": sandbox.token, "access": "expired"})
    error = tool("list_projects", expect_error=True, refresh=True)
    assert (error["code"], error["reason"]) == (
        "FAILED_PRECONDITION", "AIVEN_TOKEN_REJECTED")
    assert sandbox.token not in json.dumps(error)
    sandbox.steer("POST", "tokens", {"token": "renewed-token", "projects": ["shop-prod"]})
    token_file.write_text("renewed-token")
    # What the old one saw is forgotten.
    assert [p["project_name"] for p in tool("list_projects")["projects"]] == ["shop-prod"]
    assert tool("query_services")["total"] == 4


def test_a_token_that_may_only_read_gets_what_it_may(tool, sandbox, token_file):
    sandbox.steer("POST", "tokens", {"token": "reader-token", "access": "read_only"})
    token_file.write_text("reader-token")
    ranked = tool("rank_services", metric="clickhouse_inserts")["services"]
    assert names(ranked) == [f"analytics-clickhouse-{s}" for s in ("staging", "prod", "dev")]
    assert {"disk" in service["measured_by"] for service in ranked} == {True}
    error = tool("list_service_schemas", expect_error=True, project_name="analytics-prod",
                 service_name="analytics-pg-prod")
    assert error["code"] == "PERMISSION_DENIED"
    assert "service:secrets:read" in error["message"]


def test_every_request_is_one_that_aiven_describes(tool, sandbox):
    """Runs last: the journal has what all these tests made the backend send."""
    contract = AivenContract.load()
    if contract is None:
        pytest.skip("Aiven's description of its API is not there")
    for call in (("list_projects", {}), ("query_services", {}),
                 ("list_services", {"project_name": "shop-prod"}),
                 ("list_project_events", {"project_name": "shop-prod"}),
                 ("get_service_logs", {"project_name": "shop-prod",
                                       "service_name": "shop-pg-prod"}),
                 ("get_service_metrics", {"project_name": "shop-prod",
                                          "service_name": "shop-pg-prod"}),
                 ("rank_services", {"metric": "clickhouse_inserts"}),
                 ("list_service_schemas", {"project_name": "shop-prod",
                                           "service_name": "shop-pg-prod"})):
        tool(call[0], **call[1], **({} if call[0] in ("get_service_logs", "list_service_schemas")
                                    else {"refresh": True}))
    entries = sandbox.journal()
    kinds = set()
    for entry in entries:
        body = json.loads(entry["body"]) if entry["body"] else None
        contract.check_request(entry["method"], entry["target"], body)
        kinds.add((entry["method"], entry["target"].partition("?")[0].split("/")[-1]))
    assert {("GET", "project"), ("GET", "service"), ("POST", "metrics"), ("POST", "logs"),
            ("GET", "events"), ("POST", "query"), ("GET", "ca")} <= kinds
