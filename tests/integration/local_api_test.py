"""howdah-local from outside: kubectl, raw TLS, leases and crashes.

Run: /usr/bin/python3 -m pytest tests/integration/local_api_test.py
HOWDAH_BIN_DIR names the directory of the binaries; else bazel-bin is used.
"""

import base64
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time

import pytest

from waiting import wait_for_end

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBECTL = shutil.which("kubectl")
# Debian's kubectl is 1.20, others' are newer; what only those can do is asked of
# them only, or without kubectl.
MINOR = int(re.search(r"GitVersion:\"v1\.(\d+)|Client Version: v1\.(\d+)", subprocess.run(
    [KUBECTL, "version", "--client"], capture_output=True, text=True, check=True).stdout)
            .expand(r"\1\2")) if KUBECTL else 0
CLUSTERS = "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters"
SECRETS = "/api/v1/namespaces/default/secrets"

# The controllers leave such a cluster alone: no PostgreSQL is started here.
CLUSTER = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: {name}
  annotations: {{cnpg.io/reconciliationLoop: disabled}}
spec:
  instances: {instances}
  storage: {{size: 1Gi}}
"""


def binary():
    directory = os.environ.get("HOWDAH_BIN_DIR")
    if directory:
        return pathlib.Path(directory) / "howdah-local"
    return ROOT / "bazel-bin" / "backend" / "local" / "howdah-local"


def read_line(stream, seconds=30):
    """One line, or a failure after the deadline."""
    result = []
    thread = threading.Thread(
        target=lambda: result.append(stream.readline()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert result and result[0], "nothing was printed in time"
    return result[0]


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


class Plane:
    """A running `howdah-local serve`."""

    def __init__(self, directory, *flags):
        self.directory = directory
        self.process = subprocess.Popen(
            [binary(), "serve", "--data-dir", directory, "--port", "0",
             "--announce", "--exit-with-parent", *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.drain = []
        threading.Thread(target=self._drain, daemon=True).start()
        try:
            self.facts = json.loads(read_line(self.process.stdout))
        except (AssertionError, ValueError):
            self.process.kill()
            raise AssertionError("".join(self.drain))
        self.port = int(self.facts["server"].rsplit(":", 1)[1])
        text = pathlib.Path(self.facts["kubeconfig"]).read_text()
        self.token = re.search(r"token: (\S+)", text).group(1)
        authority = re.search(r"authority-data: (\S+)", text).group(1)
        self.tls = ssl.create_default_context(
            cadata=base64.b64decode(authority).decode())

    def _drain(self):
        for line in self.process.stderr:
            self.drain.append(line)

    def kubectl(self, *arguments, text=None, ok=True, env=None):
        done = subprocess.run(
            [KUBECTL, "--kubeconfig", self.facts["kubeconfig"], *arguments],
            input=text, capture_output=True, text=True, timeout=60,
            env={**os.environ, **(env or {})})
        output = done.stdout + done.stderr
        if ok is not None:
            assert (done.returncode == 0) == ok, output
        return output

    def connect(self):
        return http.client.HTTPSConnection(
            "localhost", self.port, context=self.tls, timeout=30)

    def call(self, method, path, body=None, headers=None, token=None,
             connection=None):
        connection = connection or self.connect()
        sent = {"Authorization": f"Bearer {token or self.token}",
                "Content-Type": "application/json", **(headers or {})}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read()
        try:
            return response.status, json.loads(text), response
        except ValueError:
            return response.status, text, response

    def patch_status(self, cluster, status):
        code, answer, _ = self.call(
            "PATCH", f"{CLUSTERS}/{cluster}/status", {"status": status},
            {"Content-Type": "application/merge-patch+json"})
        assert code == 200, answer

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, "".join(self.drain)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    if not binary().exists():
        pytest.skip(f"{binary()} is not built")
    if not KUBECTL:
        pytest.skip("kubectl is not installed")
    running = Plane(tmp_path_factory.mktemp("plane") / "data")
    yield running
    running.stop()


@pytest.fixture
def cluster(plane, request):
    """A cluster of this test."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    plane.kubectl("create", "-f", "-",
                  text=CLUSTER.format(name=name, instances=3))
    yield name
    plane.kubectl("delete", "cluster", name, ok=None)


