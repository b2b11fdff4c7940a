"""The programs that a benchmark runs: ours, the floors, the fake Kubernetes API.

    with Processes() as processes:
        _, kubeconfig = processes.fake_api(1000, directory)
        stack = processes.stack(kubeconfig, directory)
        stack["url"], stack["socket"], resident_mb(stack["adapter"])
"""

import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where the launcher puts them, or else Bazel.
_INSTALLED = os.environ.get("HOWDAH_BIN_DIR")
_BIN = pathlib.Path(_INSTALLED or ROOT / "bazel-bin")
BACKEND = str(_BIN / ("" if _INSTALLED else "backend") / "howdah-backend")
ADAPTER = str(_BIN / ("" if _INSTALLED else "adapter") / "howdah-mcp")
TOOLS = _BIN / ("benchmarks" if _INSTALLED else "tests/benchmarks")
CLUSTER = "cluster-00000"
STATUS = ("get_cluster_status", {"name": CLUSTER, "namespace": "default"})
LISTING = ("list_postgres_clusters", {"namespace": "default", "page_size": 1000})


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

    def adopt(self, process):
        self._running.append(process)

    def fake_api(self, clusters, directory, *shape):
        """A fake Kubernetes API; returns its port and a kubeconfig for it.

        `shape`: number of namespaces, bytes of each cluster.
        """
        _, line = self.start(TOOLS / "fake_kube_api", clusters, *shape)
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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise RuntimeError("nothing listens on port %d" % port)


def spread(values, digits=2):
    """Median, least and most, as tables have them."""
    return "%.*f [%.*f-%.*f]" % tuple(
        part for value in (statistics.median(values), min(values), max(values))
        for part in (digits, value))
