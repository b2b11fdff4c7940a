"""The chart's release: installed by Helm on the real API server, and its Pod, as the API
server has it then, run here with the same command, arguments, environment, user, volumes
and probes. It serves a story with the rights of its ServiceAccount."""

import base64
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys

import pytest

import chart
from fake_issuer import FakeIssuer
from guarded_adapter import LIST, Adapter
from psql import query
from real_kubernetes import HERE
from relay import connect_unix, listen_unix, relay
from test_tree import tree  # noqa: F401, a fixture
from waiting import eventually

NAMESPACE = "release"
ACCOUNT = "released"
CREDENTIALS = "var/run/secrets/kubernetes.io/serviceaccount"
CLUSTER = "released"


@pytest.fixture(scope="module")
def issuer():
    with FakeIssuer() as running:
        yield running


@pytest.fixture(scope="module")
def pod(kubernetes, issuer):
    """What the release's Deployment wants to run, as the API server completed it."""
    kubernetes.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for name, values in (
            ("howdah-oidc", {"OIDC_ISSUER": issuer.url, "OIDC_AUDIENCE": "howdah"}),
            ("howdah-state-key", {"state-key": base64.b64encode(os.urandom(32)).decode()})):
        kubernetes.install({"apiVersion": "v1", "kind": "Secret", "stringData": values,
                            "metadata": {"name": name, "namespace": NAMESPACE}})
    where = ["--kubeconfig", kubernetes.admin.kubeconfig, "--namespace", NAMESPACE]
    said = chart.helm("install", "howdah", str(chart.CHART), *where, *chart.INSTALLED,
                      "--set", "serviceAccount.name=" + ACCOUNT)
    assert "STATUS: deployed" in said
    deployment = kubernetes.admin.get(
        f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/howdah")
    yield deployment["spec"]["template"]["spec"]
    chart.helm("uninstall", "howdah", *where)
    kubernetes.admin.request("DELETE", "/api/v1/namespaces/" + NAMESPACE)


def secret_of(kubernetes, name):
    return kubernetes.admin.secret(NAMESPACE, name)


def fill_volumes(kubernetes, pod, root):
    """As kubelet does: those of the pod that hold something."""
    files = {}
    mounts = {mount["name"]: mount["mountPath"] for container in pod["containers"]
              for mount in container["volumeMounts"]}
    for volume in pod["volumes"]:
        if "secret" in volume:
            values = secret_of(kubernetes, volume["secret"]["secretName"])
            for item in volume["secret"]["items"]:
                files[f"{mounts[volume['name']]}/{item['path']}"] = values[item["key"]]
        elif "projected" in volume:
            assert mounts[volume["name"]] == "/" + CREDENTIALS
            files[f"/{CREDENTIALS}/token"] = kubernetes.token_of(
                NAMESPACE, pod["serviceAccountName"])
            files[f"/{CREDENTIALS}/ca.crt"] = kubernetes.admin.authority
            files[f"/{CREDENTIALS}/namespace"] = NAMESPACE
    for path, text in files.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        os.chmod(target, 0o444)


@pytest.fixture(scope="module")
def door(kubernetes, operator, pod, issuer, tree, tmp_path_factory):  # noqa: F811
    """The Pod's MCP port, reached from here."""
    if os.geteuid() != 0:
        pytest.skip("a network of its own and other users need root")
    fill_volumes(kubernetes, pod, tree)
    bridges = tmp_path_factory.mktemp("bridges")
    api, issuing, mcp = (str(bridges / name) for name in ("api", "issuer", "mcp"))
    port_of = {api: int(kubernetes.admin.server.rpartition(":")[2]),
               issuing: int(issuer.url.rpartition(":")[2])}
    facts = bridges / "facts.json"
    facts.write_text(json.dumps({
        "pod": pod, "root": str(tree), "environment": {
            "howdah-oidc": secret_of(kubernetes, "howdah-oidc")},
        "inward": {"6443": api, str(port_of[issuing]): issuing}, "outward": {mcp: 3000},
    }), encoding="utf-8")
    with contextlib.ExitStack() as parts:
        for path, port in port_of.items():
            listener = parts.enter_context(listen_unix(path))
            relay(listener, lambda port=port: socket.create_connection(("127.0.0.1", port)))
        log = parts.enter_context(open(bridges / "log", "w+", encoding="utf-8"))
        kubelet = subprocess.Popen(
            ["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child",
             "--mount-proc", sys.executable, str(HERE / "pod_in_a_namespace.py"), str(facts)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            ready = kubelet.stdout.readline()
            assert ready == "ready\n", pathlib.Path(log.name).read_text(encoding="utf-8")
            front = parts.enter_context(socket.create_server(("127.0.0.1", 0)))
            relay(front, lambda: connect_unix(mcp))
            yield Adapter("http://127.0.0.1:%d/mcp" % front.getsockname()[1], log.name, None)
        finally:
            kubelet.stdin.close()
            code = kubelet.wait(120)
        assert code == 0, pathlib.Path(log.name).read_text(encoding="utf-8")


def test_nobody_gets_in_without_a_token(door):
    assert door.tools() == 401
    assert door.fetch("/mcp", LIST, "nonsense")[0] == 401


def test_the_release_serves_a_story(door, kubernetes, issuer):
    token = issuer.token(aud="howdah")

    def call(tool, **arguments):
        code, _, answer = door.call(token, tool, namespace="default", **arguments)
        assert code == 200 and not answer["result"].get("isError"), answer
        return answer["result"]["structuredContent"]

    made = call("create_postgres_cluster", name=CLUSTER, instances=1, storage_size="1Gi",
                wait=True)
    assert made["cluster"]["ready"] == "1/1"
    role = call("create_postgres_role", cluster_name=CLUSTER, role_name="worker",
                createdb=True)["role"]
    call("create_postgres_database", cluster_name=CLUSTER, database_name="orders", owner="worker",
         reclaim_policy="delete")
    login = dict(kubernetes.admin.secret("default", CLUSTER + "-app"))
    assert query(login, "select rolcreatedb from pg_roles where rolname = 'worker'") == [["t"]]
    password = kubernetes.admin.secret("default", role["password_secret"])["password"]
    # The answer comes before the operator has acted, where that takes long.
    eventually(lambda: query(login, "select 1 from pg_database where datname = 'orders'"),
               "the database is there")
    assert query(dict(login, username="worker", password=password, dbname="orders"),
                 "select current_database()") == [["orders"]]
    assert CLUSTER in [cluster["name"] for cluster in call("list_postgres_clusters")["clusters"]]
    call("scale_postgres_cluster", name=CLUSTER, instances=2)
    eventually(lambda: call("get_cluster_status", name=CLUSTER)["ready"] == "2/2", "two instances")
    call("delete_postgres_cluster", name=CLUSTER, confirm_deletion=True)
    kubernetes.admin.wait_for_names("clusters", lambda names: CLUSTER not in names)
    asked = kubernetes.audited(f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}")
    assert {"create", "patch", "delete"} <= {event["verb"] for event in asked}
    assert [event for event in asked if event["responseStatus"]["code"] == 403] == []
