"""A real Kubernetes API server with CloudNativePG's own definitions.

    with RealKubernetes(operator="1.30.0") as kubernetes:
        kubernetes.admin.names("clusters")
        kubernetes.kubeconfig("ada", token=kubernetes.token_of("default", "ada"))

etcd, kube-apiserver (RBAC, client certificates, tokens, service accounts) and of the
controllers those that need no node: garbage collection, namespaces, service accounts,
aggregated roles. Kubelets there are none: played_operator.py plays what follows from them.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

import peers
from certificates import Authority
from kube_client import KubeClient
from permissions import OPERATOR_ROLES
from waiting import eventually

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CNPG = "github.com/cloudnative-pg/cloudnative-pg"
# Of which the definitions are tried, the newest first.
RELEASES = ("1.30.0", "1.28.0", "1.25.0")
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CONTROLLERS = ("garbage-collector-controller", "namespace-controller",
               "serviceaccount-controller", "clusterrole-aggregation-controller")


def control_plane():
    """The program of ./control_plane; built once, in minutes. A module's own sources do not
    say of which release they are, and Helm asks."""
    pinned = (HERE / "control_plane" / "go.mod").read_text(encoding="utf-8")
    version = re.search(r"k8s\.io/kubernetes (v\S+)", pinned).group(1)
    return peers.go_build(HERE / "control_plane",
                          **{"k8s.io/component-base/version.gitVersion": version})


def release_manifest(operator):
    """The documents of the installation manifest of a CloudNativePG release."""
    folder = peers.go_module(HERE / "operator", CNPG)
    text = (folder / "releases" / f"cnpg-{operator}.yaml").read_text(encoding="utf-8")
    return re.split(r"^---$", text, flags=re.MULTILINE)


class Part:
    """One process, which ends with its standard input, and thus with us."""

    def __init__(self, directory, name, command):
        path = os.path.join(directory, name + ".log")
        with open(path, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, cwd=directory)
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            with open(path, encoding="utf-8", errors="replace") as log:
                raise RuntimeError("%s ended:\n%s" % (name, log.read()[-4000:]))
        self.facts = json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(120)


class RealKubernetes:
    """Owns its processes and its directory. All on loopback, on free ports."""

    def __init__(self, operator="1.30.0"):
        self.operator = operator
        self._parts = []

    def __enter__(self):
        program = control_plane()
        self.directory = tempfile.mkdtemp(prefix="howdah-kubernetes-")
        try:
            self._start(program)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        for part in reversed(self._parts):
            part.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, program):
        self.clients = Authority(self._folder("clients"), "clients")
        self.servers = Authority(self._folder("servers"), "servers")
        self._program = program
        self._write_keys()
        self._etcd = self._run("etcd", [program, "etcd", self._path("etcd")])
        self.admin = self.start_api_server("apiserver")
        self.install(*(text for text in release_manifest(self.operator)
                       if re.search(r"^kind: CustomResourceDefinition$", text, re.MULTILINE)))
        eventually(self._serves_definitions, "the API server serves all definitions", 120)
        # After them: it looks for new types only every 30 s, and until then does not collect
        # what belongs to a Cluster.
        self._run("controller-manager", [
            program, "controller-manager", "--kubeconfig", self.admin.kubeconfig,
            "--controllers", ",".join(CONTROLLERS), "--leader-elect=false", "--secure-port=0",
            "--authentication-skip-lookup", "--kube-api-qps=200", "--kube-api-burst=400"])
        self.until_usable("default")
        # As the operator's chart makes them; Kubernetes' own are there.
        for name, rules in OPERATOR_ROLES.items():
            if name.startswith("cnpg-"):
                self.install({"apiVersion": "rbac.authorization.k8s.io/v1",
                              "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})

    def start_api_server(self, name, *flags):
        """A kube-apiserver over the same etcd; returns a client of it."""
        cert, key = self.servers.issue(name)
        server = self._run(name, [
            self._program, "apiserver", "--etcd-servers", self._etcd.facts["client"],
            "--tls-cert-file", cert, "--tls-private-key-file", key,
            "--client-ca-file", self.clients.certificate,
            "--token-auth-file", self._path("tokens.csv"),
            "--service-account-key-file", self._path("accounts.key"),
            "--service-account-signing-key-file", self._path("accounts.key"),
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.0.0.0/16",
            "--audit-policy-file", self._path("audit-policy"), "--audit-log-path",
            self._path(name + ".audit"),
            # There is no node that could reach it on loopback.
            "--endpoint-reconciler-type", "none", *flags]).facts["server"]
        admin = KubeClient(self.kubeconfig(name, token=self.static_token("admin"),
                                           server=server))
        eventually(lambda: _is_up(admin), name + " is ready", 120)
        return admin

    def _serves_definitions(self):
        plurals = [item["spec"]["names"]["plural"] for item in self.admin.get(CRDS)["items"]]
        return all(self.admin.request("GET", "/apis/postgresql.cnpg.io/v1/" + plural)[0] == 200
                   for plural in plurals)

    def _run(self, name, command):
        part = Part(self.directory, name, command)
        self._parts.append(part)
        return part

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _folder(self, name):
        os.mkdir(self._path(name), 0o700)
        return self._path(name)

    def _write_keys(self):
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                        self._path("accounts.key")], check=True, capture_output=True)
        with open(self._path("audit-policy"), "w", encoding="ascii") as file:
            json.dump({"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
                       "omitStages": ["RequestReceived", "ResponseStarted"],
                       "rules": [{"level": "Metadata"}]}, file)
        self._tokens = {}
        with open(self._path("tokens.csv"), "w", encoding="ascii") as file:
            for user, groups in (("admin", "system:masters"), ("ada", "dba"), ("bob", "")):
                self._tokens[user] = "%s-%s" % (user, os.urandom(16).hex())
                file.write('%s,%s,%s,"%s"\n' % (self._tokens[user], user, user, groups))

    # --- what tests ask for ---

    def static_token(self, user):
        """The token of admin, of ada, who is in the group dba, or of bob."""
        return self._tokens[user]

    def deployed(self, manifest):
        """Applies a manifest of deploy/kubernetes; returns a token of its ServiceAccount."""
        self.install({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "howdah"}})
        text = (ROOT / "deploy" / "kubernetes" / manifest).read_text(encoding="utf-8")
        self.install(*yaml.safe_load_all(text))
        return self.token_of("howdah", "cnpg-mcp-server")

    def token_of(self, namespace, account, seconds=3600):
        """A fresh token of a service account."""
        status, answer = self.admin.request(
            "POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            {"spec": {"expirationSeconds": seconds}})
        assert status == 201, answer
        return answer["status"]["token"]

    def kubeconfig(self, name, server=None, namespace="default", impersonate=None, token=None,
                   **user):
        """Writes a kubeconfig with one user; returns its path. `user` are its fields, with
        _ for -, such as client_certificate=PATH, tokenFile=PATH or exec={...}."""
        with open(self.servers.certificate, "rb") as file:
            authority = base64.b64encode(file.read()).decode()
        fields = {key.replace("_", "-"): value for key, value in user.items()}
        if token:
            fields["token"] = token
        if impersonate:
            fields["as"] = impersonate
        path = self._path(name + ".kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "real",
                "clusters": [{"name": "real", "cluster": {
                    "server": server or self.admin.server,
                    "certificate-authority-data": authority}}],
                "users": [{"name": name, "user": fields}],
                "contexts": [{"name": "real", "context": {
                    "cluster": "real", "user": name, "namespace": namespace}}]}, file)
        os.chmod(path, 0o600)
        return path

    def install(self, *documents):
        """Creates objects: dicts, or YAML as people write it."""
        for document in documents:
            text = document if isinstance(document, str) else json.dumps(document)
            kind = "application/yaml" if isinstance(document, str) else "application/json"
            status, answer = self.admin.request("POST", self._collection_of(text), text, kind)
            assert status in (201, 409), answer

    def _collection_of(self, text):
        if "CustomResourceDefinition" in text:
            return CRDS
        one = json.loads(text)
        group = one["apiVersion"]
        root = "/api/v1" if group == "v1" else "/apis/" + group
        space = one["metadata"].get("namespace")
        return "%s%s/%ss" % (root, "/namespaces/" + space if space else "",
                             one["kind"].lower())

    def bind(self, subject, role, namespace=None):
        """Binds a ClusterRole to a subject, in one namespace or everywhere."""
        metadata = {"name": "%s-%s" % (subject["name"], role)}
        kind = "ClusterRoleBinding"
        if namespace:
            kind, metadata["namespace"] = "RoleBinding", namespace
        self.install({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
                      "metadata": metadata, "subjects": [subject],
                      "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
                                  "kind": "ClusterRole", "name": role}})

    def audited(self, user):
        """What a user has asked for: the API server's own records, oldest first."""
        with open(self._path("apiserver.audit"), encoding="utf-8") as file:
            # The last one may be half written.
            events = [json.loads(line) for line in file if line.endswith("\n")]
        return [event for event in events if event["user"]["username"] == user]

    def last_words(self):
        """Of each server, (the name of its log, the end of it without its small talk)."""
        ends = []
        for log in sorted(pathlib.Path(self.directory).glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            ends.append((log.name, "\n".join([line for line in lines if not re.search(
                r"controller is disabled|createTransport failed", line)][-30:])))
        return ends

    def until_usable(self, namespace):
        """Waits until Pods can be made there: a controller gives it a service account."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        eventually(lambda: self.admin.request("GET", path)[0] == 200, path)

    def until_refused(self, method, path, body, says=""):
        """Waits until the API server refuses a request so: what guards it holds then."""
        def refused():
            status, answer = self.admin.request(method, path, body)
            return status >= 400 and says in answer.get("message", "")

        eventually(refused, "%s %s is refused: %s" % (method, path, says), 120)

    def compact(self):
        """Makes etcd forget all but the present, as it does every five minutes."""
        self._etcd.process.stdin.write(b"compact\n")
        self._etcd.process.stdin.flush()
        return int(json.loads(self._etcd.process.stdout.readline())["compacted"])


def _is_up(client):
    try:
        with client.send("GET", "/readyz") as answer:
            return answer.status == 200
    except OSError:
        return False
