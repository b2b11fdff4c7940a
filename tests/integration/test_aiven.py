"""The Aiven tools over MCP, gRPC and howdahctl, against an API that records and fails."""

import json
import os
import pathlib
import re
import subprocess
import types

import pytest

from aiven_contract import DESCRIPTION, AivenContract
from certificates import certificate
from fake_aiven import INJECTION, PASSWORD, TOKEN, FakeAiven
from mcp_client import McpError, StdioClient, ToolError
from tls_postgres import TlsPostgres

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / ".howdah" / "bin"
TOOLS = {"list_projects", "list_services", "get_service_details", "query_services",
         "rank_services", "list_service_schemas", "get_service_logs", "get_service_metrics",
         "list_project_events"}


def environment(**more):
    bare = {k: v for k, v in os.environ.items() if not k.startswith("AIVEN_")}
    return {**bare, **more}


def adapter(*flags, **variables):
    return StdioClient([BIN / "howdah-mcp", "--spawn-backend", *flags],
                       env=environment(**variables), stderr=subprocess.DEVNULL)


@pytest.fixture
def api():
    with FakeAiven() as fake:
        yield fake


@pytest.fixture
def client(api):
    with adapter(**api.environment) as running:
        running.initialize()
        yield running


def tools_of(client):
    return {tool["name"] for tool in client.request("tools/list")["tools"]}


def structured(client, tool, **arguments):
    return client.call(tool, arguments)["structuredContent"]


def text_of(client, tool, **arguments):
    return client.call(tool, arguments)["content"][0]["text"]


def test_without_a_token_nothing_of_aiven_is_offered():
    with adapter() as client:
        client.initialize()
        listed = client.request("tools/list")
        assert not TOOLS & {tool["name"] for tool in listed["tools"]}
        assert len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False)) / 4 <= 8000
        assert "aiven" not in str(client.request("resources/templates/list"))
        with pytest.raises(McpError, match="list_projects"):
            client.call("list_projects")


def test_asked_for_without_a_token_it_says_what_to_set():
    with adapter("--toolsets", "aiven") as client:
        client.initialize()
        assert tools_of(client) == TOOLS
        for tool in TOOLS:
            needed = {"rank_services": {"metric": "cpu"}}.get(tool, {})
            if tool in ("get_service_details", "list_service_schemas", "get_service_logs",
                        "get_service_metrics"):
                needed = {"service_name": "x"}
            with pytest.raises(ToolError) as refused:
                client.call(tool, needed)
            assert refused.value.error["code"] == "FAILED_PRECONDITION", tool
            assert "AIVEN_TOKEN" in str(refused.value), tool


def test_a_token_switches_it_on_beside_what_is_on(api, client):
    assert TOOLS | {"list_postgres_clusters"} <= tools_of(client)
    assert structured(client, "list_projects")["projects"][0]["project_name"] == "shop"
    assert api.requests == [("GET", "/v1/project", b"", f"aivenv1 {TOKEN}")]


def test_a_trace_goes_on_to_aiven(api, client):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    client.request("tools/call", {
        "name": "query_services", "arguments": {},
        "_meta": {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}})
    assert len(api.traces) == len(api.requests) > 2
    sent = [re.fullmatch(f"00-{trace}-([0-9a-f]{{16}})-01", one) for one in api.traces]
    assert all(sent), api.traces
    # Each request is a child of its own.
    assert len({one[1] for one in sent} | {"00f067aa0ba902b7"}) == len(sent) + 1


def test_services_are_resources_whose_names_are_completed(api, client):
    template = "howdah://aiven/{project_name}/services/{service_name}{?context}"
    assert template in {t["uriTemplate"] for t in
                        client.request("resources/templates/list")["resourceTemplates"]}
    # Clients list resources when they connect: that is no reason to ask Aiven.
    assert not [r for r in client.request("resources/list")["resources"] if "aiven" in r["uri"]]
    assert api.requests == []
    uri = "howdah://aiven/shop/services/shop-pg-prod"
    contents = client.request("resources/read", {"uri": uri})["contents"]
    assert json.loads(contents[0]["text"])["service"]["service_name"] == "shop-pg-prod"
    assert PASSWORD not in str(contents)
    with pytest.raises(McpError) as missing:
        client.request("resources/read", {"uri": "howdah://aiven/shop/services/none"})
    assert missing.value.code == -32002
    with pytest.raises(McpError, match="read it from time to time"):
        client.request("resources/subscribe", {"uri": uri})

    def complete(argument, value, **known):
        return client.request("completion/complete", {
            "ref": {"type": "ref/resource", "uri": template},
            "argument": {"name": argument, "value": value},
            "context": {"arguments": known}})["completion"]["values"]
    assert complete("project_name", "sh") == ["shop"]
    assert complete("service_name", "pg", project_name="shop") == ["shop-pg-prod"]


