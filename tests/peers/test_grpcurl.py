"""grpcurl, a client in Go: reads the contract, and plays the story by the recipes
of clients/grpcurl. What it does is looked for in PostgreSQL and Kubernetes."""

import json
import pathlib
import re
import subprocess

import pytest

import peers
from psql import query
from recipes import GRPCURL, RECIPES, Recipes
from test_inspector import eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = "by-hand"


@pytest.fixture(scope="module")
def grpcurl():
    return peers.go_install(GRPCURL)


@pytest.fixture(scope="module")
def recipe(stack):
    return Recipes(stack.endpoints["grpc"])


def test_every_recipe_is_used_by_a_test():
    tests = "".join(path.read_text(encoding="utf-8")
                    for path in pathlib.Path(__file__).parent.glob("test_*.py"))
    for path in RECIPES.glob("*.sh"):
        assert path.stem == "call" or f'"{path.stem}"' in tests, path.name


def test_every_method_has_a_recipe(recipe):
    texts = "".join(path.read_text(encoding="utf-8") for path in RECIPES.glob("*.sh"))
    for service in ("Cluster", "Role", "Database"):
        name = "howdah.postgres.v1.%sService" % service
        methods = re.findall(r"rpc (\w+)", recipe.text("describe", name))
        assert len(methods) >= 3
        for method in methods:
            assert "%s/%s" % (name, method) in texts, method


def described(grpcurl, symbol):
    return subprocess.run(
        [grpcurl, "-import-path", ROOT / "proto", "-proto",
         "howdah/postgres/v1/cluster_service.proto", "describe", symbol],
        capture_output=True, text=True, check=True).stdout


def test_the_published_files_are_readable(grpcurl):
    assert "rpc CreateCluster ( .howdah.postgres.v1.CreateClusterRequest )" in described(
        grpcurl, "howdah.postgres.v1.ClusterService")
    assert "// What to do about it." in described(grpcurl, "howdah.postgres.v1.Problem")


def test_the_server_tells_its_contract(recipe):
    services = recipe.text("describe").split()
    assert {"howdah.postgres.v1.ClusterService", "howdah.postgres.v1.RoleService",
            "howdah.postgres.v1.DatabaseService", "howdah.operations.v1.OperationsService",
            "grpc.health.v1.Health"} <= set(services)
    assert "confirm_deletion" in recipe.text(
        "describe", "howdah.postgres.v1.DeleteClusterRequest")
    assert recipe("health") == {"status": "SERVING"}


def test_the_story(stack, recipe):
    made = recipe("create-cluster", CLUSTER, "3")
    assert made["cluster"]["ready"] == "3/3"

    role = recipe("create-role", CLUSTER, "app_user")["role"]
    assert role["createdb"] and role["passwordSecret"]
    recipe("create-database", CLUSTER, "orders", "app_user")
    assert [r["name"] for r in recipe("list-roles", CLUSTER)["roles"]] == ["app_user"]
    assert CLUSTER in [c["name"] for c in recipe("list-clusters")["clusters"]]

    login = stack.kube.secret("default", CLUSTER + "-app")
    assert query(login, "select rolcanlogin, rolcreatedb, rolsuper from pg_roles "
                        "where rolname = 'app_user'") == [["t", "t", "f"]]
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'orders'"
    assert query(login, owner) == [["app_user"]]

    assert [d["name"] for d in recipe("list-databases", CLUSTER)["databases"]] == ["orders"]
    assert recipe("update-role", CLUSTER, "app_user", "createdb", "false")["changes"]
    assert query(login, "select rolcreatedb from pg_roles "
                        "where rolname = 'app_user'") == [["f"]]

    recipe("scale-cluster", CLUSTER, "2")
    eventually(lambda: len([pod for pod in stack.kube.names("pods")
                            if pod.startswith(CLUSTER + "-")]) == 2, "two Pods are left")
    assert len(recipe("get-cluster", CLUSTER)["instanceDetails"]) == 2

    recipe("delete-database", CLUSTER, "orders")
    eventually(lambda: query(login, owner) == [], "the database is dropped")
    assert recipe("delete-role", CLUSTER, "app_user")["secretDeleted"]
    assert query(login, "select 1 from pg_roles where rolname = 'app_user'") == []

    assert recipe("delete-cluster", CLUSTER)["losses"]
    assert CLUSTER in stack.kube.names("clusters")
    recipe("delete-cluster", CLUSTER, "--yes")
    eventually(lambda: CLUSTER not in stack.kube.names("clusters"), "the cluster is gone")


def test_progress_is_a_stream(stack, recipe):
    stream = recipe.text("start-cluster", "streamed", "1")
    decoder, states = json.JSONDecoder(), []
    while stream.strip():
        state, end = decoder.raw_decode(stream.lstrip())
        stream = stream.lstrip()[end:]
        states.append(state)
    percents = [state.get("progressPercent", 0) for state in states]
    assert percents == sorted(percents) and percents[-1] == 100
    assert states[-1]["done"] and states[-1]["result"]["cluster"]["ready"] == "1/1"
    recipe("delete-cluster", "streamed", "--yes")


def test_errors_come_with_their_details(recipe):
    said = recipe.text("get-cluster", "never-made", expect=1)
    assert "NotFound" in said and "google.rpc.ErrorInfo" in said and "CLUSTER_NOT_FOUND" in said
