#!/usr/bin/python3
"""Measures the product against its floors and its peer, in one interleaved run.

    ./howdah bench              all of it, printed as tables
    ./howdah bench --quick      a smoke run, for the tests
    ./howdah bench --write      also puts the tables into docs/performance.md

E is a bare Boost.Beast echo, D the direct gRPC call over the backend's Unix
socket. Ratios are taken within a round; the figure is their median, [min-max]
their spread over the rounds. The load client shares the machine's cores.
"""

import argparse
import http.client
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from mcp_client import StdioClient  # noqa: E402

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / "bazel-bin"))
BACKEND = str(BIN / "backend" / "howdah-backend")
ADAPTER = str(BIN / "adapter" / "howdah-mcp")
TOOLS = BIN / "tests" / "benchmarks"
CLUSTER = "cluster-00000"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "get_cluster_status",
                   "arguments": {"name": CLUSTER, "namespace": "default"}}}


class Processes:
    """Starts programs and ends them all, by pid."""

    def __init__(self):
        self._running = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for process in reversed(self._running):
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, *command, env=None):
        """Starts a program and returns it with its first line of output."""
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=env and dict(os.environ, **env))
        self._running.append(process)
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("%s did not start" % command[0])
        return process, line

    def fake_api(self, clusters, directory):
        """A fake Kubernetes API; returns its port and a kubeconfig for it."""
        _, line = self.start(TOOLS / "fake_kube_api", clusters)
        port = int(line)
        path = os.path.join(directory, "kubeconfig-%d" % clusters)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "fake",
                       "clusters": [{"name": "fake", "cluster": {
                           "server": "http://127.0.0.1:%d" % port}}],
                       "users": [{"name": "fake", "user": {}}],
                       "contexts": [{"name": "fake", "context": {
                           "cluster": "fake", "user": "fake", "namespace": "default"}}]}, file)
        return port, path

    def stack(self, kubeconfig, directory):
        """Backend on a Unix socket and the adapter's HTTP door in front of it."""
        socket = "unix:" + os.path.join(directory, "backend-%d.sock" % len(self._running))
        backend, _ = self.start(BACKEND, "--kubeconfig", kubeconfig, "--listen", socket,
                                "--announce")
        adapter, line = self.start(ADAPTER, "--transport", "http", "--port", "0", "--backend",
                                   socket, "--announce")
        return {"socket": socket, "backend": backend.pid, "adapter": adapter.pid,
                "url": json.loads(line)["url"]}


def resident_mb(pid):
    text = open("/proc/%d/status" % pid, encoding="utf-8").read()
    return int(re.search(r"VmRSS:\s*(\d+)", text).group(1)) / 1024


def post(url, body):
    host, path = re.match(r"http://([^/]+)(/.*)", url).groups()
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("POST", path, json.dumps(body), {
        "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25"})
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer)


def wrk(url, body, connections, seconds, directory):
    """Requests per second and p50 in microseconds, by wrk."""
    script = os.path.join(directory, "post.lua")
    with open(script, "w", encoding="utf-8") as file:
        file.write('wrk.method = "POST"\nwrk.body = %s\n'
                   'wrk.headers["Content-Type"] = "application/json"\n'
                   'wrk.headers["Accept"] = "application/json, text/event-stream"\n'
                   'wrk.headers["MCP-Protocol-Version"] = "2025-11-25"\n'
                   % json.dumps(json.dumps(body)))
    done = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--latency",
                           "-s", script, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        raise RuntimeError("errors under load:\n" + done)
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", done).groups()
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)),
            float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit])


def direct(socket, calls):
    return json.loads(subprocess.run(
        [str(TOOLS / "direct_call"), socket, CLUSTER, str(calls)], capture_output=True, text=True,
        check=True).stdout)["p50_us"]


def stdio_p50(client, calls):
    micros = []
    for _ in range(calls):
        begin = time.perf_counter()
        client.call("get_cluster_status", {"name": CLUSTER, "namespace": "default"})
        micros.append((time.perf_counter() - begin) * 1e6)
    return statistics.median(micros)


def spread(values):
    return "%.2f [%.2f-%.2f]" % (statistics.median(values), min(values), max(values))


