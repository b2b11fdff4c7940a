"""Every Aiven tool at every door, against the sandbox, whose answers are known
(docs/aiven-sandbox.md): MCP, gRPC by the recipes of clients/grpcurl, howdahctl."""

import json
import pathlib
import shutil
import subprocess

import pytest

from mcp_client import StdioClient
from recipes import Recipes
from stack import LAUNCHER, new_data_dir, processes_of, sandbox_stack
from waiting import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
PG = ("payments-prod", "payments-pg-prod")
WAREHOUSE = ("analytics-prod", "analytics-pg-prod")


@pytest.fixture(scope="module")
def stack():
    with sandbox_stack() as running:
        yield running


@pytest.fixture(scope="module")
def recipe(stack):
    return Recipes(stack.endpoints["grpc"])


@pytest.fixture(scope="module")
def mcp(stack):
    with StdioClient([ROOT / ".howdah/bin/howdah-mcp", "--backend", stack.endpoints["grpc"],
                      "--toolsets", "aiven"], stderr=subprocess.DEVNULL) as client:
        client.initialize()
        yield client


# Tool, its arguments over MCP, the recipe's, howdahctl's; what every answer has.
def one(service):
    return {"project_name": service[0], "service_name": service[1]}


def flags(service):
    return ["--project-name", service[0], "--service-name", service[1]]


CALLS = {
    "list_projects": ({}, ["aiven-projects"], ["projects", "list"],
                      lambda a: len(a["projects"]) == 30),
    "list_project_events": (
        {"project_name": "payments-prod"}, ["aiven-events", "payments-prod"],
        ["projects", "list-events", "--project-name", "payments-prod"],
        lambda a: len(a["events"]) > 10),
    "list_services": (
        {"project_name": "payments-prod"}, ["aiven-services", "payments-prod"],
        ["services", "list", "--project-name", "payments-prod"],
        lambda a: "payments-pg-prod" in json.dumps(a["services"])),
    "get_service_details": (
        one(PG), ["aiven-service", *PG], ["services", "get", *flags(PG)],
        lambda a: a["service"]["plan"] == "premium-16"),
    "get_service_logs": (one(PG), ["aiven-logs", *PG], ["services", "get-logs", *flags(PG)],
                         lambda a: len(a["lines"]) > 5),
    "get_service_metrics": (
        one(PG), ["aiven-metrics", *PG], ["services", "get-metrics", *flags(PG)],
        lambda a: any(s["metric"] == "cpu_usage" for s in a["series"])),
    "list_service_schemas": (
        one(WAREHOUSE), ["aiven-schemas", *WAREHOUSE],
        ["services", "list-schemas", *flags(WAREHOUSE)], lambda a: len(a["schemas"]) == 7),
    "query_services": ({"tier": ["pro"]}, ["aiven-query", "pro"],
                       ["fleets", "query-services", "--tier", "pro"],
                       lambda a: a["total"] == 31),
    "rank_services": (
        {"metric": "clickhouse_inserts"}, ["aiven-rank", "clickhouse_inserts"],
        ["fleets", "rank-services", "--metric", "clickhouse_inserts"],
        lambda a: "analytics-clickhouse-staging" in json.dumps(a["services"][0])),
}


def test_these_are_all_tools(mcp):
    assert set(CALLS) == {tool["name"] for tool in mcp.request("tools/list")["tools"]}


@pytest.mark.parametrize("tool", CALLS)
def test_a_tool_answers_at_every_door(tool, mcp, recipe, stack):
    arguments, by_hand, command, holds = CALLS[tool]
    answers = (mcp.call(tool, arguments)["structuredContent"], recipe(*by_hand), stack.ctl(*command))
    for answer in answers:
        assert holds(answer), answer
        assert answer["source"]["sandbox"] is True and "invented" in answer["summary"]
        assert "AVNS_" not in json.dumps(answer)


def test_mcp_by_itself_has_a_sandbox_that_goes_with_it():
    data_dir = new_data_dir()
    with StdioClient([LAUNCHER, "mcp", "--data-dir", data_dir, "--aiven=sandbox"],
                     stderr=subprocess.DEVNULL) as client:
        client.initialize()
        answer = client.call("list_projects", {})["structuredContent"]
        assert len(answer["projects"]) == 30 and answer["source"]["sandbox"] is True
    eventually(lambda: processes_of(data_dir) == [], "nothing of it runs any more")
    shutil.rmtree(data_dir, ignore_errors=True)
