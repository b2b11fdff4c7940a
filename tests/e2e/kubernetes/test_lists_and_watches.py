"""Pages that expire and watches that fall behind, made to happen at a known moment."""

import subprocess

import pytest

from kube_proxy import KubeProxy
from mcp_client import StdioClient
from stack import LAUNCHER
from waiting import eventually

CLUSTERS = "/apis/postgresql.cnpg.io/v1/namespaces/many/clusters"
COUNT = 1100  # three pages


def cluster(name, instances=1):
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": name, "namespace": "many", "annotations": {
                "cnpg.io/reconciliationLoop": "disabled"}},
            "spec": {"instances": instances, "storage": {"size": "1Gi"}}}


@pytest.fixture(scope="module")
def many(kubernetes):
    """A namespace with many clusters, and an API server that answers from etcd alone, so
    that what etcd has forgotten is gone."""
    kubernetes.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "many"}})
    for number in range(COUNT):
        status, answer = kubernetes.admin.request("POST", CLUSTERS, cluster("c%04d" % number))
        assert status == 201, answer
    yield kubernetes.start_api_server("uncached", "--watch-cache=false")
    kubernetes.admin.request("DELETE", CLUSTERS)


@pytest.fixture
def between(kubernetes, many):
    with KubeProxy(many) as running:
        yield running


@pytest.fixture
def client(between):
    with StdioClient([LAUNCHER, "mcp", "--kubeconfig", between.kubeconfig],
                     stderr=subprocess.DEVNULL) as running:
        running.initialize()
        yield running


def names_of(client):
    names, token = [], ""
    while True:
        page = client.call("list_postgres_clusters", {
            "namespace": "many", "page_size": 400, "page_token": token})["structuredContent"]
        names += [entry["name"] for entry in page["clusters"]]
        token = page.get("next_page_token", "")
        if not token:
            return names


def all_names(kubernetes):
    return kubernetes.admin.names("clusters", "many")


def touch(kubernetes, name, instances):
    status, answer = kubernetes.admin.request(
        "PATCH", CLUSTERS + "/" + name, {"spec": {"instances": instances}},
        "application/merge-patch+json")
    assert status == 200, answer


def test_a_list_of_many_pages_is_whole(client, between, kubernetes):
    assert names_of(client) == all_names(kubernetes)
    assert len([request for request in between.requests if "continue" in request.query]) >= 2


def test_a_page_that_has_expired_begins_the_list_anew(client, between, kubernetes):
    """Between the first page and the second, etcd forgets the version of the first."""
    expired = []

    def forget(request):
        if "continue" in request.query and not expired:
            expired.append(request)
            touch(kubernetes, "c0000", 3)
            kubernetes.compact()

    between.before = forget
    names = names_of(client)
    assert expired
    assert names == all_names(kubernetes) and len(names) == COUNT


def test_a_watch_that_has_expired_misses_nothing(client, between, kubernetes):
    """The watch breaks; what happens then is compacted before it comes back."""
    def seen():
        return client.call("get_cluster_status", {
            "name": "c0001", "namespace": "many"})["structuredContent"]["instances"]

    before = seen()
    assert before == 1
    eventually(lambda: between.watches("clusters"), "it watches")
    behind = []

    def forget(request):
        if request.is_watch and "/clusters" in request.path and not behind:
            behind.append(request)
            touch(kubernetes, "c0001", 5)
            kubernetes.admin.request("DELETE", CLUSTERS + "/c1099")
            kubernetes.compact()

    between.before = forget
    between.tear_watches()
    eventually(lambda: behind and seen() == 5, "the change is seen")
    names = names_of(client)
    assert "c1099" not in names and names == all_names(kubernetes)
    anew = between.requests[between.requests.index(behind[0]):]
    assert any("limit" in request.query and "/clusters" in request.path for request in anew)