# --- kubectl ---


def test_kubectl_finds_the_types(plane):
    assert re.search("Server Version.*v1.36", plane.kubectl("version"))
    listed = plane.kubectl("api-resources", "-o", "name").split()
    for name in ("clusters.postgresql.cnpg.io", "databases.postgresql.cnpg.io",
                 "databaseroles.postgresql.cnpg.io", "pods", "secrets",
                 "services", "events", "persistentvolumeclaims"):
        assert name in listed
    assert "poolers.postgresql.cnpg.io" not in listed
    if MINOR >= 27:  # from OpenAPI v3
        assert "GROUP:      postgresql.cnpg.io" in plane.kubectl(
            "explain", "cluster.spec.storage")


def test_get_prints_the_columns_of_the_operator(plane, cluster):
    plane.patch_status(cluster, {
        "instances": 3, "readyInstances": 2, "phase": "Failing over",
        "currentPrimary": "x-1"})
    lines = plane.kubectl("get", "clusters,pods,secrets", "-A")
    header = next(l for l in lines.splitlines() if "INSTANCES" in l)
    assert header.split() == ["NAMESPACE", "NAME", "AGE", "INSTANCES", "READY",
                              "STATUS", "PRIMARY"]
    row = next(l for l in lines.splitlines() if cluster in l)
    assert re.search(r"\d+s\s+3\s+2\s+Failing over\s+x-1", row)
    assert "SYNCTOPOLOGY" in plane.kubectl("get", "clusters", "-o", "wide")
    described = plane.kubectl("describe", "cluster", cluster)
    assert "Failing over" in described and "Events:" in described


def test_events_are_described_with_their_object(plane, cluster):
    uid = plane.kubectl("get", "cluster", cluster, "-o",
                        "jsonpath={.metadata.uid}")
    event = {
        "metadata": {"generateName": "e-"},
        "involvedObject": {"kind": "Cluster", "name": cluster, "uid": uid,
                           "namespace": "default"},
        "reason": "FailingOver", "message": "because of a test",
        "type": "Warning", "count": 2,
        "lastTimestamp": "2024-01-01T00:00:00Z"}
    assert plane.call("POST", "/api/v1/namespaces/default/events",
                      event)[0] == 201
    assert "because of a test" in plane.kubectl("describe", "cluster", cluster)
    assert re.search(rf"Warning\s+FailingOver\s+cluster/{cluster}\s+because",
                     plane.kubectl("get", "events"))
    status, found, _ = plane.call(
        "GET", "/api/v1/events?fieldSelector=involvedObject.name%3Dnobody")
    assert status == 200 and found["items"] == []


def test_get_watch_prints_each_change(plane, cluster):
    watch = subprocess.Popen(
        [KUBECTL, "--kubeconfig", plane.facts["kubeconfig"], "get", "cluster",
         cluster, "-w"], stdout=subprocess.PIPE, text=True)
    try:
        assert "NAME" in read_line(watch.stdout)
        assert cluster in read_line(watch.stdout)
        plane.patch_status(cluster, {"phase": "Switchover in progress"})
        assert "Switchover in progress" in read_line(watch.stdout)
    finally:
        watch.terminate()
        watch.wait()


