"""The real product and the real local plane, and between them connections that break,
servers that refuse and backends that die. PostgreSQL tells what came of it."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from fake_kubernetes import status, write_kubeconfig
from kube_proxy import KubeProxy
from mcp_client import StdioClient, ToolError
from psql import query
from stack import BIN, LAUNCHER, child_of
from waiting import eventually

CLUSTER = "unsteady"
CNPG = "/apis/postgresql.cnpg.io/v1"


@pytest.fixture(scope="module")
def application(stack, mcp):
    """A cluster of one instance; its owner's login."""
    mcp.call("create_postgres_cluster", {
        "name": CLUSTER, "instances": 1, "storage_size": "1Gi", "wait": True})
    yield stack.kube.secret("default", CLUSTER + "-app")
    mcp.call("delete_postgres_cluster", {"name": CLUSTER, "confirm_deletion": True})
    stack.kube.wait_for_names("clusters", lambda names: CLUSTER not in names)


@pytest.fixture
def proxy(stack):
    with KubeProxy(stack.kube) as running:
        yield running


def connect(kubeconfig):
    return StdioClient([LAUNCHER, "mcp", "--kubeconfig", kubeconfig], stderr=subprocess.DEVNULL)


@pytest.fixture
def client(proxy):
    with connect(proxy.kubeconfig) as running:
        yield running


def test_the_superuser_has_a_secret_where_it_is_asked_for(stack, application):
    code, _ = stack.kube.request(
        "PATCH", CNPG + "/namespaces/default/clusters/" + CLUSTER,
        {"spec": {"enableSuperuserAccess": True}}, "application/merge-patch+json")
    assert code == 200
    stack.kube.wait_for_names("secrets", lambda names: CLUSTER + "-superuser" in names)
    superuser = stack.kube.secret("default", CLUSTER + "-superuser")
    login = dict(application, username="postgres", password=superuser["password"])
    assert eventually(lambda: _rows(login, "select current_user, usesuper from pg_user "
                                           "where usename = current_user")
                      == [["postgres", "t"]], "the superuser is let in")


def _rows(login, sql):
    try:
        return query(login, sql)
    except RuntimeError as refused:
        return str(refused)


def before_release_1_30(kube):
    """What a proxy answers so that its operator knows no DatabaseRole."""
    discovery = kube.get(CNPG)
    discovery["resources"] = [found for found in discovery["resources"]
                              if not found["name"].startswith("databaseroles")]

    def before(request):
        plain = request.path.split("?")[0]
        if plain == CNPG:
            return 200, discovery, {}
        if "/databaseroles" in plain:
            return 404, b"404 page not found", {}
        return None
    return before


def attributes_of(login, role):
    return query(login, "select rolcanlogin, rolcreatedb, rolcreaterole, rolsuper "
                        "from pg_roles where rolname = '%s'" % role)


def secrets_of(kube, role):
    found = kube.core("secrets")["items"]
    return [secret["metadata"]["name"] for secret in found
            if secret["metadata"].get("labels", {}).get("cnpg.io/cluster") == CLUSTER
            and secret["metadata"]["name"].endswith(role)]


def inline_roles(kube):
    managed = kube.cnpg("clusters", name=CLUSTER)["spec"].get("managed", {})
    return [role["name"] for role in managed.get("roles", [])]


def test_roles_of_operators_without_database_roles(stack, proxy, client, application):
    proxy.before = before_release_1_30(stack.kube)
    made = client.call("create_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "inline", "createdb": True})["structuredContent"]
    assert made["role"]["source"] == "inline" and made["role"]["state"] == "reconciled"
    assert inline_roles(stack.kube) == ["inline"]
    assert attributes_of(application, "inline") == [["t", "t", "f", "f"]]
    client.call("update_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "inline", "createrole": True,
        "password": "correct horse"})
    assert attributes_of(application, "inline") == [["t", "t", "t", "f"]]
    own = dict(application, username="inline", password="correct horse")
    assert query(own, "select current_user") == [["inline"]]
    client.call("delete_postgres_role", {
        "cluster_name": CLUSTER, "role_name": "inline", "confirm_deletion": True})
    assert attributes_of(application, "inline") == []
    assert inline_roles(stack.kube) == [] and secrets_of(stack.kube, "inline") == []


