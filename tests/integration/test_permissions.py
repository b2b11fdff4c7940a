"""The manifests in deploy/kubernetes grant what the backend needs, and no more.

The backend runs behind a door that grants only what a manifest does; the story is
played through it, and what it asked for is held against what is granted.
"""

import json
import os
import pathlib
import signal
import subprocess

import pytest

from fake_kubernetes import status
from kube_proxy import KubeProxy
from permissions import OPERATOR_ROLES, Request, Rights

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))
MANIFESTS = ROOT / "deploy" / "kubernetes"
ACCOUNT = "cnpg-mcp-server"


class Door:
    """Before a Kubernetes API without RBAC of its own, the local plane: lets in what a
    ServiceAccount may do, and remembers what was asked."""

    def __init__(self, kube, rights):
        self.rights = rights
        self.allowed, self.refused = set(), set()
        self.proxy = KubeProxy(kube)
        self.proxy.before = self._judge

    def _judge(self, asked):
        request = Request.read(asked.method, asked.path)
        if request is None:
            return None
        if self.rights.allow(request):
            self.allowed.add(request)
            return None
        self.refused.add(request)
        group = {"group": request.group} if request.group else {}
        return 403, status(403, "Forbidden", request.refusal(self.rights.user),
                           kind=request.resource, **group), {}


class Guarded:
    """A backend with the rights of a manifest, and howdahctl to call it."""

    def __init__(self, kube, manifest, directory, flags=()):
        self.door = Door(kube, Rights.of_manifests(MANIFESTS / manifest, ACCOUNT))
        self._flags = flags
        self._log = open(os.path.join(directory, "backend.log"), "ab")

    def __enter__(self):
        self.door.proxy.__enter__()
        self.backend = subprocess.Popen(
            [str(BIN / "howdah-backend"), "--kubeconfig", self.door.proxy.kubeconfig, "--listen",
             "127.0.0.1:0", "--announce", "--default-postgres-version", newest_postgres(),
             *self._flags], stdout=subprocess.PIPE, stderr=self._log)
        self.address = json.loads(self.backend.stdout.readline())["listening"][0]
        return self

    def __exit__(self, *unused):
        self.backend.send_signal(signal.SIGTERM)
        assert self.backend.wait(30) == 0
        self.door.proxy.__exit__()
        self._log.close()

    def ctl(self, *arguments, expect=0, stdin=""):
        done = subprocess.run([str(BIN / "howdahctl"), "--address", self.address, *arguments],
                              input=stdin, capture_output=True, text=True, timeout=120,
                              check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def list_everything(self, cluster, *scope):
        assert cluster in self.ctl("clusters", "list", *scope)
        assert cluster in self.ctl("clusters", "get", cluster)
        self.ctl("roles", "list", cluster)
        self.ctl("databases", "list", cluster)

    def story(self, cluster):
        self.ctl("clusters", "create", cluster, "--instances", "1", "--storage-size", "1Gi",
                 "--wait")
        self.ctl("roles", "create", cluster, "worker", "--createdb")
        self.ctl("roles", "update", cluster, "worker", "--no-createdb", "--password-file", "-",
                 stdin="Corr3ct-horse\n")
        self.ctl("databases", "create", cluster, "orders", "--owner", "worker",
                 "--reclaim-policy", "delete")
        self.list_everything(cluster)
        self.ctl("clusters", "scale", cluster, "--instances", "2", "--dry-run")
        self.ctl("databases", "delete", cluster, "orders", "--yes")
        self.ctl("roles", "delete", cluster, "worker", "--yes")
        self.ctl("clusters", "delete", cluster, "--yes")


def newest_postgres():
    return max((path.name for path in pathlib.Path("/usr/lib/postgresql").iterdir()), key=int)


@pytest.fixture
def guarded(stack, data_dir):
    def start(manifest, *flags):
        return Guarded(stack.kube, manifest, data_dir, flags)
    return start


def test_edit_grants_what_is_asked_for_and_our_own_role_no_more(stack, guarded):
    with guarded("rbac-edit.yaml") as backend:
        backend.story("allowed")
        stack.kube.wait_for_names("clusters", lambda names: "allowed" not in names)
        asked, rights = backend.door.allowed, backend.door.rights
        assert backend.door.refused == set()
    # Every verb of the roles that are ours was used by some call.
    used = {(grant.verb, grant.resource) for request in asked for grant in rights.by(request)}
    ours = {(grant.verb, grant.resource) for grant in rights.grants
            if grant.role.startswith(ACCOUNT)}
    assert ours - used == set()


def test_view_reads_everything_and_writes_nothing(stack, guarded):
    with guarded("rbac-edit.yaml") as backend:
        backend.ctl("clusters", "create", "looked-at", "--instances", "1", "--storage-size",
                    "1Gi", "--wait")
    before = stack.kube.cnpg("clusters", name="looked-at")
    # Without --read-only: it is Kubernetes that says no.
    with guarded("rbac-view.yaml") as backend:
        backend.list_everything("looked-at", "-A")
        assert backend.door.refused == set()
        for words in (["clusters", "scale", "looked-at", "--instances", "2"],
                      ["clusters", "delete", "looked-at", "--yes"],
                      ["clusters", "create", "another", "--instances", "1"],
                      ["roles", "create", "looked-at", "worker"],
                      ["databases", "create", "looked-at", "orders", "--owner", "worker"]):
            said = backend.ctl(*words, expect=1)
            assert "forbidden" in said or "may not" in said or "not allowed" in said, said
        asked = backend.door.allowed | backend.door.refused
        assert {request.verb for request in backend.door.allowed} <= {"get", "list", "watch"}
        assert any(request.verb in ("create", "patch", "delete") for request in asked)
    assert stack.kube.cnpg("clusters", name="looked-at")["spec"] == before["spec"]
    assert stack.kube.names("clusters") == ["looked-at"]
    with guarded("rbac-edit.yaml") as backend:
        backend.ctl("clusters", "delete", "looked-at", "--yes")
    stack.kube.wait_for_names("clusters", lambda names: names == set())


def test_one_namespace_is_enough_with_a_cache_of_it(stack, guarded):
    with guarded("rbac-edit-namespace.yaml", "--watch-namespaces", "default") as backend:
        backend.story("confined")
        stack.kube.wait_for_names("clusters", lambda names: "confined" not in names)
        assert backend.door.refused == set()
        assert {request.namespace for request in backend.door.allowed} == {"default"}
        backend.ctl("clusters", "list", "--namespace", "kube-system", expect=1)
        assert Request("list", "postgresql.cnpg.io", "clusters", "kube-system") in \
            backend.door.refused


@pytest.mark.parametrize("manifest", sorted(path.name for path in MANIFESTS.glob("rbac-*.yaml")))
def test_nothing_is_granted_that_gives_more(manifest):
    rights = Rights.of_manifests(MANIFESTS / manifest, ACCOUNT)
    assert rights.user == f"system:serviceaccount:howdah:{ACCOUNT}"
    for grant in rights.grants:
        assert "*" not in (grant.verb, grant.group, grant.resource)
        assert grant.verb not in ("impersonate", "bind", "escalate")
        assert grant.resource not in ("pods/exec", "pods/portforward", "pods/proxy")
    verbs = {grant.verb for grant in rights.grants if grant.role not in OPERATOR_ROLES}
    secrets = {grant for grant in rights.grants if grant.resource == "secrets"}
    if "view" in manifest:
        assert not secrets and verbs <= {"get", "list", "watch"}
    if "namespace" in manifest:
        assert {grant.namespace for grant in rights.grants} == {"default"}
