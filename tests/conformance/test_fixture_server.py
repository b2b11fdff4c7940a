"""The product's stack with the suite's fixtures: every scenario, scored or not, over
HTTP and, through bridges as the suite speaks HTTP alone, over stdio."""

import contextlib
import os
import pathlib
import subprocess
import threading
import time

import pytest

import peers
from stdio_bridge import stdio_bridge
from suite import SETS, Suite, cases

FIXTURE_SERVER = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR") or peers.ROOT / ".howdah" / "bin",
                              "fixture_server")


# HTTP's own: who may reach a port, streams that break and go on, and headers that
# repeat what a task's message says. Over stdio there are none of them.
OF_HTTP_ALONE = ("dns-rebinding-protection", "server-sse-polling", "tasks-request-headers")
# supergateway starts a process for each request of the new era; these need one that
# stays, behind a bridge of our own.
NEED_ONE_PROCESS = ("tasks-",)


def is_bridged(scenario):
    return not scenario.startswith(OF_HTTP_ALONE + NEED_ONE_PROCESS)


def needs_one_process(scenario):
    return scenario.startswith(NEED_ONE_PROCESS) and scenario not in OF_HTTP_ALONE


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


@pytest.mark.parametrize("revision, scenario", cases(is_bridged))
def test_over_stdio(stdio_results, revision, scenario):
    assert stdio_results[revision].complaints(scenario, excuse=is_about_other_requests) == []


@pytest.mark.parametrize("revision, scenario", cases(needs_one_process))
def test_over_stdio_in_one_process(revision, scenario):
    with stdio_bridge([FIXTURE_SERVER, "stdio"]) as url:
        assert Suite().run_scenario(url, scenario, revision).complaints(scenario) == []


def test_changes_made_by_other_requests_over_stdio():
    with stdio_bridge([FIXTURE_SERVER, "stdio"]) as url:
        results = Suite().run_scenario(url, "server-stateless", "2026-07-28")
    checked = [check for check in results.checks("server-stateless")
               if is_about_other_requests(check)]
    assert len(checked) == 2
    assert [check["status"] for check in checked] == ["SUCCESS"] * 2, checked
