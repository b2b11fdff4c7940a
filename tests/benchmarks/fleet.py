"""Ten thousand clusters, while fifty of them change every second.

    ./howdah bench --fleet          one table; --write puts it into docs/performance.md

A fake Kubernetes API holds 10,000 Clusters of 8 KB in 100 namespaces. Measured are the
first sync against curl's time for the same pages, the cache's memory, pages and the whole
list over gRPC, how soon a change is in an answer, also after the API server has
forgotten where the watch was, and kubernetes-mcp-server on the same API.
"""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import time

from http_load import HttpCaller
from processes import TOOLS, Processes, free_port, resident_mb, spread, wait_for_port

CLUSTERS, NAMESPACES, BYTES = 10000, 100, 8192
CHURN = 50
PAGE = 500  # of the reflector's list
LIST_PATH = "/apis/postgresql.cnpg.io/v1/clusters"
# client-go's own limit of 5 calls a second would be all that is measured.
UNLIMITED = {"KUBE_CLIENT_QPS": "1000000", "KUBE_CLIENT_BURST": "1000000"}


def namespace_of(number):
    return "team-%03d" % (number * NAMESPACES // CLUSTERS)


def name_of(number):
    return "cluster-%05d" % number


def tell(port, path):
    """Has something happen at the fake API."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path)
    connection.getresponse().read()
    connection.close()


def requests_of(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/requests")
    return int(connection.getresponse().read())


def download(port):
    """Seconds that curl takes for all pages, one after the other."""
    urls = ["http://127.0.0.1:%d%s?limit=%d&continue=%d" % (port, LIST_PATH, PAGE, begin)
            for begin in range(0, CLUSTERS, PAGE)]
    begin = time.perf_counter()
    subprocess.run(["curl", "-sf", "-o", os.devnull, *urls], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def first_sync(kubeconfig, directory, port):
    """Seconds until a fresh backend answers from its cache, and its memory then."""
    with Processes() as processes:
        stack = processes.stack(kubeconfig, directory)
        caller = HttpCaller(stack["url"])
        before = requests_of(port)
        begin = time.perf_counter()
        answer, _ = caller.call("list_postgres_clusters", {"namespace": "*", "page_size": 1})
        seconds = time.perf_counter() - begin
        assert answer["structuredContent"]["next_page_token"], answer
        # Pages, discovery and the watch; not a list beside the cache's own.
        assert requests_of(port) - before < CLUSTERS // PAGE + 10
        return seconds, resident_mb(stack["backend"])


def fleet(socket, namespace, page_size, name_contains, rounds):
    return json.loads(subprocess.run(
        [str(TOOLS / "fleet_call"), socket, namespace, str(page_size), name_contains, str(rounds)],
        capture_output=True, text=True, check=True).stdout)


def until_seen(caller, number, ready):
    """Milliseconds until an answer shows the cluster's ready instances."""
    begin = time.perf_counter()
    while True:
        answer, _ = caller.call("get_cluster_status", {
            "name": name_of(number), "namespace": namespace_of(number)})
        if answer["structuredContent"]["ready_instances"] == ready:
            return (time.perf_counter() - begin) * 1e3


def change_until_seen(caller, port, number):
    tell(port, "/change/%d/1" % number)
    return until_seen(caller, number, 1)


def whole_list(caller):
    """Seconds for all clusters as a model gets them, in pages of 1,000."""
    begin, token, count = time.perf_counter(), None, 0
    while True:
        arguments = {"namespace": "*", "page_size": 1000}
        if token:
            arguments["page_token"] = token
        answer, _ = caller.call("list_postgres_clusters", arguments)
        count += answer["structuredContent"]["count"]
        token = answer["structuredContent"].get("next_page_token")
        if not token:
            assert count == CLUSTERS, count
            return time.perf_counter() - begin


def beside_peer(peer, directory, rounds):
    """All in one namespace: without one, kubernetes-mcp-server lists the context's."""
    if not peer:
        return [("kubernetes-mcp-server", "not measured: not installed (--peer PATH)", "", "")]
    with Processes() as processes:
        _, kubeconfig = processes.fake_api(CLUSTERS, directory, 1, BYTES)
        ours = HttpCaller(processes.stack(kubeconfig, directory)["url"])
        their_port = free_port()
        processes.adopt(subprocess.Popen(
            [peer, "--port", str(their_port), "--kubeconfig", kubeconfig, "--read-only"],
            env=dict(os.environ, **UNLIMITED), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))
        wait_for_port(their_port)
        theirs = HttpCaller("http://127.0.0.1:%d/mcp" % their_port)
        theirs.initialize()
        kind = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "namespace": "default"}
        one = {"name": name_of(5000), "namespace": "default"}
        their_list, _ = theirs.call("resources_list", kind)
        assert their_list["content"][0]["text"].count("\n") >= CLUSTERS
        whole_list(ours)
        rows = []
        for what, our_call, their_call in (
                ("All of them", lambda: whole_list(ours),
                 lambda: theirs.call("resources_list", kind)[1]),
                ("One of them", lambda: ours.call("get_cluster_status", one)[1],
                 lambda: theirs.call("resources_get", dict(kind, **one))[1])):
            times = [(our_call(), their_call()) for _ in range(rounds)]
            rows.append(("%s, HTTP: time ÷ kubernetes-mcp-server" % what,
                         spread([mine / other for mine, other in times], 3), "",
                         "%.2f ms of %.2f ms" % tuple(
                             statistics.median(column) * 1e3 for column in zip(*times))))
        return rows