def test_apply_patch_label_scale_edit_and_delete(plane, cluster):
    def applied(count):
        return plane.kubectl(
            "apply", "-f", "-",
            text=CLUSTER.format(name=cluster, instances=count))

    def instances():
        return plane.kubectl("get", "cluster", cluster, "-o",
                             "jsonpath={.spec.instances}")

    applied(3)
    assert "configured" in applied(2) and instances() == "2"
    assert "unchanged" in applied(2)
    plane.kubectl("patch", "cluster", cluster, "--type=merge", "-p",
                  '{"spec":{"instances":4}}')
    plane.kubectl("patch", "cluster", cluster, "--type=json", "-p",
                  '[{"op":"replace","path":"/spec/instances","value":5}]')
    assert instances() == "5"
    assert re.search("the server rejected our request|request is invalid",
                     plane.kubectl(
        "patch", "cluster", cluster, "--type=json", "-p",
        '[{"op":"test","path":"/spec/instances","value":9}]', ok=False))
    assert re.search("is not supported by|json-patch", plane.kubectl(
        "patch", "cluster", cluster, "-p", '{"spec":{"instances":1}}', ok=False))
    assert "conflict with \"kubectl-patch\"" in plane.kubectl(
        "apply", "--server-side", "-f", "-", ok=False,
        text=CLUSTER.format(name=cluster, instances=1))
    assert "serverside-applied" in plane.kubectl(
        "apply", "--server-side", "--force-conflicts", "-f", "-",
        text=CLUSTER.format(name=cluster, instances=3))
    assert instances() == "3"
    plane.kubectl("label", "cluster", cluster, "tier=a")
    assert cluster in plane.kubectl("get", "clusters", "-l", "tier in (a,b)")
    assert cluster not in plane.kubectl("get", "clusters", "-l", "tier=b")
    plane.kubectl("scale", "cluster", cluster, "--replicas=1")
    assert instances() == "1"
    plane.kubectl("edit", "cluster", cluster,
                  env={"EDITOR": "sed -i s/instances:.1/instances:\\ 2/"})
    assert instances() == "2"
    if MINOR >= 23:
        plane.kubectl("wait", "--for=jsonpath={.spec.instances}=2",
                      f"cluster/{cluster}", "--timeout=10s")
    plane.kubectl("delete", "cluster", cluster, "--cascade=foreground",
                  "--timeout=20s")
    assert "NotFound" in plane.kubectl("get", "cluster", cluster, ok=False)


def test_refusals_name_the_fields(plane):
    bad = CLUSTER.format(name="bad", instances=3) + (
        "  foo: 1\n  affinity: {topologyKey: zone}\n  resources: {}\n")
    if MINOR >= 25:  # older ones do not ask for strictness
        output = plane.kubectl("create", "-f", "-", text=bad, ok=False)
        assert 'strict decoding error: unknown field "spec.foo"' in output
        assert ('field "spec.affinity" is not supported by the local plane'
                in output)
        assert "spec.resources" not in output  # nothing is asked for
        output = plane.kubectl("create", "--validate=warn", "--dry-run=server",
                               "-f", "-", text=bad)
        assert 'Warning: unknown field "spec.foo"' in output
    output = plane.kubectl("create", "-f", "-", ok=False,
                           text=CLUSTER.format(name="bad", instances=0))
    assert "spec.instances in body should be greater than or equal to 1" in output


def test_core_types_as_kubectl_sends_them(plane):
    # These commands send protobuf.
    plane.kubectl("create", "secret", "generic", "typed", "--from-literal=a=b")
    plane.kubectl("create", "configmap", "typed", "--from-literal=a=b")
    plane.kubectl("patch", "secret", "typed", "-p", '{"stringData":{"c":"d"}}')
    assert json.loads(plane.kubectl(
        "get", "secret", "typed", "-o", "jsonpath={.data}")) == {
            "a": "Yg==", "c": "ZA=="}
    assert "Opaque" in plane.kubectl("describe", "secret", "typed")
    assert plane.kubectl("auth", "can-i", "create", "clusters").strip() == "yes"
    if MINOR >= 27:
        assert "howdah-local-admin" in plane.kubectl("auth", "whoami")
    plane.kubectl("delete", "secret,configmap", "typed")


