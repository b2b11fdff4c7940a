"""Who the backend is to the API server, and what follows: credentials of every kind, RBAC,
impersonation. The API server decides; its own records are the proof."""

import base64
import contextlib
import json
import os
import stat
import subprocess

import pytest

from certificates import Authority
from guarded_adapter import BIN
from mcp_client import StdioClient, ToolError
from stack import LAUNCHER

CLUSTER = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
           "metadata": {"name": "seen", "namespace": "default", "annotations": {
               "cnpg.io/reconciliationLoop": "disabled"}},
           "spec": {"instances": 1, "storage": {"size": "1Gi"}}}
DBA = {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "dba"}
BOB = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "bob"}


@pytest.fixture(scope="module", autouse=True)
def world(kubernetes):
    """A cluster to be seen; ada, as one of dba, may read everywhere."""
    kubernetes.install(CLUSTER)
    kubernetes.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    kubernetes.deployed("rbac-edit.yaml")  # for its roles
    for role in ("cnpg-cloudnative-pg-view", "cnpg-mcp-server-view"):
        kubernetes.bind(DBA, role)
        kubernetes.bind(BOB, role, namespace="team")
    for role in ("cnpg-cloudnative-pg-edit", "cnpg-mcp-server-edit"):
        kubernetes.bind(BOB, role, namespace="team")
    yield
    kubernetes.admin.request("DELETE", "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters/seen")


@contextlib.contextmanager
def assistant(kubeconfig, *flags):
    with StdioClient([LAUNCHER, "mcp", "--kubeconfig", kubeconfig, "--", *flags],
                     stderr=subprocess.DEVNULL) as client:
        client.initialize()
        yield client


def seen_with(kubeconfig):
    with assistant(kubeconfig) as client:
        listed = client.call("list_postgres_clusters")["structuredContent"]
    return [cluster["name"] for cluster in listed["clusters"]]


def refused(client, tool, **arguments):
    with pytest.raises(ToolError) as refusal:
        client.call(tool, arguments)
    return refusal.value.error, str(refusal.value)


def plugin(directory, name, credential, first=None):
    """A credential plugin that prints a credential; `first` the first time only."""
    def told(status):
        return json.dumps({"apiVersion": "client.authentication.k8s.io/v1",
                           "kind": "ExecCredential", "status": status})

    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n")
        if first is not None:
            file.write("if [ ! -e '%s.ran' ]; then touch '%s.ran'\ncat <<'END'\n%s\nEND\nexit 0; fi\n"
                       % (path, path, told(first)))
        file.write("cat <<'END'\n%s\nEND\n" % told(credential))
    os.chmod(path, stat.S_IRWXU)
    return {"apiVersion": "client.authentication.k8s.io/v1", "command": path,
            "interactiveMode": "Never"}


def text_of(path):
    with open(path, encoding="ascii") as file:
        return file.read()


@pytest.fixture
def adas(kubernetes, tmp_path):
    """The fields of a kubeconfig's user for ada, by kind of credential."""
    cert, key = kubernetes.clients.issue("ada", ["dba"])
    token_file = os.path.join(tmp_path, "token")
    with open(token_file, "w", encoding="ascii") as file:
        file.write(kubernetes.static_token("ada") + "\n")
    return {
        "token": {"token": kubernetes.static_token("ada")},
        "token file": {"tokenFile": token_file},
        "certificate files": {"client_certificate": cert, "client_key": key},
        "certificate in place": {
            "client_certificate_data": base64.b64encode(text_of(cert).encode()).decode(),
            "client_key_data": base64.b64encode(text_of(key).encode()).decode()},
        "plugin with a token": {"exec": plugin(
            tmp_path, "gives-token", {"token": kubernetes.static_token("ada")})},
        "plugin with a certificate": {"exec": plugin(tmp_path, "gives-certificate", {
            "clientCertificateData": text_of(cert), "clientKeyData": text_of(key)})},
    }


@pytest.mark.parametrize("kind", [
    "token", "token file", "certificate files", "certificate in place", "plugin with a token",
    "plugin with a certificate"])
def test_each_kind_of_credential_lets_ada_in(kubernetes, adas, kind):
    before = len(kubernetes.audited("ada"))
    assert "seen" in seen_with(kubernetes.kubeconfig("by-" + kind.replace(" ", "-"), **adas[kind]))
    asked = kubernetes.audited("ada")[before:]
    assert asked and all("dba" in event["user"]["groups"] for event in asked)


def test_a_plugin_is_run_again_when_its_credential_is_refused(kubernetes, tmp_path):
    exec_plugin = plugin(tmp_path, "forgetful", {"token": kubernetes.static_token("ada")},
                         first={"token": "worn-out"})
    assert "seen" in seen_with(kubernetes.kubeconfig("forgetful", exec=exec_plugin))
    assert os.path.exists(exec_plugin["command"] + ".ran")


def test_a_token_file_is_read_again(kubernetes, tmp_path):
    path = os.path.join(tmp_path, "rotating")
    with open(path, "w", encoding="ascii") as file:
        file.write("worn-out")
    with assistant(kubernetes.kubeconfig("rotating", tokenFile=path)) as client:
        error, _ = refused(client, "create_postgres_cluster", name="x", dry_run=True)
        assert error["code"] == "UNAUTHENTICATED"
        with open(path, "w", encoding="ascii") as file:
            file.write(kubernetes.static_token("admin"))
        assert client.call("create_postgres_cluster", {"name": "x", "dry_run": True})