class Crash:
    """Kills, with kill -9, at one write of those that the product makes."""

    def __init__(self, victims, write, moment, otherwise):
        self._victims, self._write, self._moment = victims, write, moment
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._writes = 0
        self.done = False

    def _strike(self, request, moment):
        with self._lock:
            if self.done or not request.writes:
                return False
            if moment == "before":
                self._writes += 1
            if (self._writes, moment) != (self._write, self._moment):
                return False
            self.done = True
        for victim in self._victims:
            os.kill(victim, signal.SIGKILL)
        return True

    def before(self, request):
        return False if self._strike(request, "before") else self._otherwise(request)

    def after(self, request, code):
        return not self._strike(request, "after")


@pytest.mark.parametrize("roles", ["inline", "objects"])
@pytest.mark.parametrize("dies", ["backend", "all"])
def test_a_crash_between_any_two_steps_of_a_creation(stack, proxy, application, roles, dies):
    calm = before_release_1_30(stack.kube) if roles == "inline" else lambda request: None

    def create(client, role):
        return client.call_raw("create_postgres_role", {
            "cluster_name": CLUSTER, "role_name": role, "createdb": True})

    proxy.before = calm
    with connect(proxy.kubeconfig) as client:
        seen = len(proxy.requests)
        assert not create(client, "%s-%s-0" % (roles, dies)).get("isError")
        steps = sum(request.writes for request in proxy.requests[seen:])
    assert steps == 2, "the Secret, then the declaration"

    for number, (step, moment) in enumerate(
            [(step, moment) for step in range(1, steps + 1) for moment in ("before", "after")], 1):
        role = "%s-%s-%d" % (roles, dies, number)
        proxy.before = calm
        client = connect(proxy.kubeconfig)
        client.call("list_postgres_roles", {"cluster_name": CLUSTER})
        victims = [child_of(client.process.pid, "howdah-backend")]
        if dies == "all":
            victims.append(client.process.pid)
        crash = Crash(victims, step, moment, calm)
        proxy.before, proxy.after = crash.before, crash.after
        try:
            answer = create(client, role)
        except EOFError:
            assert dies == "all"
            answer = {"isError": True}
            client.close()
            client = connect(proxy.kubeconfig)
        assert crash.done, role
        if answer.get("isError"):
            answer = create(client, role)
        if answer.get("isError"):
            # Only when it was done already, and the one who repeats cannot know.
            assert answer["structuredContent"]["error"]["reason"] == "ROLE_EXISTS", answer
            assert (dies, step, moment) == ("all", steps, "after")
        client.close()
        eventually(lambda: attributes_of(application, role) == [["t", "t", "f", "f"]],
                   role + " is in PostgreSQL")
        secret, = secrets_of(stack.kube, role)
        own = dict(application, username=role,
                   password=stack.kube.secret("default", secret)["password"])
        assert query(own, "select current_user") == [[role]]
        assert (inline_roles(stack.kube).count(role) == 1) == (roles == "inline")


def test_a_wait_that_may_not_see_says_so_at_once(stack, proxy, client):
    def before(request):
        if request.method == "GET" and request.path.split("?")[0].endswith("/clusters"):
            return 403, status(403, "Forbidden", "no list for you"), {}
        return None

    proxy.before = before
    with pytest.raises(ToolError) as refusal:
        client.call("create_postgres_cluster", {
            "name": "unwatched", "instances": 1, "wait": True, "timeout": 600})
    assert refusal.value.error["code"] == "PERMISSION_DENIED"
    assert "The change was made" in str(refusal.value) and "no list" in str(refusal.value)
    assert "unwatched" in stack.kube.names("clusters")
    stack.kube.request("DELETE", CNPG + "/namespaces/default/clusters/unwatched")
    stack.kube.wait_for_names("clusters", lambda names: "unwatched" not in names)


def asleep(name):
    """A Cluster that nobody acts on: something to see."""
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": name,
                         "annotations": {"cnpg.io/reconciliationLoop": "disabled"}},
            "spec": {"instances": 1, "storage": {"size": "1Gi"}}}


@pytest.fixture
def unseen(stack):
    """Makes a cluster behind the product's back."""
    path = CNPG + "/namespaces/default/clusters"
    made = []

    def make(name):
        assert stack.kube.request("POST", path, asleep(name))[0] == 201
        made.append(name)

    yield make
    for name in made:
        stack.kube.request("DELETE", path + "/" + name)


