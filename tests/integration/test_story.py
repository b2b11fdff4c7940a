"""The main job over MCP stdio; every effect is asked of PostgreSQL or Kubernetes.

The tests run in order on one cluster, as a user's day goes.
"""

import concurrent.futures
import json
import time
import urllib.request

import pytest

from mcp_client import ToolError
from psql import query
from waiting import eventually

CLUSTER = "orders-db"


@pytest.fixture(scope="module")
def application(stack, cluster):
    """The application owner's login, from the operator's Secret."""
    return lambda: stack.kube.secret("default", CLUSTER + "-app")


def create(mcp, name):
    """Makes a cluster of three instances with wait and progress, and takes the time."""
    progress = []
    begin = time.monotonic()
    made = mcp.call("create_postgres_cluster",
                    {"name": name, "storage_size": "1Gi", "wait": True},
                    progress.append)["structuredContent"]
    made["seconds"] = time.monotonic() - begin
    made["progress_seen"] = progress
    return made


@pytest.fixture(scope="module")
def cluster(mcp):
    return create(mcp, CLUSTER)


def pods_of(stack):
    return [name for name in stack.kube.names("pods") if name.startswith(CLUSTER + "-")]


def superuser_rows(application, sql):
    return query(application(), sql)


def test_create_waits_and_reports_progress(cluster, stack):
    assert cluster["operation"]["done"] is True
    assert cluster["cluster"]["ready"] == "3/3"
    assert cluster["cluster"]["health"] == "healthy"
    values = [step["progress"] for step in cluster["progress_seen"]]
    assert len(values) >= 2 and values == sorted(set(values)), values
    assert pods_of(stack) == [CLUSTER + "-1", CLUSTER + "-2", CLUSTER + "-3"]


def test_three_instances_are_ready_in_time(cluster, mcp, stack):
    """The best of three: what the machine does beside is not ours."""
    seconds = [cluster["seconds"]]
    while min(seconds) >= 15 and len(seconds) < 3:
        seconds.append(create(mcp, "timed")["seconds"])
        mcp.call("delete_postgres_cluster", {"name": "timed", "confirm_deletion": True})
        stack.kube.wait_for_names(
            "pods", lambda pods: not any(pod.startswith("timed-") for pod in pods))
    assert min(seconds) < 15, seconds


def test_replicas_really_stream(cluster, stack, application):
    found = stack.kube.cnpg("clusters", name=CLUSTER)
    assert found["status"]["readyInstances"] == 3
    assert query(application(), "select pg_is_in_recovery()") == [["f"]]
    assert read_only(stack, application, "select pg_is_in_recovery()") == [["t"]]


def test_the_same_name_again_is_refused(cluster, mcp):
    with pytest.raises(ToolError) as refusal:
        mcp.call("create_postgres_cluster", {"name": CLUSTER})
    assert refusal.value.error["code"] == "ALREADY_EXISTS"
    assert CLUSTER in str(refusal.value)


def test_status_is_honest_and_readable(cluster, mcp):
    result = mcp.call("get_cluster_status", {"name": CLUSTER, "detail_level": "detailed"})
    status = result["structuredContent"]
    assert status["health"] == "healthy" and status["primary"] == CLUSTER + "-1"
    assert len(status["instance_details"]) == 3
    text = result["content"][0]["text"]
    assert CLUSTER in text and "3/3" in text and not text.lstrip().startswith("{")


def test_list_has_clusters_count_and_scope(cluster, mcp):
    listed = mcp.call("list_postgres_clusters", {"format": "json"})
    body = json.loads(listed["content"][0]["text"])
    assert body == listed["structuredContent"]
    assert body["count"] == len(body["clusters"]) >= 1
    assert body["scope"] == "namespace default"
    assert mcp.call("list_postgres_clusters",
                    {"namespace": "*"})["structuredContent"]["scope"] == "all namespaces"


@pytest.mark.parametrize("role,attributes", [
    ("app_user", {"createdb": True}),
    ("Äpfel", {}),
    ("report-1", {"login": False, "inherit": False}),
])
def test_roles_reach_postgres_with_their_attributes(cluster, mcp, stack, application, role,
                                                    attributes):
    made = mcp.call("create_postgres_role", dict(
        attributes, cluster_name=CLUSTER, role_name=role))["structuredContent"]["role"]
    assert made["state"] == "reconciled"
    quoted = role.replace("'", "''")
    rows = superuser_rows(application, "select rolcanlogin, rolcreatedb, rolinherit, rolsuper "
                          "from pg_roles where rolname = '%s'" % quoted)
    wanted = ["t" if attributes.get(name, default) else "f" for name, default in
              (("login", True), ("createdb", False), ("inherit", True), ("superuser", False))]
    assert rows == [wanted]
    secret = stack.kube.secret("default", made["password_secret"])
    assert secret["username"] == role and len(secret["password"]) >= 22
    if attributes.get("login", True):
        login = dict(application(), username=role, password=secret["password"])
        assert query(login, "select current_user") == [[role]]


