"""The product's stack with the suite's fixtures: every scenario, scored or not, over
HTTP and, through a bridge as the suite speaks HTTP alone, over stdio."""

import contextlib
import os
import pathlib
import subprocess
import threading
import time

import pytest

import peers
from suite import SETS, Suite, cases

FIXTURE_SERVER = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR") or peers.ROOT / ".howdah" / "bin",
                              "fixture_server")


# What the bridge does itself, or keeps from one process by starting one for each
# request: HTTP's own rules, its streams, and tasks, which outlive their request.
BRIDGED = ("dns-rebinding-protection", "server-sse-polling", "tasks-")


def is_ours(scenario):
    return not scenario.startswith(BRIDGED)


def is_about_other_requests(check):
    """A change that another request, so another process, has made."""
    return check["id"].endswith("-list-changed-on-subscription")


@contextlib.contextmanager
def over_http():
    server = subprocess.Popen([FIXTURE_SERVER, "http"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        assert server.wait(30) == 0


@contextlib.contextmanager
def over_stdio(revision, folder):
    """supergateway in front; one process for a session, or for each request."""
    port = folder / "port"
    environment = dict(peers.node_environment(), LOOPBACK_PORT_FILE=str(port),
                       NODE_OPTIONS="--require %s" % peers.LOOPBACK)
    sessions = [] if revision == "2026-07-28" else ["--stateful", "--sessionTimeout", "60000"]
    gateway = subprocess.Popen(
        ["node", peers.npm_program("supergateway"), "--stdio", "%s stdio" % FIXTURE_SERVER,
         "--outputTransport", "streamableHttp", "--streamableHttpPath", "/mcp", "--logLevel",
         "none", *sessions], env=environment, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not port.exists():
            assert gateway.poll() is None and time.monotonic() < deadline
            threading.Event().wait(0.05)
        yield "http://127.0.0.1:%s/mcp" % port.read_text(encoding="utf-8")
    finally:
        gateway.terminate()
        gateway.wait(30)


@pytest.fixture(scope="module")
def http_results():
    with over_http() as url:
        return {revision: Suite().run(url, revision) for revision in SETS}


@pytest.fixture(scope="module")
def stdio_results(tmp_path_factory):
    results = {}
    for revision in SETS:
        with over_stdio(revision, tmp_path_factory.mktemp("gateway")) as url:
            results[revision] = Suite().run(url, revision)
    return results


@pytest.mark.parametrize("revision, scenario", cases())
def test_over_http(http_results, revision, scenario):
    assert http_results[revision].complaints(scenario) == []


@pytest.mark.parametrize("revision, scenario", cases(is_ours))
def test_over_stdio(stdio_results, revision, scenario):
    assert stdio_results[revision].complaints(scenario, excuse=is_about_other_requests) == []
