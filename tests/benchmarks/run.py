#!/usr/bin/python3
"""Measures the product against its floors and its peer, in one interleaved run.

    ./howdah bench              all of it, printed as tables
    ./howdah bench --peers      other MCP servers beside it (beside_peers.py)
    ./howdah bench --fleet      ten thousand clusters (fleet.py)
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
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import beside_peers  # noqa: E402
import fleet  # noqa: E402
from http_load import HttpCaller  # noqa: E402
from mcp_client import StdioClient  # noqa: E402
from processes import (  # noqa: E402
    ADAPTER, BACKEND, CLUSTER, LISTING, STATUS, TOOLS, Processes, free_port, resident_mb,
    spread, wait_for_port)


def direct(socket, calls):
    return json.loads(subprocess.run(
        [str(TOOLS / "direct_call"), socket, CLUSTER, str(calls)], capture_output=True, text=True,
        check=True).stdout)["p50_us"]


def through_stdio(socket, calls):
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                       "params": {"name": STATUS[0], "arguments": STATUS[1]}})
    return json.loads(subprocess.run(
        [str(TOOLS / "stdio_call"), str(calls), line, ADAPTER, "--transport", "stdio", "--backend",
         socket], capture_output=True, text=True, check=True).stdout)["p50_us"]


def one_cluster(options, directory):
    """tools/call of get_cluster_status against E and D."""
    with Processes() as processes:
        _, kubeconfig = processes.fake_api(16, directory)
        stack = processes.stack(kubeconfig, directory)
        caller = HttpCaller(stack["url"])
        others = [dict(STATUS[1], name="cluster-%05d" % i) for i in range(1, 16)]
        for other in others:
            caller.call(STATUS[0], other)
        answer, _ = caller.call(*STATUS)
        assert answer["structuredContent"]["name"] == CLUSTER, answer
        # E answers with as many bytes.
        _, line = processes.start(TOOLS / "echo_server",
                                  len(json.dumps(answer, separators=(",", ":"))))
        echo = "http://127.0.0.1:%d/mcp" % int(line)
        ratios = {"c16": [], "others": [], "c1": [], "stdio": []}
        absolute = {"E": [], "adapter": [], "others": [], "D": [], "c1": [], "stdio": []}
        for _ in range(options.rounds):
            floor = caller.load(*STATUS, 16, options.seconds, url=echo)[0]
            ours = caller.load(*STATUS, 16, options.seconds)[0]
            apart = caller.load(*STATUS, 16, options.seconds, others=others)[0]
            call = direct(stack["socket"], options.calls)
            serial = caller.load(*STATUS, 1, options.seconds)[1]
            line = through_stdio(stack["socket"], options.calls)
            for key, value in zip(absolute, (floor, ours, apart, call, serial, line)):
                absolute[key].append(value)
            ratios["c16"].append(ours / floor)
            ratios["others"].append(apart / floor)
            ratios["c1"].append(serial / call)
            ratios["stdio"].append(line / call)
        medians = {key: statistics.median(values) for key, values in absolute.items()}
        return [
            ("HTTP, 16 connections: requests/s ÷ E", spread(ratios["c16"]), "≥ 0.40 (aim 0.50)",
             "%.0f/s of %.0f/s" % (medians["adapter"], medians["E"])),
            ("The same, about 16 clusters in turn", spread(ratios["others"]), "",
             "%.0f/s" % medians["others"]),
            ("HTTP, 1 connection: p50 ÷ D", spread(ratios["c1"]), "≤ 1.5",
             "%.0f µs of %.0f µs" % (medians["c1"], medians["D"])),
            ("stdio: p50 ÷ D", spread(ratios["stdio"]), "≤ 1.3",
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
        caller = HttpCaller(stack["url"])
        answer, _ = caller.call(*LISTING)
        assert answer["structuredContent"]["count"] == 1000, str(answer)[:500]
        rows.append(("Resident, backend with 1,000 clusters cached",
                     "%.1f MB" % resident_mb(stack["backend"]), "≤ 30 MB", ""))
        # --spawn-backend takes the backend that lies beside the adapter.
        adapter, _ = (shutil.copy(program, directory) for program in (ADAPTER, BACKEND))
        starts, calls = [], []
        for _ in range(options.starts):
            begin = time.perf_counter()
            client = StdioClient([adapter, "--transport", "stdio", "--spawn-backend", "--",
                                  "--kubeconfig", kubeconfig], stderr=subprocess.DEVNULL)
            client.initialize()
            starts.append((time.perf_counter() - begin) * 1e3)
            client.call(*STATUS)
            calls.append((time.perf_counter() - begin) * 1e3)
            client.close()
        rows.append(("Start to first answer on stdio, with spawned backend, ms", spread(starts),
                     "≤ 15 ms", "peer: 47 ms"))
        rows.append(("Start to first cluster, read from Kubernetes, ms", spread(calls), "", ""))
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
        processes.adopt(subprocess.Popen(
            [peer, "--port", str(their_port), "--kubeconfig", kubeconfig, "--read-only"],
            env=dict(os.environ, **lifted), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for_port(their_port)
        ours, theirs = (HttpCaller(url) for url in (
            stack["url"], "http://127.0.0.1:%d/mcp" % their_port))
        theirs.initialize()
        ours.call(*LISTING)
        their_kind = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
                      "namespace": "default"}
        faster, share, seconds = [], [], {"ours": [], "theirs": []}
        upstream_calls = 0
        for _ in range(options.rounds):
            their_rate = theirs.load("resources_get", dict(their_kind, name=CLUSTER), 16,
                                     options.seconds)[0]
            faster.append(ours.load(*STATUS, 16, options.seconds)[0] / their_rate)
            their_time = median_time(theirs, ("resources_list", their_kind), options.lists)
            requests_before = int(http_get(port, "/requests"))
            our_time = median_time(ours, LISTING, options.lists)
            upstream_calls += int(http_get(port, "/requests")) - requests_before
            share.append(our_time / their_time)
            seconds["ours"].append(our_time)
            seconds["theirs"].append(their_time)
        rows.append(("One cluster, 16 connections: throughput ÷ kubernetes-mcp-server",
                     spread(faster, 1), "≥ 15", ""))
        rows.append(("List of 1,000: time ÷ kubernetes-mcp-server", spread(share, 3), "≤ 0.10",
                     "%.1f ms of %.1f ms" % tuple(
                         statistics.median(seconds[key]) * 1e3 for key in ("ours", "theirs"))))
        rows.append(("Upstream calls for warm lists", str(upstream_calls), "0", ""))
    return rows


def median_time(caller, call, times):
    return statistics.median(caller.call(*call)[1] for _ in range(times))


def http_get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    return connection.getresponse().read()


def table(rows):
    lines = ["| measure | result | aim | of |", "|---|---|---|---|"]
    lines += ["| %s | %s | %s | %s |" % row for row in rows]
    return "\n".join(lines)


def write(marker, text, load):
    """Puts a table between its two marks in docs/performance.md."""
    path = ROOT / "docs" / "performance.md"
    stamp = "Measured %s on %s, %d cores; load of other work when it began: %.1f.\n\n" % (
        time.strftime("%Y-%m-%d"), platform.platform(), os.cpu_count(), load)
    begin, end = ("<!-- %s %s -->" % (marker, which) for which in ("begin", "end"))
    head, _, rest = path.read_text(encoding="utf-8").partition(begin + "\n")
    _, _, tail = rest.partition(end)
    path.write_text(head + begin + "\n" + stamp + text + "\n" + end + tail, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="howdah bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--peer", help="path of kubernetes-mcp-server")
    parser.add_argument("--peers", action="store_true", help="install and measure other servers")
    parser.add_argument("--fleet", action="store_true", help="measure ten thousand clusters")
    parser.add_argument("--only", default="", help="with --peers: servers whose name contains it")
    parser.add_argument("--drivers", type=pathlib.Path, default=ROOT.parent / "shared" / "bench",
                        help="folder of mcp_stdio_bench.py and mcp_http_bench.py")
    options = parser.parse_args()
    options.rounds, options.seconds = (1, 1) if options.quick else (5, 2)
    options.calls, options.starts, options.lists = (200, 3, 3) if options.quick else (3000, 15, 20)
    if not shutil.which("wrk"):
        sys.exit("howdah bench: wrk is not installed; run ./howdah setup")
    load = os.getloadavg()[0]
    if options.peers:
        if not options.drivers.is_dir():
            sys.exit("howdah bench: no drivers in %s (--drivers)" % options.drivers)
        marker, text = "peers", beside_peers.table(options)
    elif options.fleet:
        with tempfile.TemporaryDirectory() as directory:
            marker, text = "fleet", table(fleet.measure(options, directory))
    else:
        with tempfile.TemporaryDirectory() as directory:
            rows = one_cluster(options, directory)
            rows += memory_and_start(options, directory)
            rows += against_peer(options, directory)
        marker, text = "bench", table(rows)
    print(text)
    if options.write:
        write(marker, text, load)


if __name__ == "__main__":
    main()
