"""What an operator sees from outside: probes, metrics, traces, configuration."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from fake_kubernetes import FakeKubernetes, healthy, status
from waiting import eventually

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR",
                                  pathlib.Path(__file__).resolve().parents[2] / ".howdah" / "bin"))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def fetch(address, path):
    """Status and text."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def listening(pid):
    """Ports that a process listens on, as the kernel has it."""
    links = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")}
    ports = []
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
        ports += [int(row[1].rsplit(":", 1)[1], 16) for row in rows
                  if row[3] == "0A" and f"socket:[{row[9]}]" in links]
    return ports


def states(address, path="/health/ready"):
    code, text = fetch(address, path)
    return code, json.loads(text)["checks"]


class Program:
    """One of the programs with an admin listener."""

    def __init__(self, directory, name, *flags):
        self.log_path = os.path.join(directory, name + ".log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(BIN / name), "--announce", "--admin-listen", "0", *flags],
                stdout=subprocess.PIPE, stderr=log)
        self.address = json.loads(self.process.stdout.readline())["listening"][0]
        self.admin = self.logged("admin listening")[0]["address"]

    def logged(self, message):
        with open(self.log_path, encoding="utf-8") as log:
            lines = [json.loads(line) for line in log]  # nothing else is logged
        return [line for line in lines if line["msg"] == message]

    def metrics(self):
        """Sample to value."""
        code, text = fetch(self.admin, "/metrics")
        assert code == 200
        samples = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
        assert len(samples) == len({name for name, _ in samples}), "a sample twice"
        return {name: float(value) for name, value in samples}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


@contextlib.contextmanager
def program(directory, name, *flags):
    running = Program(directory, name, *flags)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@pytest.fixture
def api():
    with FakeKubernetes() as fake:
        fake.answer = healthy("demo")
        yield fake


@pytest.fixture
def backend(api, data_dir):
    with program(data_dir, "howdah-backend", "--kubeconfig", api.kubeconfig, "--listen",
                 "127.0.0.1:0") as running:
        yield running


@pytest.fixture
def adapter(backend, data_dir):
    with program(data_dir, "howdah-mcp", "--transport", "http", "--port", "0", "--backend",
                 backend.address) as running:
        yield running


def call(adapter, method, params=None, **headers):
    return post(adapter, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}},
                **headers)