def test_a_namespace_goes_with_its_contents(plane):
    plane.kubectl("create", "namespace", "team")
    plane.kubectl("-n", "team", "create", "secret", "generic", "s")
    plane.kubectl("delete", "namespace", "team", "--timeout=20s")
    assert "team" not in plane.kubectl("get", "namespaces,secrets", "-A")
    assert 'namespaces "team" not found' in plane.kubectl(
        "-n", "team", "create", "secret", "generic", "s", ok=False)


# --- raw TLS ---


def test_tls_and_token_are_needed(plane):
    with pytest.raises(ssl.SSLError):
        http.client.HTTPSConnection(
            "localhost", plane.port,
            context=ssl.create_default_context()).request("GET", "/version")
    status, body, _ = plane.call("GET", "/version", token="wrong")
    assert status == 401 and body["reason"] == "Unauthorized"
    for name in ("127.0.0.1", "localhost"):
        connection = http.client.HTTPSConnection(name, plane.port,
                                                 context=plane.tls)
        assert plane.call("GET", "/readyz", connection=connection)[1] == b"ok"


def test_a_connection_is_used_again(plane):
    connection = plane.connect()
    for _ in range(20):
        assert plane.call("GET", "/version", connection=connection)[0] == 200
    connection.close()


def test_sizes_are_limited(plane):
    status, body, _ = plane.call("POST", SECRETS, b"x" * (3 * 1024 * 1024 + 1))
    assert status == 413 and body["reason"] == "RequestEntityTooLarge"
    status, _, _ = plane.call("GET", "/version", headers={"X-Big": "y" * 70000})
    assert status == 431


def test_warnings_come_as_headers(plane):
    body = {"metadata": {"name": "warned"}, "typo": 1}
    status, _, response = plane.call("POST", SECRETS + "?dryRun=All", body)
    assert status == 201
    assert response.getheader("Warning") == r'299 - "unknown field \"typo\""'


def test_watch_streams_and_ends(plane):
    version = plane.call("GET", SECRETS)[1]["metadata"]["resourceVersion"]
    connection = plane.connect()
    connection.request(
        "GET", SECRETS + f"?watch=1&resourceVersion={version}"
        "&allowWatchBookmarks=true&timeoutSeconds=1",
        headers={"Authorization": f"Bearer {plane.token}"})
    response = connection.getresponse()
    assert response.getheader("Transfer-Encoding") == "chunked"
    plane.call("POST", SECRETS, {"metadata": {"name": "watched"}})
    plane.call("DELETE", SECRETS + "/watched")
    events = [json.loads(line) for line in response.read().splitlines()]
    assert [e["type"] for e in events] == ["ADDED", "DELETED", "BOOKMARK"]
    assert int(events[2]["object"]["metadata"]["resourceVersion"]) >= int(
        version) + 2


def test_a_hundred_at_once_lose_nothing(plane, cluster):
    """Read-modify-write under resourceVersion with retry of the intent."""
    path = f"{CLUSTERS}/{cluster}"
    merge = {"Content-Type": "application/merge-patch+json"}

    def add(number):
        connection = plane.connect()
        while True:
            _, now, _ = plane.call("GET", path, connection=connection)
            roles = now["spec"].get("managed", {}).get("roles", [])
            roles.append({"name": f"role_{number}"})
            status, body, _ = plane.call(
                "PATCH", path, {
                    "metadata": {"resourceVersion":
                                 now["metadata"]["resourceVersion"]},
                    "spec": {"managed": {"roles": roles}}},
                headers=merge, connection=connection)
            if status != 409:
                return status, body
            assert "the object has been modified" in body["message"]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(add, range(100)))
    assert {status for status, _ in results} == {200}
    roles = plane.call("GET", path)[1]["spec"]["managed"]["roles"]
    assert {r["name"] for r in roles} == {f"role_{i}" for i in range(100)}


# --- the program ---


