"""What deploy/ holds, applied to the real API server: manifests, chart and rights."""

import contextlib
import json
import pathlib
import subprocess

import pytest
import yaml

import chart
from guarded_adapter import BIN
from permissions import OPERATOR_ROLES

ROOT = pathlib.Path(__file__).resolve().parents[3]
MANIFESTS = ROOT / "deploy/kubernetes"


@pytest.fixture(scope="module", autouse=True)
def world(apply):
    """What is there before: the namespaces, and the roles of the operator's chart."""
    roles = [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
              "metadata": {"name": name}, "rules": rules}
             for name, rules in OPERATOR_ROLES.items() if name != "view"]
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
              for name in ("howdah", "shop", "crm")]
    apply(yaml.safe_dump_all([*spaces, *roles]))


def ctl_rbac(kubernetes, *arguments, expect=0):
    done = subprocess.run([str(BIN / "howdahctl"), "rbac", "--kubeconfig",
                           kubernetes.admin.kubeconfig, *arguments], capture_output=True,
                          text=True, timeout=300, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextlib.contextmanager
def backend(kubernetes, account, *flags):
    """howdahctl for a backend that is the ServiceAccount and nobody else."""
    token = kubernetes.token_of("howdah", account)
    config = kubernetes.kubeconfig(account, token=token, namespace="shop")
    running = subprocess.Popen(
        [str(BIN / "howdah-backend"), "--kubeconfig", config, "--listen", "127.0.0.1:0",
         "--announce", *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    address = json.loads(running.stdout.readline())["listening"][0]

    def ctl(*arguments, expect=0):
        done = subprocess.run([str(BIN / "howdahctl"), "--address", address, *arguments],
                              capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        yield ctl
    finally:
        running.terminate()
        assert running.wait(120) == 0


def warnings_in(said):
    """But those of objects that another test has made by POST: apply marks its own."""
    return [line for line in said.splitlines()
            if "Warning" in line and "last-applied-configuration" not in line]


@pytest.mark.parametrize("name", sorted(path.name for path in MANIFESTS.glob("*.yaml")))
def test_the_api_server_takes_each_manifest(apply, name):
    said = apply((MANIFESTS / name).read_text(encoding="utf-8"), "--dry-run=server")
    assert "created" in said or "configured" in said or "unchanged" in said
    assert warnings_in(said) == []


def test_the_api_server_takes_all_that_the_chart_makes(apply):
    rendered = chart.render(
        "--set", "oidc.existingSecret=oidc,stateKeySecret=state,mcp.tlsSecret=mcp-tls,"
        "backend.tlsSecret=grpc-tls,backend.requireClientCertificate=true,ingress.enabled=true,"
        "ingress.host=db.example.com,ingress.tlsSecret=web,rbac.operatorRoles.create=true,"
        "rbac.impersonate.groups={dba},namespaces={shop,crm},publicUrl=https://db.example.com/mcp")
    said = apply(rendered, "--dry-run=server")
    assert said.count("server dry run") >= 20
    assert warnings_in(said) == []
    apply(rendered.replace("readOnlyRootFilesystem", "readOnlyRoot"), "--dry-run=server", expect=1)


def test_howdahctl_gives_the_rights_and_sees_that_they_are_there(kubernetes):
    before = ctl_rbac(kubernetes, "--verify", "--service-account", "maker", expect=1)
    assert "lacks 22" in before
    tried = ctl_rbac(kubernetes, "--dry-run", "--service-account", "maker")
    assert "server dry run" in tried
    assert "lacks 22" in ctl_rbac(kubernetes, "--verify", "--service-account", "maker", expect=1)
    table = ctl_rbac(kubernetes, "--service-account", "maker")
    assert table.count(" yes") == 22 and " no" not in table.replace("unchanged", "")
    with backend(kubernetes, "maker") as ctl:
        ctl("clusters", "create", "made", "--namespace", "shop", "--instances", "1")
        assert "made" in ctl("clusters", "list", "-A")
        ctl("clusters", "delete", "made", "--namespace", "shop", "--yes")


def test_a_viewer_reads_and_kubernetes_refuses_its_writes(kubernetes):
    ctl_rbac(kubernetes, "--role", "view", "--service-account", "looker")
    kubernetes.install({"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
                        "metadata": {"name": "fixed", "namespace": "shop"},
                        "spec": {"instances": 1, "storage": {"size": "1Gi"}}})
    with backend(kubernetes, "looker") as ctl:
        assert "fixed" in ctl("clusters", "list", "-A")
        ctl("roles", "list", "fixed", "--namespace", "shop")
        for words in (["clusters", "scale", "fixed", "--instances", "2"],
                      ["clusters", "create", "another", "--instances", "1"],
                      ["clusters", "delete", "fixed", "--yes"],
                      ["databases", "create", "fixed", "orders", "--owner", "app"]):
            assert "forbidden" in ctl(*words, "--namespace", "shop", expect=1)
    asked = kubernetes.audited("system:serviceaccount:howdah:looker")
    done = [event for event in asked if event["responseStatus"]["code"] < 300]
    assert {event["verb"] for event in done} <= {"get", "list", "watch"}
    assert any(event["responseStatus"]["code"] == 403 for event in asked)
    assert kubernetes.admin.cnpg("clusters", "shop", "fixed")["spec"]["instances"] == 1


def test_one_namespace_is_all_there_is(kubernetes):
    ctl_rbac(kubernetes, "--only-namespace", "shop", "--service-account", "confined")
    with backend(kubernetes, "confined", "--watch-namespaces", "shop") as ctl:
        ctl("clusters", "list")
        assert "forbidden" in ctl("clusters", "list", "--namespace", "crm", expect=1)
    asked = kubernetes.audited("system:serviceaccount:howdah:confined")
    served = {event["objectRef"].get("namespace") for event in asked
              if event["responseStatus"]["code"] < 300 and "resource" in event.get("objectRef", {})}
    assert served == {"shop"}