def post(adapter, body, **headers):
    request = urllib.request.Request(
        f"http://{adapter.address}/mcp", data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "MCP-Protocol-Version": "2025-11-25",
                 "Accept": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_ready_means_that_kubernetes_answers_and_the_cache_is_in_sync(api, backend):
    api.answer = lambda method, path: (503, status(503, "ServiceUnavailable", "starting"), {})
    assert fetch(backend.admin, "/health/live")[0] == 200
    assert fetch(backend.admin, "/health/ready")[0] == 503
    api.answer = healthy("demo")
    eventually(lambda: fetch(backend.admin, "/health/ready")[0] == 200, "the backend is ready")
    assert states(backend.admin)[1] == {"kubernetes": "reachable", "cache": "synced"}
    assert backend.metrics()['howdah_backend_ready{check="cache"}'] == 1

    api.answer = lambda method, path: None
    eventually(lambda: fetch(backend.admin, "/health/ready")[0] == 503, "the loss is noticed")
    assert fetch(backend.admin, "/health/live")[0] == 200
    assert backend.metrics()['howdah_backend_ready{check="kubernetes"}'] == 0
    api.answer = healthy("demo")
    eventually(lambda: fetch(backend.admin, "/health/ready")[0] == 200, "it comes back")


def test_a_right_that_is_missing_is_named(api, backend):
    api.answer = lambda method, path: (403, status(
        403, "Forbidden", "clusters is forbidden: cannot list at the cluster scope"), {})
    eventually(lambda: "may not list" in states(backend.admin)[1].get("cache", "")
               or "forbidden" in states(backend.admin)[1].get("cache", ""), "the reason")
    assert fetch(backend.admin, "/health/ready")[0] == 503


def test_the_mcp_port_knows_about_its_backend(api, backend, adapter):
    eventually(lambda: fetch(adapter.address, "/health/ready")[0] == 200, "all is ready")
    assert states(adapter.address) == (200, {"backend": "ready"})
    assert states(adapter.admin) == (200, {"backend": "ready"})
    api.answer = lambda method, path: None
    eventually(lambda: states(adapter.address) == (503, {"backend": "not ready"}), "Kubernetes")
    backend.stop()
    eventually(lambda: states(adapter.address) == (503, {"backend": "unreachable"}), "its end")
    assert fetch(adapter.address, "/health/live")[0] == 200
    # A load balancer that knows this address only must not send anybody here.
    assert states(adapter.address, "/health") == (503, {"backend": "unreachable"})


def test_a_cache_that_is_not_in_sync_is_told_at_every_door(api, backend, adapter):
    doors = [(adapter.address, "/health/ready"), (adapter.address, "/health"),
             (adapter.admin, "/health/ready")]
    api.answer = lambda method, path: (403, status(403, "Forbidden", "clusters is forbidden"), {})
    eventually(lambda: "clusters" in states(backend.admin)[1].get("cache", ""), "the reason")
    assert states(backend.admin)[0] == 503
    # It is there, and says no.
    assert states(backend.admin)[1]["kubernetes"] == "reachable"
    for door in doors:
        eventually(lambda door=door: states(*door) == (503, {"backend": "not ready"}), str(door))
        assert fetch(door[0], "/health/live")[0] == 200
    api.answer = healthy("demo")
    eventually(lambda: states(backend.admin)[1].get("cache") == "synced", "the cache")
    for door in doors:
        eventually(lambda door=door: states(*door) == (200, {"backend": "ready"}), str(door))


def test_metrics_count_what_happened_under_names_that_we_chose(backend, adapter):
    for _ in range(3):
        call(adapter, "tools/call", {"name": "list_postgres_clusters", "arguments": {}})
    call(adapter, "tools/call", {"name": "get_cluster_status", "arguments": {"name": "absent"}})
    before = adapter.metrics(), backend.metrics()
    for invented in ("evil-1", "evil-2\n", 'evil-"3'):
        with contextlib.suppress(urllib.error.HTTPError):
            call(adapter, invented)
        with contextlib.suppress(urllib.error.HTTPError):
            call(adapter, "tools/call", {"name": invented, "arguments": {}})
    after = adapter.metrics(), backend.metrics()
    assert "evil" not in "".join([*after[0], *after[1]])
    assert after[0]['howdah_mcp_requests_total{method="unknown"}'] == 3
    assert after[0]['howdah_mcp_requests_total{method="tools/call"}'] == 7
    assert set(after[1]) == set(before[1])

    labels = 'service="ClusterService",method="ListClusters"'
    assert after[1][f'howdah_backend_calls_total{{{labels},code="OK"}}'] == 3
    assert after[0][f'howdah_mcp_backend_calls_total{{{labels},code="OK"}}'] == 3
    assert after[1][f"howdah_backend_call_seconds_count{{{labels}}}"] == 3
    assert after[1][f"howdah_backend_call_seconds_sum{{{labels}}}"] > 0
    missed = 'service="ClusterService",method="GetCluster",code="NOT_FOUND"'
    assert after[1][f"howdah_backend_calls_total{{{missed}}}"] == 1
    assert after[1]["process_resident_memory_bytes"] > 1e6


def test_equal_reads_that_arrive_together_are_one_call_of_the_backend(backend, adapter):
    def ask(number, name):
        return {"jsonrpc": "2.0", "id": number, "method": "tools/call",
                "params": {"name": "get_cluster_status", "arguments": {"name": name}}}
    labels = '{service="ClusterService",method="GetCluster",code="OK"}'
    # Of the versions that know batches: what is in one has arrived together.
    answers = post(adapter, [ask(1, "demo"), ask(2, "demo"), ask(3, "demo")],
                   **{"MCP-Protocol-Version": "2025-03-26"})
    assert sorted(answer["id"] for answer in answers) == [1, 2, 3]
    assert all("demo" in answer["result"]["content"][0]["text"] for answer in answers)
    assert adapter.metrics()["howdah_mcp_backend_calls_total" + labels] == 1
    assert backend.metrics()["howdah_backend_calls_total" + labels] == 1
    call(adapter, "tools/call", ask(4, "demo")["params"])
    assert backend.metrics()["howdah_backend_calls_total" + labels] == 2


def test_without_being_asked_for_there_is_no_listener(api, data_dir):
    with open(os.path.join(data_dir, "quiet.log"), "wb") as log:
        quiet = subprocess.Popen([str(BIN / "howdah-backend"), "--kubeconfig", api.kubeconfig,
                                  "--listen", "127.0.0.1:0", "--announce"],
                                 stdout=subprocess.PIPE, stderr=log)
    quiet.stdout.readline()
    assert len(listening(quiet.pid)) == 1
    quiet.terminate()
    assert quiet.wait(30) == 0


@pytest.mark.parametrize("way", ["_meta", "header"])
def test_a_trace_goes_from_the_client_to_kubernetes_and_the_audit(api, backend, adapter, way):
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    params = {"name": "scale_postgres_cluster", "arguments": {"name": "demo", "instances": 2}}
    if way == "_meta":
        call(adapter, "tools/call", {**params, "_meta": {"traceparent": parent}})
    else:
        call(adapter, "tools/call", params, traceparent=parent)
    sent = [trace for method, _, trace in api.traces if method == "PATCH"]
    assert sent
    for trace in sent:
        found = re.fullmatch(f"00-{TRACE}-([0-9a-f]{{16}})-01", trace)
        assert found and found.group(1) != "00f067aa0ba902b7"
    audit = backend.logged("audit")
    assert [line["trace_id"] for line in audit] == [TRACE] and audit[0]["target.name"] == "demo"
