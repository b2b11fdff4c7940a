"""The chart, rendered by Helm: the plain manifests are what it makes, each object is
one that Kubernetes reads, and the pods may do nothing but run.

    UPDATE_MANIFESTS=1 pytest tests/peers/test_helm.py    writes deploy/kubernetes
"""

import os
import pathlib
import subprocess

import pytest
import yaml

import peers
from chart import CHART, INSTALLED, ROLES_ONLY, helm, render

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFESTS = ROOT / "deploy/kubernetes"

_ONE_NAMESPACE = ["--set", "namespaces={default}"]
# File of deploy/kubernetes -> what the chart is given.
PLAIN = {
    "rbac-edit.yaml": ROLES_ONLY,
    "rbac-edit-namespace.yaml": ROLES_ONLY + _ONE_NAMESPACE,
    "rbac-view.yaml": ROLES_ONLY + ["--set", "role=view"],
    "rbac-view-namespace.yaml": ROLES_ONLY + _ONE_NAMESPACE + ["--set", "role=view"],
    "howdah.yaml": ["--set", "rbac.create=false,serviceAccount.create=false", *INSTALLED],
}
EVERYTHING = [
    "--set", "oidc.existingSecret=oidc,stateKeySecret=state,backend.environmentSecret=aiven,"
    "mcp.tlsSecret=mcp-tls,backend.tlsSecret=grpc-tls,backend.requireClientCertificate=true,"
    "backend.impersonate=true,publicUrl=https://db.example.com/mcp,ingress.enabled=true,"
    "ingress.host=db.example.com,ingress.tlsSecret=web-tls,ingress.className=nginx,"
    "rbac.operatorRoles.create=true,rbac.impersonate.groups={dba},namespaces={shop,crm}"]


@pytest.fixture(scope="module")
def read_strictly():
    program = peers.go_build(ROOT / "tests/peers/manifests")

    def read(text):
        done = subprocess.run([program], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return read


def plain(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("# Source:"))


@pytest.mark.parametrize("name", PLAIN)
def test_the_plain_manifests_are_what_the_chart_makes(read_strictly, name):
    made = plain(render(*PLAIN[name]))
    assert read_strictly(made)
    if os.environ.get("UPDATE_MANIFESTS"):
        (MANIFESTS / name).write_text(made, encoding="utf-8")
    assert (MANIFESTS / name).read_text(encoding="utf-8") == made


def test_there_are_no_others():
    assert {path.name for path in MANIFESTS.glob("*.yaml")} == {*PLAIN, "example-cluster.yaml"}


def test_lint_finds_nothing():
    said = helm("lint", "--strict", str(CHART), "--kube-version", "1.32", *EVERYTHING)
    assert "[ERROR]" not in said and "[WARNING]" not in said


def test_everything_on_is_read_strictly(read_strictly):
    kinds = [line.split()[0] for line in read_strictly(render(*EVERYTHING))]
    assert set(kinds) == {"ServiceAccount", "Role", "RoleBinding", "ClusterRole",
                          "ClusterRoleBinding", "Deployment", "Service", "PodDisruptionBudget",
                          "NetworkPolicy", "Ingress"}
    # In two namespaces, and but for impersonation nothing beyond them.
    assert kinds.count("Role") == 2 * 4 and kinds.count("ClusterRole") == 1


def test_what_is_misspelt_is_refused(read_strictly):
    assert "replica" in render("--set", "replica=3", expect=1)
    assert "oidc.issuer" in render(expect=1)
    broken = render(*EVERYTHING).replace("readOnlyRootFilesystem", "readOnlyRoot")
    with pytest.raises(AssertionError, match="readOnlyRoot"):
        read_strictly(broken)


def deployment(text):
    return next(one for one in yaml.safe_load_all(text) if one and one["kind"] == "Deployment")


@pytest.mark.parametrize("values", [PLAIN["howdah.yaml"], EVERYTHING])
def test_the_pods_may_do_nothing_but_run(values):
    pod = deployment(render(*values))["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["path"].startswith("/health/")
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        # The adapter, which faces the clients, has no way to Kubernetes.
        has_token = "/var/run/secrets/kubernetes.io/serviceaccount" in mounts
        assert has_token == (container["name"] == "backend")
    assert not any("hostPath" in volume for volume in pod["volumes"])


def test_secrets_are_named_and_never_held():
    text = render(*EVERYTHING)
    assert not any(one and one["kind"] == "Secret" for one in yaml.safe_load_all(text))
    mcp, backend = deployment(text)["spec"]["template"]["spec"]["containers"]
    assert mcp["envFrom"] == [{"secretRef": {"name": "oidc"}}]
    assert backend["envFrom"] == [{"secretRef": {"name": name}} for name in ("oidc", "aiven")]


def test_view_is_read_only_in_the_programs_too():
    text = render(*EVERYTHING, "--set", "role=view")
    for container in deployment(text)["spec"]["template"]["spec"]["containers"]:
        assert "--read-only" in container["args"]


def test_the_programs_take_their_arguments():
    """--print-config reads all of them, as a start does."""
    binaries = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah/bin"))
    environment = dict(os.environ, OIDC_ISSUER="https://id.example.com", OIDC_AUDIENCE="howdah")
    for values in (PLAIN["howdah.yaml"], EVERYTHING):
        for container in deployment(render(*values))["spec"]["template"]["spec"]["containers"]:
            program = binaries / pathlib.Path(container["command"][0]).name
            done = subprocess.run([program, *container["args"], "--print-config"],
                                  env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