def test_bad_credentials_are_told_and_not_repeated(kubernetes, tmp_path):
    stranger = Authority(tmp_path, "stranger")
    cert, key = stranger.issue("ada-not", ["dba"])
    for name, user in (("wrong-token", {"token": "this-is-no-token"}),
                       ("strangers-certificate", {"client_certificate": cert,
                                                  "client_key": key})):
        with assistant(kubernetes.kubeconfig(name, **user)) as client:
            error, text = refused(client, "get_cluster_status", name="seen")
        assert error["code"] == "UNAUTHENTICATED", text
        assert "kubeconfig" in text and "this-is-no-token" not in text


def test_a_server_of_another_authority_is_not_trusted(kubernetes, tmp_path):
    stranger = Authority(tmp_path, "other")
    path = kubernetes.kubeconfig("other-authority", token=kubernetes.static_token("admin"))
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["clusters"][0]["cluster"]["certificate-authority-data"] = base64.b64encode(
        text_of(stranger.certificate).encode()).decode()
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    before = len(kubernetes.audited("admin"))
    with assistant(path) as client:
        error, text = refused(client, "list_postgres_clusters")
    assert error["reason"] == "API_SERVER_TLS_FAILED", text
    assert "certificate-authority" in text
    assert len(kubernetes.audited("admin")) == before


def test_rbac_refuses_writes_of_a_reader(kubernetes):
    path = kubernetes.kubeconfig("reader", token=kubernetes.static_token("ada"))
    with assistant(path) as client:
        for tool, arguments in (
                ("create_postgres_cluster", {"name": "denied"}),
                ("scale_postgres_cluster", {"name": "seen", "instances": 3}),
                ("delete_postgres_cluster", {"name": "seen", "confirm_deletion": True}),
                ("create_postgres_database", {"cluster_name": "seen", "database_name": "d",
                                              "owner": "app"}),
                ("create_postgres_role", {"cluster_name": "seen", "role_name": "r"})):
            error, text = refused(client, tool, **arguments)
            assert error["code"] == "PERMISSION_DENIED", (tool, text)
            assert error["reason"] == "FORBIDDEN" and '"ada"' in text and "RBAC" in text, text
    assert "denied" not in kubernetes.admin.names("clusters")
    assert kubernetes.admin.cnpg("clusters", name="seen")["spec"]["instances"] == 1
    writes = [event for event in kubernetes.audited("ada")
              if event["verb"] not in ("get", "list", "watch")]
    assert writes and all(event["responseStatus"]["code"] == 403 for event in writes)


def test_rights_in_one_namespace_end_there(kubernetes):
    path = kubernetes.kubeconfig("bob", token=kubernetes.static_token("bob"), namespace="team")
    with assistant(path) as client:
        client.call("create_postgres_cluster", {"name": "bobs", "instances": 1})
        error, _ = refused(client, "create_postgres_cluster", name="bobs", namespace="default")
        assert error["code"] == "PERMISSION_DENIED"
        status = client.call("get_cluster_status", {"name": "bobs"})["structuredContent"]
        assert status["name"] == "bobs"
        listed = client.call("list_postgres_clusters")["structuredContent"]
        assert [cluster["name"] for cluster in listed["clusters"]] == ["bobs"]
        error, text = refused(client, "list_postgres_clusters", namespace="*")
        assert error["code"] == "PERMISSION_DENIED" and '"bob"' in text
        client.call("delete_postgres_cluster", {"name": "bobs", "confirm_deletion": True})
    assert kubernetes.admin.names("clusters", "team") == []


def test_a_kubeconfig_that_impersonates(kubernetes):
    path = kubernetes.kubeconfig("as-bob", token=kubernetes.static_token("admin"),
                                 impersonate="bob", namespace="team")
    with assistant(path) as client:
        error, text = refused(client, "create_postgres_cluster", name="x", namespace="default")
    assert error["code"] == "PERMISSION_DENIED" and '"bob"' in text
    asked = [event for event in kubernetes.audited("admin")
             if event.get("impersonatedUser", {}).get("username") == "bob"]
    assert asked and asked[-1]["responseStatus"]["code"] == 403


def test_over_grpc_the_same(kubernetes, tmp_path):
    """howdahctl with a backend that may read only."""
    socket = "unix:" + os.path.join(tmp_path, "backend.sock")
    path = kubernetes.kubeconfig("reader", token=kubernetes.static_token("ada"))
    backend = subprocess.Popen(
        [str(BIN / "howdah-backend"), "--kubeconfig", path, "--listen", socket, "--announce"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        backend.stdout.readline()

        def ctl(*arguments):
            return subprocess.run(
                [str(BIN / "howdahctl"), "--address", socket, *arguments], capture_output=True,
                text=True, timeout=120, check=False)

        assert "seen" in ctl("clusters", "list").stdout
        denied = ctl("clusters", "create", "denied")
        assert denied.returncode == 1 and "forbids" in denied.stderr and '"ada"' in denied.stderr
    finally:
        backend.terminate()
        assert backend.wait(120) == 0