def names_listed(client):
    listed = client.call("list_postgres_clusters", {"page_size": 1000})["structuredContent"]
    return [cluster["name"] for cluster in listed["clusters"]]


def lists_of_clusters(requests):
    return [request for request in requests if request.method == "GET"
            and request.path.split("?")[0].endswith("/clusters") and not request.is_watch]


def test_a_torn_watch_goes_on_where_it_was(proxy, client, unseen):
    names_listed(client)
    eventually(lambda: proxy.watches("clusters"), "the watch runs")
    seen = len(proxy.requests)
    proxy.tear_watches()
    unseen("after-the-tear")
    eventually(lambda: "after-the-tear" in names_listed(client), "the change is seen")
    assert lists_of_clusters(proxy.requests[seen:]) == []


@pytest.mark.parametrize("told", ["by status", "by event"])
def test_a_version_that_is_gone_is_listed_again(proxy, client, unseen, told):
    names_listed(client)
    gone = status(410, "Expired", "too old resource version")
    expired = []

    def before(request):
        if not request.is_watch or "/clusters" not in request.path or expired:
            return None
        expired.append(request)
        if told == "by status":
            return 410, gone, {}
        return 200, json.dumps({"type": "ERROR", "object": gone}).encode() + b"\n", {}

    eventually(lambda: proxy.watches("clusters"), "the watch runs")
    proxy.before = before
    seen = len(proxy.requests)
    proxy.tear_watches()
    eventually(lambda: expired, "the watch is told that it is too old")
    unseen("after-" + told.replace(" ", "-"))
    eventually(lambda: "after-" + told.replace(" ", "-") in names_listed(client),
               "the change is seen")
    assert lists_of_clusters(proxy.requests[seen:])


def test_a_slow_api_ends_the_call_that_waits_and_holds_up_no_other(proxy, client, application):
    names_listed(client)
    released = threading.Event()

    def before(request):
        if request.path.split("?")[0].endswith("/clusters/slow"):
            released.wait(60)
        return None

    proxy.before = before
    slow = client.start("tools/call", {"name": "get_cluster_status", "arguments": {"name": "slow"}})
    answers = []
    while slow not in answers:
        # Others are answered while it waits.
        others = client.start("tools/call", {"name": "get_cluster_status",
                                             "arguments": {"name": CLUSTER}})
        message = client.receive(60)
        answers.append(message["id"])
        if message["id"] == slow:
            assert message["result"]["isError"]
            assert message["result"]["structuredContent"]["error"]["code"] == "DEADLINE_EXCEEDED"
            message = client.receive(60)
        assert message["id"] == others and not message["result"].get("isError")
        threading.Event().wait(0.05)
    assert len(answers) > 2
    released.set()


def test_a_cancellation_reaches_kubernetes_and_is_not_answered(stack, proxy, client):
    reached, given_up = threading.Event(), []

    def before(request):
        if request.method != "POST":
            return None
        reached.set()
        given_up.append(request.is_given_up(60))
        return False

    proxy.before = before
    call = client.start("tools/call", {"name": "create_postgres_cluster",
                                       "arguments": {"name": "unwanted"}})
    assert reached.wait(60)
    client.notify("notifications/cancelled", {"requestId": call, "reason": "changed my mind"})
    eventually(lambda: given_up, "the request is given up")
    assert given_up == [True]
    # The client fails on an answer that nobody waits for.
    assert client.request("ping") == {}
    assert "unwanted" not in names_listed(client)
    assert "unwanted" not in stack.kube.names("clusters")


def test_retry_after_is_waited_for(stack, proxy, client):
    asked = []

    def before(request):
        if request.method == "POST":
            asked.append(time.monotonic())
            if len(asked) == 1:
                return 429, status(429, "TooManyRequests", "slow down"), {"Retry-After": "2"}
        return None

    proxy.before = before
    client.call("create_postgres_cluster", {"name": "patient", "dry_run": True})
    first, second = asked
    assert second - first >= 2