def modes(directory):
    return {path.name: stat.S_IMODE(path.stat().st_mode)
            for path in directory.iterdir()}


def test_files_are_private(plane):
    assert stat.S_IMODE(plane.directory.stat().st_mode) == 0o711
    found = modes(plane.directory)
    for name in ("kubeconfig", "token", "objects.db", "objects.db-wal",
                 "control.sock"):
        assert found[name] == 0o600, name
    assert found["pki"] == 0o700
    assert set(modes(plane.directory / "pki").values()) == {0o600}


def test_everything_survives_kill(tmp_path):
    first = Plane(tmp_path / "data")
    first.call("POST", SECRETS, {"metadata": {"name": "kept"}})
    before = first.call("GET", SECRETS + "/kept")[1]
    first.kill()
    started = time.monotonic()
    second = Plane(tmp_path / "data")
    try:
        print(f"restarted in {time.monotonic() - started:.3f} s")
        assert second.port == first.port
        assert second.token == first.token
        # The old kubeconfig's authority is still the right one.
        second.tls = first.tls
        assert second.call("GET", SECRETS + "/kept")[1] == before
    finally:
        second.stop()


def test_one_plane_for_a_directory_and_a_port(plane, tmp_path):
    def refused(*flags):
        done = subprocess.run([binary(), "serve", *flags], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 1
        return done.stderr

    assert "runs on" in refused("--data-dir", plane.directory, "--port", "0")
    taken = refused("--data-dir", tmp_path / "d", "--port", str(plane.port))
    assert str(plane.port) in taken and "--port 0" in taken
    assert "loopback" in refused("--data-dir", tmp_path / "d", "--host",
                                 "0.0.0.0", "--port", "0")


def lease(directory, port=0):
    return subprocess.Popen(
        [binary(), "lease", "--data-dir", directory, "--port", str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)


def test_leases_share_a_plane_and_the_last_one_ends_it(tmp_path):
    directory = tmp_path / "data"
    # Ten at once: one starts it.
    holders = [lease(directory) for _ in range(10)]
    facts = [json.loads(read_line(h.stdout)) for h in holders]
    pids = {f["pid"] for f in facts}
    assert len(pids) == 1
    assert [f["started"] for f in facts].count(True) == 1
    pid = pids.pop()
    assert os.getsid(pid) != os.getsid(0)
    status = subprocess.run([binary(), "status", "--data-dir", directory],
                            capture_output=True, text=True)
    assert status.returncode == 0
    assert json.loads(status.stdout)["server"] == facts[0]["server"]
    for holder in holders[:9]:
        holder.stdin.close()
        assert holder.wait(10) == 0
    assert alive(pid)
    holders[9].send_signal(signal.SIGTERM)
    assert holders[9].wait(10) == 0
    wait_for_end(pid)
    status = subprocess.run([binary(), "status", "--data-dir", directory],
                            capture_output=True, text=True)
    assert status.returncode == 3
    assert json.loads(status.stdout)["running"] is False
    # And again, on the same state and port.
    again = lease(directory)
    next_facts = json.loads(read_line(again.stdout))
    assert next_facts["started"] and next_facts["server"] == facts[0]["server"]
    stopped = subprocess.run([binary(), "stop", "--data-dir", directory],
                             timeout=30)
    assert stopped.returncode == 0
    assert again.wait(10) == 1
    assert "has ended" in again.stderr.read()
    wait_for_end(next_facts["pid"])


def test_a_killed_lease_holder_gives_its_lease_back(tmp_path):
    holder = lease(tmp_path / ("long" * 30) / "data")
    facts = json.loads(read_line(holder.stdout))
    holder.kill()
    holder.wait()
    wait_for_end(facts["pid"])


def test_a_lease_tells_why_no_plane_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        holder = lease(tmp_path / "data", port)
        assert holder.wait(30) == 1
        assert f"Port {port} on 127.0.0.1 is taken" in holder.stderr.read()
