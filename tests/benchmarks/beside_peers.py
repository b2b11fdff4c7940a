"""Howdah beside other MCP servers, all in one run by the same drivers.

    ./howdah bench --peers          one table; --write puts it into docs/performance.md

Howdah and kubernetes-mcp-server get one cluster of 1,000 from a fake Kubernetes API;
the others answer a fixed text from memory, which is the least that their frameworks
can do. The drivers are mcp_stdio_bench.py and mcp_http_bench.py; where one meets an
error under load, the table says so in place of a figure.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import typing

import peers
from processes import (ADAPTER, CLUSTER, STATUS, Processes, free_port, resident_mb,
                       wait_for_port)

HERE = pathlib.Path(__file__).resolve().parent
NPM = (HERE / "peers" / "package.json").read_text(encoding="utf-8")
FASTMCP = "fastmcp==3.4.10"
RUNS, CALLS = 3, 500
CONNECTIONS = (1, 16, 64, 1000)
# client-go's own limit of 5 calls a second would be all that is measured.
UNLIMITED = {"KUBE_CLIENT_QPS": "1000000", "KUBE_CLIENT_BURST": "1000000"}
HEAD = ("| server | start ms | memory MB, idle | stdio p50 / p99 ms | stdio, 16 in flight /s | "
        "HTTP p50 / p99 ms | %s | memory MB, after |"
        % " | ".join("HTTP %s /s" % f"{c:,}" for c in CONNECTIONS))


@dataclasses.dataclass
class Server:
    name: str
    tool: str
    arguments: dict
    stdio: list
    # (processes, directory) -> (url, process ids whose memory counts)
    http: typing.Callable
    environment: dict = dataclasses.field(default_factory=dict)


def _on_port(command, environment=None):
    """Starts a server that takes its port as its last argument."""
    def start(processes, _):
        port = free_port()
        process = subprocess.Popen([*map(str, command), str(port)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, **environment or {}))
        processes.adopt(process)
        wait_for_port(port)
        return "http://127.0.0.1:%d/mcp" % port, [process.pid]
    return start


def _on_loopback(command, environment):
    """Starts a Node server that would listen on all interfaces."""
    def start(processes, directory):
        file = pathlib.Path(directory, "port-%d" % time.monotonic_ns())
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(environment, NODE_OPTIONS="--require %s" % peers.LOOPBACK,
                     LOOPBACK_PORT_FILE=str(file)))
        processes.adopt(process)
        deadline = time.monotonic() + 30
        while not file.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("%s does not listen" % command)
            threading.Event().wait(0.02)
        return "http://127.0.0.1:%s/mcp" % file.read_text(encoding="utf-8"), [process.pid]
    return start


def servers(kubeconfig):
    modules = peers.npm(NPM)
    node = dict(peers.node_environment(), NPM=str(modules.parent) + "/")
    python, with_fastmcp = peers.python_with(FASTMCP)
    everything = ["node", modules / "@modelcontextprotocol/server-everything/dist/index.js"]
    npm_server = ["node", HERE / "peers" / "fastmcp_npm.mjs"]
    pypi_server = [python, HERE / "peers" / "fastmcp_pypi.py"]
    # The program itself: npm's wrapper of it starts later and holds 40 MB more.
    go = "kubernetes-mcp-server-linux-amd64"
    go_server = [modules / go / "bin" / go, "--kubeconfig", kubeconfig, "--read-only"]

    def howdah(processes, directory):
        stack = processes.stack(kubeconfig, directory)
        return stack["url"], [stack["adapter"], stack["backend"]]

    return [
        Server("howdah (adapter and backend)", *STATUS,
               [ADAPTER, "--transport", "stdio", "--spawn-backend", "--", "--kubeconfig",
                kubeconfig], howdah),
        Server("kubernetes-mcp-server (Go)", "resources_get",
               {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "namespace": "default",
                "name": CLUSTER},
               go_server, _on_port([*go_server, "--port"], {**node, **UNLIMITED}),
               {**node, **UNLIMITED}),
        Server("server-everything (npm)", "echo", {"message": "hello"}, [*everything, "stdio"],
               _on_loopback([*everything, "streamableHttp"], node), node),
        Server("fastmcp (npm)", "get_cluster", {}, [*npm_server, "stdio"],
               _on_loopback([*npm_server, "http"], node), node),
        Server("fastmcp (PyPI)", "get_cluster", {}, [*pypi_server, "stdio"],
               _on_port([*pypi_server, "http"], with_fastmcp), with_fastmcp),
    ]


def drive(driver, *arguments, environment=None):
    done = subprocess.run([sys.executable, str(driver), *map(str, arguments)], check=False,
                          capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError("%s: %s" % (driver.name, done.stdout + done.stderr))
    return json.loads(done.stdout)


def _rate(web, count):
    """Answers per second; a server that began to refuse has none to compare."""
    if any(line.startswith("%d connections:" % count) for line in web.get("suspect", ())):
        return "errors"
    return "%d" % web["c%d" % count]["per_s"]


def measure(server, options, processes, directory):
    """One row of the table."""
    call = ("--tool", server.tool, "--args", json.dumps(server.arguments), "--runs", RUNS,
            "--calls", CALLS)
    pipe = drive(options.drivers / "mcp_stdio_bench.py", *call, "--inflight", 16, "--list-calls", 0, "--",
                 *server.stdio, environment=dict(os.environ, **server.environment))
    url, pids = server.http(processes, directory)
    web = drive(options.drivers / "mcp_http_bench.py", *call, "--url", url, "--duration", 1.5,
                "--connections", *CONNECTIONS)
    cells = [server.name, "%.0f" % pipe["startup_ms"],
             "%.0f" % (pipe["memory_start"]["rss_kb"] / 1024),
             "%.2f / %.2f" % (pipe["call"]["p50_ms"], pipe["call"]["p99_ms"]),
             "%d" % pipe["pipelined_16"]["per_s"],
             "%.2f / %.2f" % (web["serial"]["p50_ms"], web["serial"]["p99_ms"])]
    cells += [_rate(web, count) for count in CONNECTIONS]
    cells.append("%.0f" % sum(map(resident_mb, pids)))
    return "| %s |" % " | ".join(cells)


def table(options):
    """The table as Markdown."""
    lines = [HEAD, "|---|" + "---|" * (HEAD.count("|") - 2)]
    with tempfile.TemporaryDirectory() as directory, Processes() as processes:
        _, kubeconfig = processes.fake_api(1000, directory)
        for server in servers(kubeconfig):
            if options.only in server.name:
                lines.append(measure(server, options, processes, directory))
    return "\n".join(lines)