def one_cluster(options, directory):
    """tools/call of get_cluster_status against E and D."""
    with Processes() as processes:
        _, kubeconfig = processes.fake_api(1, directory)
        stack = processes.stack(kubeconfig, directory)
        answer = post(stack["url"], CALL)
        assert answer["result"]["structuredContent"]["name"] == CLUSTER, answer
        _, line = processes.start(TOOLS / "echo_server", len(json.dumps(answer)))
        echo = "http://127.0.0.1:%d/mcp" % int(line)
        ratios = {"c16": [], "c1": [], "stdio": []}
        absolute = {"E": [], "adapter": [], "D": [], "c1": [], "stdio": []}
        stdio = StdioClient([ADAPTER, "--transport", "stdio", "--backend", stack["socket"]],
                            stderr=subprocess.DEVNULL)
        stdio.initialize()
        for _ in range(options.rounds):
            floor = wrk(echo, CALL, 16, options.seconds, directory)[0]
            ours = wrk(stack["url"], CALL, 16, options.seconds, directory)[0]
            call = direct(stack["socket"], options.calls)
            serial = wrk(stack["url"], CALL, 1, options.seconds, directory)[1]
            line = stdio_p50(stdio, options.calls)
            for key, value in zip(absolute, (floor, ours, call, serial, line)):
                absolute[key].append(value)
            ratios["c16"].append(ours / floor)
            ratios["c1"].append(serial / call)
            ratios["stdio"].append(line / call)
        stdio.close()
        medians = {key: statistics.median(values) for key, values in absolute.items()}
        return [
            ("HTTP, 16 connections: requests/s ÷ E", spread(ratios["c16"]), "≥ 0.40 (aim 0.50)",
             "%.0f/s of %.0f/s" % (medians["adapter"], medians["E"])),
            ("HTTP, 1 connection: p50 ÷ D", spread(ratios["c1"]), "≤ 1.5",
             "%.0f µs of %.0f µs" % (medians["c1"], medians["D"])),
            ("stdio: p50 ÷ D (Python client)", spread(ratios["stdio"]), "≤ 1.3",
             "%.0f µs of %.0f µs" % (medians["stdio"], medians["D"])),
        ]


def memory_and_start(options, directory):
    rows = []
    with Processes() as processes:
        _, kubeconfig = processes.fake_api(1000, directory)
        stack = processes.stack(kubeconfig, directory)
        rows.append(("Resident at start, adapter", "%.1f MB" % resident_mb(stack["adapter"]),
                     "≤ 15 MB", ""))
        rows.append(("Resident at start, backend", "%.1f MB" % resident_mb(stack["backend"]),
                     "≤ 15 MB", ""))
        listing = dict(CALL, params={"name": "list_postgres_clusters",
                                     "arguments": {"namespace": "default", "page_size": 1000}})
        answer = post(stack["url"], listing)
        assert answer["result"]["structuredContent"]["count"] == 1000, str(answer)[:500]
        rows.append(("Resident, backend with 1,000 clusters cached",
                     "%.1f MB" % resident_mb(stack["backend"]), "≤ 30 MB", ""))
        starts = []
        for _ in range(options.starts):
            begin = time.perf_counter()
            client = StdioClient([ADAPTER, "--transport", "stdio", "--spawn-backend", "--",
                                  "--kubeconfig", kubeconfig], stderr=subprocess.DEVNULL)
            client.initialize()
            starts.append((time.perf_counter() - begin) * 1e3)
            client.close()
        rows.append(("Start to first answer on stdio, with spawned backend, ms", spread(starts),
                     "≤ 15 ms", "peer: 47 ms"))
    return rows


