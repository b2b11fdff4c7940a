"""What a real API server does to an object on its way in, and how it is told on."""

import pytest

from mcp_client import StdioClient, ToolError
from stack import LAUNCHER

CLUSTERS = "/apis/postgresql.cnpg.io/v1/namespaces/guarded/clusters"
ADMISSION = "admissionregistration.k8s.io/v1"


@pytest.fixture(scope="module")
def client(kubernetes):
    kubernetes.install({"apiVersion": "v1", "kind": "Namespace",
                        "metadata": {"name": "guarded", "labels": {"guarded": "yes"}}})
    path = kubernetes.kubeconfig("guarded", token=kubernetes.static_token("admin"),
                                 namespace="guarded")
    with open(kubernetes.directory + "/guarded.log", "wb") as log:
        with StdioClient([LAUNCHER, "mcp", "--kubeconfig", path], stderr=log) as running:
            running.initialize()
            yield running


def refused(client, tool, **arguments):
    with pytest.raises(ToolError) as refusal:
        client.call(tool, arguments)
    return refusal.value.error, str(refusal.value)


def test_defaults_of_the_definition_are_filled_in(client, kubernetes):
    client.call("create_postgres_cluster", {"name": "plain", "instances": 1})
    spec = kubernetes.admin.get(CLUSTERS + "/plain")["spec"]
    assert spec["enablePDB"] is True and spec["startDelay"] == 3600
    assert spec["storage"]["resizeInUseVolumes"] is True


def test_every_write_asks_for_strict_validation(client, kubernetes):
    client.call("scale_postgres_cluster", {"name": "plain", "instances": 2})
    writes = [event["requestURI"] for event in kubernetes.audited("admin")
              if event["verb"] in ("create", "patch", "update")
              and event.get("userAgent", "").startswith("howdah")
              and event["objectRef"].get("namespace") == "guarded"]
    assert len(writes) >= 2
    assert all("fieldValidation=Strict" in uri and "fieldManager=" in uri for uri in writes)


def test_a_rule_of_the_definition_is_told(client):
    """CEL in the CRD of Database, which the backend does not check itself."""
    error, text = refused(client, "create_postgres_database", cluster_name="plain",
                          database_name="template1", owner="app")
    assert error["code"] == "INVALID_ARGUMENT"
    assert "template1" in text and "reserved" in text


def test_a_policy_of_the_administrator_is_told(client, kubernetes):
    """CEL in a ValidatingAdmissionPolicy."""
    kubernetes.admin.request("POST", f"/apis/{ADMISSION}/validatingadmissionpolicies", {
        "apiVersion": ADMISSION, "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "small-clusters"},
        "spec": {"failurePolicy": "Fail",
                 "matchConstraints": {"resourceRules": [{
                     "apiGroups": ["postgresql.cnpg.io"], "apiVersions": ["v1"],
                     "operations": ["CREATE", "UPDATE"], "resources": ["clusters"]}]},
                 "validations": [{"expression": "object.spec.instances <= 5",
                                  "message": "clusters here have five instances at most"}]}})
    kubernetes.admin.request("POST", f"/apis/{ADMISSION}/validatingadmissionpolicybindings", {
        "apiVersion": ADMISSION, "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "small-clusters"},
        "spec": {"policyName": "small-clusters", "validationActions": ["Deny"],
                 "matchResources": {"namespaceSelector": {"matchLabels": {"guarded": "yes"}}}}})
    # A policy begins to hold some time after it was made.
    kubernetes.until_refused("POST", CLUSTERS + "?dryRun=All", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "probe"},
        "spec": {"instances": 6, "storage": {"size": "1Gi"}}})
    try:
        for tool, arguments in (("create_postgres_cluster", {"name": "large", "instances": 6}),
                                ("scale_postgres_cluster", {"name": "plain", "instances": 6})):
            error, text = refused(client, tool, **arguments)
            assert error["code"] == "INVALID_ARGUMENT"
            assert "five instances at most" in text and "small-clusters" in text
        assert kubernetes.admin.get(CLUSTERS + "/plain")["spec"]["instances"] == 2
    finally:
        kubernetes.admin.request(
            "DELETE", f"/apis/{ADMISSION}/validatingadmissionpolicybindings/small-clusters")


def test_a_quota_is_told(client, kubernetes):
    quotas = "/api/v1/namespaces/guarded/resourcequotas"
    hard = {"count/clusters.postgresql.cnpg.io": "0"}
    kubernetes.install({"apiVersion": "v1", "kind": "ResourceQuota",
                        "metadata": {"name": "no-more", "namespace": "guarded"},
                        "spec": {"hard": hard}})
    # What its controller, which does not run here, would count.
    kubernetes.admin.request("PATCH", quotas + "/no-more/status",
                             {"status": {"hard": hard, "used": hard}},
                             "application/merge-patch+json")
    kubernetes.until_refused("POST", CLUSTERS + "?dryRun=All", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "probe"},
        "spec": {"instances": 1, "storage": {"size": "1Gi"}}}, "exceeded quota")
    try:
        error, text = refused(client, "create_postgres_cluster", name="second", instances=1)
        assert (error["code"], error["reason"]) == ("FAILED_PRECONDITION", "QUOTA_EXCEEDED")
        assert "exceeded quota: no-more" in text
    finally:
        kubernetes.admin.request("DELETE", quotas + "/no-more")


def test_a_webhook_that_is_down_is_told(client, kubernetes):
    path = f"/apis/{ADMISSION}/validatingwebhookconfigurations"
    kubernetes.admin.request("POST", path, {
        "apiVersion": ADMISSION, "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "dead"}, "webhooks": [{
            "name": "dead.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "timeoutSeconds": 5,
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "namespaceSelector": {"matchLabels": {"guarded": "yes"}},
            "rules": [{"apiGroups": ["postgresql.cnpg.io"], "apiVersions": ["v1"],
                       "operations": ["CREATE"], "resources": ["clusters"]}]}]})
    kubernetes.until_refused("POST", CLUSTERS + "?dryRun=All", {
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "probe"},
        "spec": {"instances": 1, "storage": {"size": "1Gi"}}})
    try:
        error, text = refused(client, "create_postgres_cluster", name="third", instances=1)
        assert (error["code"], error["reason"]) == ("UNAVAILABLE", "WEBHOOK_UNAVAILABLE")
        assert "dead.example.com" in text
    finally:
        kubernetes.admin.request("DELETE", path + "/dead")


def test_a_namespace_that_is_missing_is_told(client):
    error, text = refused(client, "create_postgres_cluster", name="x", namespace="no-such")
    assert (error["code"], error["reason"]) == ("NOT_FOUND", "NAMESPACE_NOT_FOUND")
    assert "no-such" in text
