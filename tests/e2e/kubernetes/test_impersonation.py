"""OIDC at the door and `--impersonate` behind it: Kubernetes decides by the rights of each
caller. The chart gives the server's own ServiceAccount the right to read and to act in the
names of a few, and nothing more."""

import pytest

import chart
from fake_issuer import FakeIssuer
from guarded_adapter import adapter

NAMESPACE = "tenant"
CLUSTER = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
           "metadata": {"name": "theirs", "namespace": NAMESPACE, "annotations": {
               "cnpg.io/reconciliationLoop": "disabled"}},
           "spec": {"instances": 1, "storage": {"size": "1Gi"}}}
URI = f"howdah://clusters/{NAMESPACE}/theirs"
SERVER = "system:serviceaccount:howdah:acting"


@pytest.fixture(scope="module")
def issuer():
    with FakeIssuer() as running:
        yield running


@pytest.fixture(scope="module")
def door(kubernetes, apply, issuer, tmp_path_factory):
    for name in (NAMESPACE, "howdah"):
        kubernetes.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    apply(chart.render(
        *chart.ROLES_ONLY, "--set", "role=view,serviceAccount.name=acting,"
        "rbac.impersonate.users={oidc:ada,oidc:bea,oidc:eve},rbac.impersonate.groups={oidc:dba}"))
    kubernetes.deployed("rbac-edit.yaml")  # for its roles
    dba = {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "oidc:dba"}
    bea = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "oidc:bea"}
    for role in ("view", "cnpg-cloudnative-pg-view", "cnpg-mcp-server-view"):
        kubernetes.bind(dba, role)
        kubernetes.bind(bea, role, namespace=NAMESPACE)
    for role in ("cnpg-cloudnative-pg-edit", "cnpg-mcp-server-edit"):
        kubernetes.bind(dba, role, namespace=NAMESPACE)
    kubernetes.install(CLUSTER)
    kubeconfig = kubernetes.kubeconfig("acting", token=kubernetes.token_of("howdah", "acting"),
                                       namespace=NAMESPACE)
    with adapter(tmp_path_factory.mktemp("acting"), issuer.url, kubeconfig=kubeconfig,
                 backend=["--impersonate", "--impersonate-prefix", "oidc:"]) as running:
        yield running
    kubernetes.admin.request("DELETE", "/api/v1/namespaces/" + NAMESPACE)


@pytest.fixture
def ada(issuer):
    return issuer.token(sub="ada", groups=["dba"])


@pytest.fixture
def bea(issuer):
    """Who reads in one namespace."""
    return issuer.token(sub="bea", groups=[])


@pytest.fixture
def eve(issuer):
    """Of whom the server may speak, and who may do nothing."""
    return issuer.token(sub="eve", groups=[])


def result_of(answer):
    code, _, body = answer
    assert code == 200, body
    return body["result"]


def done(answer):
    result = result_of(answer)
    assert not result.get("isError"), result
    return result["structuredContent"]


def refused(answer):
    result = result_of(answer)
    assert result["isError"], result
    error = result["structuredContent"]["error"]
    assert error["code"] == "PERMISSION_DENIED", result
    return result["content"][0]["text"]


def test_ada_does_what_she_may_and_in_her_name(door, kubernetes, ada):
    assert [cluster["name"] for cluster in done(door.call(
        ada, "list_postgres_clusters"))["clusters"]] == ["theirs"]
    done(door.call(ada, "scale_postgres_cluster", name="theirs", instances=2))
    done(door.call(ada, "create_postgres_cluster", name="hers", instances=1))
    done(door.call(ada, "delete_postgres_cluster", name="hers", confirm_deletion=True))
    assert kubernetes.admin.cnpg("clusters", NAMESPACE, "theirs")["spec"]["instances"] == 2
    asked = kubernetes.audited(SERVER)
    writes = [event for event in asked if event["verb"] in ("create", "patch", "delete")
              and event["objectRef"].get("apiGroup") == "postgresql.cnpg.io"]
    assert {event["verb"] for event in writes} == {"create", "patch", "delete"}
    assert {(event["impersonatedUser"]["username"],
             "oidc:dba" in event["impersonatedUser"]["groups"]) for event in writes} == {
                 ("oidc:ada", True)}
    # In its own name the server reads, and no more.
    own = [event for event in asked if "impersonatedUser" not in event]
    assert {event["verb"] for event in own} <= {"get", "list", "watch"}


def test_her_rights_end_where_kubernetes_says(door, ada):
    """She reads everywhere and writes in one namespace."""
    assert "theirs" in {cluster["name"] for cluster in done(door.call(
        ada, "list_postgres_clusters", namespace="*"))["clusters"]}
    assert '"oidc:ada"' in refused(door.call(
        ada, "create_postgres_cluster", name="x", namespace="default"))


def test_eve_sees_nothing_of_what_the_server_holds(door, kubernetes, ada, eve):
    done(door.call(ada, "get_cluster_status", name="theirs"))
    for tool, arguments in (
            ("get_cluster_status", {"name": "theirs"}),
            ("list_postgres_clusters", {}),
            ("list_postgres_roles", {"cluster_name": "theirs"}),
            ("list_postgres_databases", {"cluster_name": "theirs"}),
            ("scale_postgres_cluster", {"name": "theirs", "instances": 3}),
            ("create_postgres_role", {"cluster_name": "theirs", "role_name": "r"}),
            ("delete_postgres_cluster", {"name": "theirs", "confirm_deletion": True})):
        assert '"oidc:eve"' in refused(door.call(eve, tool, **arguments)), tool
    assert kubernetes.admin.cnpg("clusters", NAMESPACE, "theirs")["spec"]["instances"] == 2


def test_resources_prompts_and_completion_are_the_callers_own(door, ada, bea, eve):
    def uris(token):
        return {resource["uri"] for resource in result_of(door.request(
            token, "resources/list"))["resources"]}

    def completed(token):
        return result_of(door.request(
            token, "completion/complete", ref={"type": "ref/prompt", "name": "investigate_cluster"},
            argument={"name": "cluster_name", "value": "the"}))["completion"]["values"]

    assert URI in uris(ada) & uris(bea) and URI not in uris(eve)
    assert completed(ada) == completed(bea) == ["theirs"] and completed(eve) == []
    for token in (ada, bea):
        contents = result_of(door.request(token, "resources/read", uri=URI))["contents"]
        assert '"theirs"' in contents[0]["text"]
    code, _, answer = door.request(eve, "resources/read", uri=URI)
    assert code == 200 and "result" not in answer and "oidc:eve" in answer["error"]["message"]
    for token in (ada, eve):
        prompts = result_of(door.request(token, "prompts/list"))["prompts"]
        assert "investigate_cluster" in {prompt["name"] for prompt in prompts}


def test_nobody_else_can_be_spoken_for(door, issuer):
    """Not the ServiceAccount's name, nor that of who is not on its list."""
    for token in (issuer.token(sub="mallory"), issuer.token(sub="ada", groups=["owners"])):
        assert "impersonate" in refused(door.call(token, "get_cluster_status", name="theirs"))
