#!/usr/bin/python3
"""What lists of 10,000 clusters cost with and without --several-replicas, on a real API
server, beside the same requests made by nobody but this script.

    ./howdah build && HOWDAH_BIN_DIR=.howdah/bin tests/benchmarks/replica_lists.py

Needs Go and the programs of `./howdah bench`. Prints the rows of docs/performance.md.
"""

import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "e2e" / "kubernetes")]

from processes import BACKEND, TOOLS, Processes, free_port  # noqa: E402
from real_kubernetes import RELEASES, RealKubernetes  # noqa: E402
from waiting import eventually  # noqa: E402

CLUSTERS, NAMESPACES, BYTES = 10000, 100, 8192
LIST = "/apis/postgresql.cnpg.io/v1/clusters"
MODES = {"from the cache": [], "--several-replicas": ["--several-replicas"]}
# What is asked for: namespace, page size, text in the name, rounds over all of it.
QUESTIONS = {
    "Page of 50: p50 / p99": ("*", 50, "", 1),
    "Page of 50 of one namespace: p50 / p99": ("team-050", 50, "", 50),
    "Names that contain a text, of all: p50 / p99": ("*", 50, "0499", 5),
    "All of them, in pages of 1,000": ("*", 1000, "", 5),
}


def fill(plane):
    """Clusters of 8 KB, as the API server writes them."""
    for number in range(NAMESPACES):
        plane.install({"apiVersion": "v1", "kind": "Namespace",
                       "metadata": {"name": "team-%03d" % number}})

    def make(number, text):
        space = "team-%03d" % (number * NAMESPACES // CLUSTERS)
        status, made = plane.admin.request(
            "POST", "/apis/postgresql.cnpg.io/v1/namespaces/%s/clusters" % space,
            {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
             "metadata": {"name": "cluster-%05d" % number, "namespace": space,
                          "annotations": {"example.com/notes": "x" * text}},
             "spec": {"instances": 3, "storage": {"size": "10Gi"}}})
        assert status == 201, made
        return len(json.dumps(made, separators=(",", ":")))

    rest = BYTES - make(0, 0)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: make(number, rest), range(1, CLUSTERS)))


def bare_pages(plane, limit):
    """Seconds for each page, asked for over one connection as nobody reads them."""
    connection, token, seconds = plane.admin.connect(), "", []
    while True:
        begin = time.perf_counter()
        connection.request("GET", "%s?limit=%d&continue=%s" % (
            LIST, limit, urllib.parse.quote(token)), headers=plane.admin.credentials)
        text = connection.getresponse().read()
        seconds.append(time.perf_counter() - begin)
        token = json.loads(text)["metadata"].get("continue")
        if not token:
            connection.close()
            return seconds


def ask(socket, question):
    return json.loads(subprocess.run(
        [str(TOOLS / "fleet_call"), socket, *map(str, question)], stdout=subprocess.PIPE,
        text=True, check=True).stdout)


def is_ready(admin):
    try:
        with urllib.request.urlopen("http://%s/health/ready" % admin) as answer:
            return answer.status == 200
    except OSError:
        return False


def main():
    with tempfile.TemporaryDirectory() as directory, RealKubernetes(
            RELEASES[0]) as plane, Processes() as processes:
        fill(plane)
        config = plane.kubeconfig("lists", token=plane.deployed("rbac-edit.yaml"))
        sockets = {}
        for mode, flags in MODES.items():
            sockets[mode] = "unix:%s/%d.sock" % (directory, len(sockets))
            admin = "127.0.0.1:%d" % free_port()
            processes.start(BACKEND, "--kubeconfig", config, "--listen", sockets[mode],
                            "--admin-listen", admin, "--announce", *flags)
            eventually(lambda admin=admin: is_ready(admin), "the cache is filled", 120)
        bare = sorted(bare_pages(plane, 50))
        whole = [sum(bare_pages(plane, 500)) for _ in range(3)]
        print("| The API server alone: page of 50, p50 / p99 | %.1f / %.1f ms |" % (
            bare[len(bare) // 2] * 1e3, bare[len(bare) * 99 // 100] * 1e3))
        print("| The API server alone: all of them, in pages of 500 | %.0f ms |" % (
            statistics.median(whole) * 1e3))
        print("| over gRPC | %s |" % " | ".join(MODES))
        for what, question in QUESTIONS.items():
            cells = []
            for mode in MODES:
                told = ask(sockets[mode], question)
                cells.append("%.2f / %.2f ms" % (
                    told["page_p50_us"] / 1e3, told["page_p99_us"] / 1e3)
                    if "p50" in what else "%.0f ms" % told["round_ms"])
            print("| %s | %s |" % (what, " | ".join(cells)), flush=True)
        print("load of the machine at the end: %.1f" % os.getloadavg()[0])


if __name__ == "__main__":
    main()