def test_roles_are_listed_with_their_attributes(cluster, mcp):
    listed = mcp.call("list_postgres_roles", {"cluster_name": CLUSTER})["structuredContent"]
    roles = {role["name"]: role for role in listed["roles"]}
    assert {"app_user", "Äpfel", "report-1"} <= set(roles)
    assert roles["app_user"]["createdb"] is True
    assert roles["report-1"]["login"] is False and roles["report-1"]["inherit"] is False


def test_secret_name_follows_the_rule_where_it_is_legal(cluster, stack):
    names = stack.kube.names("secrets")
    assert "cnpg-%s-user-report-1" % CLUSTER in names


def test_update_changes_only_what_is_named(cluster, mcp, application):
    result = mcp.call("update_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "app_user", "createrole": True})
    assert any("createrole" in change for change in result["structuredContent"]["changes"])
    assert superuser_rows(application, "select rolcreatedb, rolcreaterole from pg_roles "
                          "where rolname = 'app_user'") == [["t", "t"]]


def test_a_new_password_works_and_is_never_shown(cluster, mcp, application):
    result = mcp.call("update_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "app_user", "password": "correct horse battery"})
    assert "correct horse" not in json.dumps(result)
    login = dict(application(), username="app_user", password="correct horse battery")
    assert eventually(lambda: _can_log_in(login), "the new password is accepted")


def _can_log_in(login):
    try:
        return query(login, "select 1") == [["1"]]
    except RuntimeError:
        return False


def test_databases_reach_postgres(cluster, mcp, application):
    made = mcp.call("create_postgres_database", {
        "cluster_name": CLUSTER, "database_name": "orders", "owner": "app_user",
        "reclaim_policy": "delete"})["structuredContent"]["database"]
    assert made["state"] == "applied"
    assert superuser_rows(application, "select pg_get_userbyid(datdba) from pg_database "
                          "where datname = 'orders'") == [["app_user"]]
    listed = mcp.call("list_postgres_databases", {"cluster_name": CLUSTER})["structuredContent"]
    assert [entry["name"] for entry in listed["databases"]] == ["orders"]


def test_dropping_a_database_needs_consent(cluster, mcp, application):
    arguments = {"cluster_name": CLUSTER, "database_name": "orders"}
    with pytest.raises(ToolError) as refusal:
        mcp.call("delete_postgres_database", arguments)
    assert refusal.value.error["reason"] == "CONFIRMATION_REQUIRED"
    assert superuser_rows(application,
                          "select 1 from pg_database where datname = 'orders'") == [["1"]]
    mcp.call("delete_postgres_database", dict(arguments, confirm_deletion=True))
    eventually(lambda: superuser_rows(
        application, "select 1 from pg_database where datname = 'orders'") == [],
        "the database is dropped")


def test_a_retained_database_stays(cluster, mcp, application):
    mcp.call("create_postgres_database", {
        "cluster_name": CLUSTER, "database_name": "archive", "owner": "app_user"})
    mcp.call("delete_postgres_database", {"cluster_name": CLUSTER, "database_name": "archive"})
    assert superuser_rows(application,
                          "select 1 from pg_database where datname = 'archive'") == [["1"]]


def test_a_role_that_owns_objects_is_not_reported_as_dropped(cluster, mcp, application):
    with pytest.raises(ToolError) as refusal:
        mcp.call("delete_postgres_role", {
            "cluster_name": CLUSTER, "role_name": "app_user", "confirm_deletion": True})
    assert "archive" in str(refusal.value) or "depend" in str(refusal.value), str(refusal.value)
    assert superuser_rows(application,
                          "select 1 from pg_roles where rolname = 'app_user'") == [["1"]]


def test_deleting_a_role_drops_it_and_its_secret(cluster, mcp, stack, application):
    secret = "cnpg-%s-user-report-1" % CLUSTER
    assert secret in stack.kube.names("secrets")
    done = mcp.call("delete_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "report-1",
        "confirm_deletion": True})["structuredContent"]
    assert done["secret_deleted"] is True
    assert superuser_rows(application,
                          "select 1 from pg_roles where rolname = 'report-1'") == []
    assert secret not in stack.kube.names("secrets")


def _http_call(url, tool, arguments, request_id):
    body = {"jsonrpc": "2.0", "id": request_id, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)["result"]


def test_a_hundred_roles_at_once_lose_none(cluster, stack, application):
    url = stack.endpoints["mcp"]
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        results = list(pool.map(lambda number: _http_call(
            url, "create_postgres_role",
            {"cluster_name": CLUSTER, "role_name": "many_%03d" % number}, number), range(100)))
    failed = [result["content"][0]["text"] for result in results if result.get("isError")]
    assert failed == []
    eventually(lambda: superuser_rows(
        application, "select count(*) from pg_roles where rolname like 'many\\_%'") == [["100"]],
        "PostgreSQL has a hundred roles")


def test_kubectl_sees_it_all(cluster, kubectl):
    table = kubectl("get", "clusters,databases,pods,secrets", "-A")
    assert CLUSTER in table and CLUSTER + "-1" in table and CLUSTER + "-app" in table
    clusters = kubectl("get", "clusters")
    assert clusters.splitlines()[0].split() == ["NAME", "AGE", "INSTANCES", "READY", "STATUS",
                                                "PRIMARY"]
    assert "Cluster in healthy state" in clusters
    assert "Events:" in kubectl("describe", "cluster", CLUSTER)


def test_dry_run_writes_nothing(cluster, mcp, stack):
    def versions():
        return {(plural, item["metadata"]["name"]): item["metadata"]["resourceVersion"]
                for plural in ("clusters", "secrets")
                for item in stack.kube.items(plural)}

    def of_cluster(found):
        return {key: version for key, version in found.items() if CLUSTER in key[1]}

    before = versions()
    result = mcp.call("create_postgres_cluster", {"name": "ghost", "dry_run": True})
    assert "kind: Cluster" in result["structuredContent"]["manifest"]
    mcp.call("scale_postgres_cluster", {"name": CLUSTER, "instances": 5, "dry_run": True})
    mcp.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "ghost",
                                      "dry_run": True})
    mcp.call("delete_postgres_cluster", {"name": CLUSTER, "dry_run": True})
    after = versions()
    # What other tests have deleted may still go away meanwhile.
    assert after.items() - before.items() == set()
    assert of_cluster(after) == of_cluster(before)
    assert stack.kube.cnpg("clusters", name=CLUSTER)["spec"]["instances"] == 3