def measure(options, directory):
    rounds = 2 if options.quick else 5
    with Processes() as processes:
        _, one_kubeconfig = processes.fake_api(1, directory)
        alone = processes.stack(one_kubeconfig, directory)
        HttpCaller(alone["url"]).call("list_postgres_clusters", {"namespace": "*"})
        without = resident_mb(alone["backend"])
        port, kubeconfig = processes.fake_api(CLUSTERS, directory, NAMESPACES, BYTES)
        download(port)
        syncs, curls = [], []
        # What takes 70 ms is at the mercy of its moment.
        for _ in range(4 * rounds):
            curls.append(download(port))
            seconds, held = first_sync(kubeconfig, directory, port)
            syncs.append(seconds)
        rows = [
            ("First sync of %s clusters (%.0f MB) ÷ curl" % (
                f"{CLUSTERS:,}", CLUSTERS * BYTES / 1e6),
             spread([ours / curl for ours, curl in zip(syncs, curls)]), "≤ 3",
             "%.0f ms of %.0f ms" % (statistics.median(syncs) * 1e3,
                                     statistics.median(curls) * 1e3)),
            ("Backend's memory for each cluster cached",
             "%.1f KB" % ((held - without) * 1024 / (CLUSTERS - 1)), "≤ 4 KB",
             "%.0f MB, %.0f MB with one" % (held, without)),
        ]
        stack = processes.stack(kubeconfig, directory)
        caller = HttpCaller(stack["url"])
        whole_list(caller)
        tell(port, "/churn/%d" % CHURN)
        page = fleet(stack["socket"], "*", 100, "", rounds)
        whole = fleet(stack["socket"], "*", 1000, "", rounds)
        named = fleet(stack["socket"], "*", 100, "499", rounds * 20)
        spaced = fleet(stack["socket"], namespace_of(5000), 100, "", rounds * 20)
        assert (page["clusters"], whole["clusters"], named["clusters"], spaced["clusters"]) == (
            CLUSTERS, CLUSTERS, 20, CLUSTERS // NAMESPACES), (page, whole, named, spaced)
        for what, result, aim in (("Page of 100", page, "≤ 1 ms"),
                                  ("Names that contain a text, of all", named, ""),
                                  ("One namespace of 100", spaced, "")):
            rows.append(("%s, gRPC: p50 / p99" % what, "%.2f / %.2f ms" % (
                result["page_p50_us"] / 1e3, result["page_p99_us"] / 1e3), aim, ""))
        rows.append(("All of them, gRPC, ten pages", "%.0f ms" % whole["round_ms"], "≤ 150 ms",
                     ""))
        seen = sorted(change_until_seen(caller, port, number)
                      for number in range(13, CLUSTERS, CLUSTERS // (20 * rounds)))
        rows.append(("A change at the API server is in an answer: p50 / p99", "%.1f / %.1f ms" % (
            seen[len(seen) // 2], seen[len(seen) * 99 // 100]), "", ""))
        tell(port, "/expire")
        rows.append(("The same, after the watch has expired (list again)", "%.0f ms" % (
            change_until_seen(caller, port, 4711)), "", ""))
    return rows + beside_peer(options.peer or shutil.which("kubernetes-mcp-server"), directory,
                              rounds)