def against_peer(options, directory):
    """npm kubernetes-mcp-server on the same fake API, its client limits lifted."""
    peer = options.peer or shutil.which("kubernetes-mcp-server")
    if not peer:
        return [("kubernetes-mcp-server", "not measured: not installed (--peer PATH)", "", "")]
    lifted = {"KUBE_CLIENT_QPS": "1000000", "KUBE_CLIENT_BURST": "1000000"}
    rows = []
    with Processes() as processes:
        port, kubeconfig = processes.fake_api(1000, directory)
        stack = processes.stack(kubeconfig, directory)
        their_port = free_port()
        their = subprocess.Popen(
            [peer, "--port", str(their_port), "--kubeconfig", kubeconfig, "--read-only"],
            env=dict(os.environ, **lifted), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes._running.append(their)
        url = "http://127.0.0.1:%d/mcp" % their_port
        wait_for_port(their_port)
        bench = [sys.executable, str(ROOT.parent / "shared" / "bench" / "mcp_http_bench.py"),
                 "--protocol-version", "2025-06-18", "--runs", "1", "--calls", "0"]

        def throughput(target, tool, arguments, connections):
            done = subprocess.run(bench + [
                "--url", target, "--tool", tool, "--args", json.dumps(arguments), "--connections",
                str(connections), "--duration", str(options.seconds)],
                capture_output=True, text=True, check=True)
            return json.loads(done.stdout)

        def serial(target, tool, arguments, calls):
            done = subprocess.run(bench[:-2] + [
                "--calls", str(calls), "--url", target, "--tool", tool, "--args",
                json.dumps(arguments), "--connections"], capture_output=True, text=True, check=True)
            return json.loads(done.stdout)

        one = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": CLUSTER,
               "namespace": "default"}
        every = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "namespace": "default"}
        ours_one = {"name": CLUSTER, "namespace": "default"}
        ours_all = {"namespace": "default", "page_size": 1000}
        faster, share = [], []
        requests = lambda: int(http_get(port, "/requests"))
        warm = None
        for _ in range(options.rounds):
            theirs = rate(throughput(url, "resources_get", one, 16))
            ours = rate(throughput(stack["url"], "get_cluster_status", ours_one, 16))
            faster.append(ours / theirs)
            their_list = p50(serial(url, "resources_list", every, options.lists))
            before = requests()
            our_list = p50(serial(stack["url"], "list_postgres_clusters", ours_all, options.lists))
            warm = requests() - before
            share.append(our_list / their_list)
        rows.append(("One cluster, 16 connections: throughput ÷ kubernetes-mcp-server",
                     spread(faster), "≥ 15", ""))
        rows.append(("List of 1,000: time ÷ kubernetes-mcp-server", spread(share), "≤ 0.10",
                     "%.1f ms of %.1f ms" % (our_list, their_list)))
        rows.append(("Upstream calls for warm lists", str(warm), "0", ""))
    return rows


def find(document, key):
    if isinstance(document, dict):
        if key in document:
            return document[key]
        document = list(document.values())
    if isinstance(document, list):
        for value in document:
            found = find(value, key)
            if found is not None:
                return found
    return None


def rate(document):
    return float(find(document, "req_per_s") or find(document, "per_s"))


def p50(document):
    return float(find(document, "p50_ms"))


def http_get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse().read()


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    import socket
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nothing listens on port %d" % port)


def table(rows):
    lines = ["| measure | result | aim | of |", "|---|---|---|---|"]
    lines += ["| %s | %s | %s | %s |" % row for row in rows]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="howdah bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peer", help="path of kubernetes-mcp-server")
    options = parser.parse_args()
    options.rounds, options.seconds = (1, 1) if options.quick else (5, 2)
    options.calls, options.starts, options.lists = (200, 3, 3) if options.quick else (3000, 15, 20)
    if not shutil.which("wrk"):
        sys.exit("howdah bench: wrk is not installed; run ./howdah setup")
    with tempfile.TemporaryDirectory() as directory:
        rows = one_cluster(options, directory)
        rows += memory_and_start(options, directory)
        rows += against_peer(options, directory)
    text = table(rows)
    print(text)
    if options.write:
        path = ROOT / "docs" / "performance.md"
        old = path.read_text(encoding="utf-8")
        stamp = "Measured %s on %s, %d cores.\n\n" % (
            time.strftime("%Y-%m-%d"), platform.platform(), os.cpu_count())
        begin, end = "<!-- bench begin -->\n", "<!-- bench end -->"
        head, tail = old.split(begin)[0], old.split(end)[1]
        path.write_text(head + begin + stamp + text + "\n" + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