def test_scaling_down_and_up(cluster, mcp, stack, application):
    mcp.call("scale_postgres_cluster", {"name": CLUSTER, "instances": 2})
    eventually(lambda: len(pods_of(stack)) == 2, "two Pods")
    mcp.call("scale_postgres_cluster", {"name": CLUSTER, "instances": 3})
    eventually(lambda: mcp.call("get_cluster_status", {"name": CLUSTER})
               ["structuredContent"]["ready"] == "3/3", "three ready instances")
    assert query(application(), "select pg_is_in_recovery()") == [["f"]]


def read_only(stack, application, sql):
    port = stack.kube.core("services", name=CLUSTER + "-ro")["spec"]["ports"][0]["port"]
    try:
        return query(dict(application(), port=port), sql)
    except RuntimeError:
        return []


@pytest.mark.parametrize("victim", ["primary", "replica"])
def test_a_killed_server_is_made_good(cluster, mcp, stack, application, kill_server, victim):
    query(application(), "create table if not exists kept (victim text); "
                         "insert into kept values ('%s')" % victim)
    kept = "select 1 from kept where victim = '%s'" % victim
    eventually(lambda: read_only(stack, application, kept), "a replica has it too")
    before = stack.kube.cnpg("clusters", name=CLUSTER)["status"]["currentPrimary"]
    killed = before if victim == "primary" else min(set(pods_of(stack)) - {before})
    is_replaced = kill_server(killed)

    def status():
        return mcp.call("get_cluster_status", {"name": CLUSTER})["structuredContent"]

    eventually(lambda: is_replaced() and status()["ready"] == "3/3",
               "a new server in the place of " + killed)
    after = status()["primary"]
    assert (after == before) == (victim == "replica")
    assert query(application(), kept) == [["1"]]
    query(application(), "insert into kept values ('after')")
    assert query(application(), "select pg_is_in_recovery()") == [["f"]]


def test_deleting_needs_consent_and_leaves_only_what_is_not_ours(cluster, mcp, stack):
    status, _ = stack.kube.request("POST", "/api/v1/namespaces/default/secrets", {
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "users-own", "labels": {"cnpg.io/cluster": CLUSTER}},
        "type": "Opaque"})
    assert status == 201
    with pytest.raises(ToolError) as refusal:
        mcp.call("delete_postgres_cluster", {"name": CLUSTER})
    assert refusal.value.error["reason"] == "CONFIRMATION_REQUIRED"
    assert CLUSTER in stack.kube.names("clusters")
    done = mcp.call("delete_postgres_cluster", {"name": CLUSTER, "confirm_deletion": True})
    # app_user, Äpfel and the hundred: the Secrets that were made for them.
    assert done["structuredContent"]["deleted_secrets"] == 102
    eventually(lambda: CLUSTER not in stack.kube.names("clusters") and not pods_of(stack),
               "cluster and pods are gone")
    eventually(lambda: stack.kube.names("secrets") == ["users-own"], "only the user's Secret stays")
    stack.kube.request("DELETE", "/api/v1/namespaces/default/secrets/users-own")