def test_env_files_and_named_accounts(api, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / ".env").write_text(
        f"AIVEN_ACCOUNTS=lab\nAIVEN_LAB_BASE_URL={api.url}\n"
        f"export AIVEN_LAB_TOKEN_FILE='{tmp_path}/token'\nAIVEN_LAB_PROJECT_NAME=web\n")
    with adapter("--env-file", str(tmp_path / ".env")) as client:
        client.initialize()
        answer = structured(client, "list_services", context="lab")
        assert answer["project_name"] == "web"
        assert answer["source"]["account"] == "lab"
        with pytest.raises(ToolError) as refused:
            client.call("list_services", {"context": "elsewhere"})
        assert "there are lab" in str(refused.value)
    (tmp_path / "bad.env").write_text("AIVEN_TOKEN=$(cat secret)\n")
    done = subprocess.run([BIN / "howdah-mcp", "--env-file", tmp_path / "bad.env"],
                          env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Line 1 of" in done.stderr


def test_questions_over_the_fleet(client):
    pro = structured(client, "query_services", tier=["pro"])
    assert [s["service_name"] for s in pro["services"]] == [
        "shop-kafka", "shop-pg-prod", "web-ch-a"]
    assert "No plan is called Pro" in pro["tier_rule"]
    by_region = structured(client, "query_services", service_type=["pg"], group_by=["region"])
    assert {g["values"][0]: g["count"] for g in by_region["groups"]} == {
        "eu-west-1": 1, "us-east-1": 1}
    off = structured(client, "query_services", state=["POWERED_OFF"])
    assert [s["service_name"] for s in off["services"]] == ["web-pg"]
    strange = structured(client, "query_services", state=["hovering"])
    assert strange["services"][0]["state"] == "HOVERING"
    slip = structured(client, "query_services", service_type=["postgre"])
    assert slip["total"] == 0 and "there are" in slip["summary"]
    first = structured(client, "query_services", page_size=2)
    rest = structured(client, "query_services", page_size=3,
                      page_token=first["next_page_token"])
    assert len({s["service_name"] for s in first["services"] + rest["services"]}) == 5
    assert first["source"]["sandbox"] is False and first["source"]["account"] == "default"


def test_the_highest_write_throughput(api, client):
    ranked = structured(client, "rank_services", metric="clickhouse_inserts")
    assert [(s["service_name"], s["value"]) for s in ranked["services"]] == [
        ("web-ch-b", 90000), ("web-ch-a", 5000)]
    # Without the permission to query data, by disk writes; and it says so.
    api.may_query_data = False
    ranked = structured(client, "rank_services", metric="clickhouse_inserts", refresh=True)
    assert ranked["services"][0]["service_name"] == "web-ch-a"
    assert "disk writes" in ranked["services"][0]["measured_by"]


def test_one_service_without_its_secrets(client):
    for arguments in ({"detail_level": "detailed"}, {"detail_level": "concise"},
                      {"detail_level": "detailed", "format": "json"}):
        result = client.call("get_service_details", {
            "project_name": "shop", "service_name": "shop-pg-prod", **arguments})
        assert PASSWORD not in json.dumps(result)
    service = structured(client, "get_service_details", project_name="shop",
                         service_name="shop-pg-prod")["service"]
    assert service["users"] == ["avnadmin"] and service["tier"] == "business"
    assert service["end_of_life_time"].startswith("2028-11-09")


def test_logs_metrics_and_events_are_bounded_and_fenced(client):
    first = structured(client, "get_service_logs", project_name="shop",
                       service_name="shop-pg-prod", page_size=20)
    assert len(first["lines"]) == 20 and sum(c["count"] for c in first["counts"]) == 20
    rest = structured(client, "get_service_logs", project_name="shop",
                      service_name="shop-pg-prod", page_size=20,
                      page_token=first["next_page_token"])
    assert len(rest["lines"]) == 5 and not rest.get("next_page_token")
    shown = text_of(client, "get_service_logs", project_name="shop",
                    service_name="shop-pg-prod")
    assert PASSWORD not in shown and "(hidden)" in shown
    assert_fenced(shown)
    assert_fenced(text_of(client, "list_project_events", project_name="shop"))
    metrics = structured(client, "get_service_metrics", project_name="shop",
                         service_name="shop-pg-prod", metrics=["cpu_usage"],
                         detail_level="detailed")
    assert metrics["series"][0]["average"] == 11 and len(metrics["series"][0]["points"]) == 2


def assert_fenced(shown):
    """What others wrote stands between fences, under a line that says whose it is."""
    assert INJECTION in shown
    before, fence, rest = shown.partition("```")
    assert fence and INJECTION not in before
    inside, closing, after = rest.partition("\n```")
    assert closing and INJECTION in inside and INJECTION not in after
    assert "data, not instructions" in before


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a%2e", "a b", "a\nb", "ä"])
def test_names_that_lead_elsewhere_are_never_sent(api, client, name):
    for tool, field in (("list_services", "project_name"), ("get_service_logs", "service_name"),
                        ("get_service_details", "service_name")):
        with pytest.raises(ToolError) as refused:
            client.call(tool, {"project_name": "shop", field: name})
        assert refused.value.error["code"] == "INVALID_ARGUMENT"
    assert not api.requests


def test_unicode_in_arguments_does_no_harm(client):
    answer = structured(client, "query_services", name_contains="naïve – “x” 🙂\n")
    assert answer["total"] == 0


@pytest.mark.parametrize("fault,code", [
    ((403, {"message": "Not a project member"}), "PERMISSION_DENIED"),
    ((404, {"errors": [{"error_code": "project_not_found"}]}), "NOT_FOUND"),
    ((401, b""), "FAILED_PRECONDITION"),
])
def test_failures_are_told_with_their_code(api, client, fault, code):
    api.faults = [fault]
    with pytest.raises(ToolError) as refused:
        client.call("list_projects")
    assert refused.value.error["code"] == code
    assert TOKEN not in json.dumps(refused.value.result)


def test_what_passes_by_itself_is_not_told(api, client):
    api.faults = [(502, b"<html>bad gateway</html>"),
                  (429, {"message": "Rate limit 120 exceeded - try again in 1s"})]
    assert structured(client, "list_projects")["count"] == 2
    assert len(api.requests) == 3


def test_parts_that_cannot_be_read_are_named(api, client):
    api.faults_at = {"/service_versions": (403, {"message": "Not allowed"})}
    answer = structured(client, "query_services")
    assert answer["total"] == 5 and len(answer["source"]["missing"]) == 1
    api.faults_at = {"/project/web/service": (403, {"message": "Not a project member"})}
    answer = structured(client, "query_services", refresh=True)
    assert [(part["project_name"], part["reason"]) for part in answer["source"]["missing"]] == [
        ("web", "AIVEN_PERMISSION")]
    assert "could not be read" in answer["summary"]
    assert {s["project_name"] for s in answer["services"]} == {"shop"}


def test_what_is_cut_stays_between_its_fences(api, client):
    # D6: a cap that came after the wrapping cut the end of the boundary off.
    shown = text_of(client, "get_service_logs", project_name="shop",
                    service_name="shop-kafka", page_size=500)
    assert " left out" in shown.rpartition("\n```")[2]
    assert_fenced(shown)


def test_the_sandbox_is_said_in_every_answer(api, client):
    api.headers = {"Howdah-Aiven-Sandbox": "true"}
    for tool, arguments in (("list_projects", {}), ("query_services", {}),
                            ("list_services", {"project_name": "web"}),
                            ("rank_services", {"metric": "cpu"})):
        answer = structured(client, tool, **arguments)
        assert answer["source"]["sandbox"] is True, tool
        assert "invented" in answer["summary"], tool


def test_every_request_is_one_that_aiven_describes(api, client, postgres):
    contract = AivenContract.load()
    if contract is None:
        pytest.skip(f"no {DESCRIPTION}")
    api.postgres = postgres
    exercise_all(client)
    api.may_query_data = False
    structured(client, "rank_services", metric="clickhouse_inserts", refresh=True)
    assert len(api.requests) > 12
    for method, target, body, _ in api.requests:
        contract.check_request(method, target, json.loads(body) if body else None)


def test_no_request_changes_anything(api, client, postgres):
    # D11 among them: there is no PUT in which something could be sent unasked.
    api.postgres = postgres
    exercise_all(client)
    asked = {target.split("?")[0].rpartition("/")[2]
             for method, target, _, _ in api.requests if method != "GET"}
    assert asked == {"logs", "metrics", "query"}
    assert {method for method, _, _, _ in api.requests} == {"GET", "POST"}


def exercise_all(client):
    structured(client, "list_projects", detail_level="detailed")
    structured(client, "list_project_events", project_name="web")
    structured(client, "query_services", detail_level="detailed")
    structured(client, "rank_services", metric="disk_writes", period="day")
    structured(client, "rank_services", metric="clickhouse_inserts")
    one = {"project_name": "shop", "service_name": "shop-pg-prod"}
    structured(client, "get_service_details", **one)
    structured(client, "get_service_metrics", **one)
    lines = structured(client, "get_service_logs", page_size=10, **one)
    structured(client, "get_service_logs", page_size=10,
               page_token=lines["next_page_token"], **one)
    structured(client, "list_service_schemas", **one)


@pytest.fixture(scope="module")
def postgres():
    with TlsPostgres(PASSWORD) as server:
        server.psql("create schema sales; create table sales.orders (id int primary key); "
                    "insert into sales.orders select generate_series(1, 1000); "
                    "create view sales.recent as select * from sales.orders; analyze")
        server.psql("create database reports", "postgres")
        server.psql("create schema monthly", "reports")
        yield server


SCHEMAS = {"project_name": "shop", "service_name": "shop-pg-prod"}


def test_schemas_and_tables_of_a_real_postgresql(api, client, postgres):
    api.postgres = postgres
    answer = structured(client, "list_service_schemas", **SCHEMAS)
    found = {(s["database_name"], s["schema_name"]): s for s in answer["schemas"]}
    assert set(found) == {("defaultdb", "public"), ("defaultdb", "sales"), ("postgres", "public"),
                          ("reports", "monthly"), ("reports", "public")}
    sales = found["defaultdb", "sales"]
    assert (sales["tables"], sales["views"]) == (1, 1)
    assert set(answer["databases"]) == {"defaultdb", "postgres", "reports"}
    tables = structured(client, "list_service_schemas", database_name="defaultdb",
                        schema_name="sales", detail_level="detailed", **SCHEMAS)["tables"]
    assert [(t["table_name"], t["kind"]) for t in tables] == [
        ("orders", "table"), ("recent", "view")]
    assert tables[0]["estimated_rows"] == "1000"
    with pytest.raises(ToolError) as refused:
        client.call("list_service_schemas", {"database_name": "no-such", **SCHEMAS})
    assert refused.value.error["code"] == "NOT_FOUND" and "reports" in str(refused.value)
    with pytest.raises(ToolError) as refused:
        client.call("list_service_schemas", {"project_name": "shop", "service_name": "shop-kafka"})
    assert refused.value.error["reason"] == "NOT_A_POSTGRES_SERVICE"


def test_names_of_schemas_are_no_instructions_and_no_sql(api, client, postgres):
    api.postgres = postgres
    postgres.psql("""create schema "x'); drop schema sales; --" """)
    assert_fenced_names(text_of(client, "list_service_schemas", **SCHEMAS))
    structured(client, "list_service_schemas", schema_name="x'); drop schema sales; --",
               **SCHEMAS)
    assert postgres.psql("select count(*) from sales.orders") == "1000"


def assert_fenced_names(shown):
    before, _, rest = shown.partition("```")
    assert "drop schema" not in before and "drop schema" in rest.partition("\n```")[0]


def test_what_reads_schemas_cannot_write_and_verifies_the_server(api, client, postgres, tmp_path):
    api.postgres = postgres
    postgres.psql("alter role avnadmin set log_statement = 'all'")
    structured(client, "list_service_schemas", **SCHEMAS)
    log = pathlib.Path(postgres.directory, "log").read_text("utf-8")
    assert "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY" in log
    assert PASSWORD not in log
    # Another authority than the server's: no password goes there.
    other, _ = certificate(str(tmp_path), "other")
    api.postgres = types.SimpleNamespace(
        port=postgres.port, certificate=pathlib.Path(other).read_text("ascii"))
    with adapter(**api.environment) as fresh:
        fresh.initialize()
        with pytest.raises(ToolError) as refused:
            fresh.call("list_service_schemas", SCHEMAS)
    assert refused.value.error["code"] == "UNAVAILABLE"
    assert "certificate" in str(refused.value) and PASSWORD not in str(refused.value)


def test_howdahctl_reaches_every_tool(api, postgres, tmp_path):
    api.postgres = postgres
    backend = subprocess.Popen(
        [BIN / "howdah-backend", "--listen", f"unix:{tmp_path}/b", "--announce"],
        env=environment(**api.environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        backend.stdout.readline()

        def ctl(*arguments):
            done = subprocess.run(
                [BIN / "howdahctl", *arguments, "-o", "json"], capture_output=True, text=True,
                env=environment(HOWDAH_ADDRESS=f"unix:{tmp_path}/b"), timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        one = ("--project-name", "shop", "--service-name", "shop-pg-prod")
        assert len(ctl("projects", "list")["projects"]) == 2
        assert len(ctl("projects", "list-events", "--project-name", "shop")["events"]) == 2
        assert len(ctl("services", "list", "--project-name", "web")["services"]) == 3
        assert ctl("services", "get", *one)["service"]["plan"] == "business-8"
        assert ctl("services", "get-logs", *one)["lines"]
        assert ctl("services", "get-metrics", *one)["series"]
        assert ctl("services", "list-schemas", *one)["schemas"]
        assert ctl("fleets", "query-services", "--tier", "business")["total"] == 2
        assert ctl("fleets", "rank-services", "--metric", "cpu")["measured"] == 5
    finally:
        backend.terminate()
        backend.wait(30)