@pytest.mark.parametrize("kind", ["exec", "tokenFile"])
def test_a_token_that_is_renewed_is_used(stack, proxy, tmp_path, application, kind):
    token = tmp_path / "token"
    plugin = tmp_path / "plugin"
    runs = tmp_path / "runs"
    plugin.write_text(
        '#!/bin/sh\necho "$@" $MARK >>%s\n'
        'printf \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
        '"status":{"token":"%%s"}}\' "$(cat %s)"\n' % (runs, token), encoding="ascii")
    plugin.chmod(0o755)
    kubeconfig = tmp_path / "kubeconfig"
    write_kubeconfig(kubeconfig, proxy.url, {"tokenFile": "token"} if kind == "tokenFile" else {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin",
                 "args": ["get-token", "two words; $HOME"], "interactiveMode": "Never",
                 "env": [{"name": "MARK", "value": "marked"}]}})
    accepted = ["first"]

    def before(request):
        if request.token != accepted[0]:
            return 401, status(401, "Unauthorized", "the token has expired"), {}
        return None

    proxy.before = before
    token.write_text("first")
    with connect(str(kubeconfig)) as client:
        scale = {"name": CLUSTER, "instances": 2, "dry_run": True}
        client.call("scale_postgres_cluster", scale)
        accepted[0] = "second"
        token.write_text("second")
        client.call("scale_postgres_cluster", scale)
        accepted[0] = "third"
        with pytest.raises(ToolError) as refusal:
            client.call("scale_postgres_cluster", scale)
    error = refusal.value.error
    assert error["code"] == "UNAUTHENTICATED"
    assert "first" not in str(refusal.value) and "second" not in str(refusal.value)
    if kind == "exec":
        assert runs.read_text().splitlines()[0] == "get-token two words; $HOME marked"


def test_in_a_pod_the_service_account_is_used(stack, tmp_path, application):
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    kubeconfig = open(stack.endpoints["kubeconfig"], encoding="utf-8").read()
    files = {"token": stack.kube.credentials["Authorization"].removeprefix("Bearer "),
             "namespace": "default", "ca.crt": stack.kube.authority}
    assert files["token"] in kubeconfig
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="ascii")
    in_pod = ["unshare", "--mount", "sh", "-c",
              'mount -t tmpfs tmpfs /run && mkdir -p "%s" && cp "$1"/* "%s" && shift && exec "$@"'
              % (account, account), "sh", str(tmp_path)]
    if subprocess.run(in_pod + ["true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting a service account needs root with CAP_SYS_ADMIN")
    host, port = stack.kube.server.removeprefix("https://").split(":")
    environment = dict(os.environ, KUBERNETES_SERVICE_HOST=host, KUBERNETES_SERVICE_PORT=port,
                       HOME=str(tmp_path))
    environment.pop("KUBECONFIG", None)
    with StdioClient(in_pod + [str(BIN / "howdah-mcp"), "--spawn-backend"], env=environment,
                     stderr=subprocess.DEVNULL) as client:
        client.call("create_postgres_role", {"cluster_name": CLUSTER, "role_name": "from_a_pod"})
    assert attributes_of(application, "from_a_pod") == [["t", "f", "f", "f"]]


def test_sigterm_lets_a_call_finish_and_takes_no_other(stack, proxy):
    backend = subprocess.Popen(
        [BIN / "howdah-backend", "--kubeconfig", proxy.kubeconfig, "--listen", "127.0.0.1:0",
         "--announce"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    address = json.loads(backend.stdout.readline())["listening"][0]

    def ctl(*arguments):
        return subprocess.Popen([BIN / "howdahctl", "--address", address, *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    reached, released = threading.Event(), threading.Event()

    def before(request):
        if request.method == "POST":
            reached.set()
            released.wait(60)
        return None

    proxy.before = before
    running = ctl("clusters", "create", "drained", "--instances", "1")
    assert reached.wait(60)
    backend.terminate()
    late = eventually(lambda: _refused(ctl("clusters", "list")), "new calls are refused")
    assert address in late
    assert backend.poll() is None and running.poll() is None
    released.set()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, out + err
    assert backend.wait(60) == 0
    assert "drained" in stack.kube.names("clusters")
    log = [json.loads(line) for line in backend.stderr.read().decode().splitlines()]
    assert [line["code"] for line in log if line["msg"] == "audit"] == ["OK"]
    stack.kube.request("DELETE", CNPG + "/namespaces/default/clusters/drained")
    stack.kube.wait_for_names("clusters", lambda names: "drained" not in names)


def _refused(process):
    _, err = process.communicate(timeout=60)
    return err if process.returncode == 1 else None
