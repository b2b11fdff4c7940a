"""Many rude clients at once, for builds with sanitizers: against the adapter's stack
with fixtures, and against the product with a backend that asks for tokens.

    ./howdah test --load [SECONDS]      builds with ASan and UBSan, and runs this

LOAD_SECONDS (10) and LOAD_CLIENTS (200) say how much, HOWDAH_BIN_DIR what. A finding of
a sanitizer ends the program, or makes it end with another code than 0.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from fake_issuer import FakeIssuer  # noqa: E402
from fake_kubernetes import FakeKubernetes, healthy  # noqa: E402

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR") or ROOT / ".howdah" / "bin")
SECONDS = float(os.environ.get("LOAD_SECONDS", "10"))
CLIENTS = int(os.environ.get("LOAD_CLIENTS", "200"))
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}},
              "clientInfo": {"name": "load", "version": "1"}}


class Client:
    """One connection that is opened again whenever it was cut."""

    def __init__(self, port, seed, tokens=()):
        self._port = port
        self.random = random.Random(seed)
        self._headers = {}
        if tokens:
            self._headers["Authorization"] = "Bearer " + self.random.choice(tokens)
        self._reader = self._writer = None
        self.answered = 0

    def cut(self):
        if self._writer:
            self._writer.transport.abort()
        self._writer = None

    async def send(self, verb, body=b"", **headers):
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = ["%s /mcp HTTP/1.1" % verb, "Host: 127.0.0.1:%d" % self._port,
                 "Content-Type: application/json", "Content-Length: %d" % len(body),
                 "Accept: application/json, text/event-stream"]
        lines += ["%s: %s" % (name.replace("_", "-"), value)
                  for name, value in {**self._headers, **headers}.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        await self._writer.drain()

    def write(self, data):
        self._writer.write(data)

    async def receive_head(self):
        """Status and headers."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.split("\r\n")
        return int(status.split()[1]), dict(line.lower().split(": ", 1) for line in lines if line)

    async def receive(self):
        """Status, headers and the whole body."""
        status, headers = await self.receive_head()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await self._reader.readline(), 16):
                body += (await self._reader.readexactly(size + 2))[:-2]
            await self._reader.readline()
        else:
            body = await self._reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.cut()
        self.answered += 1
        return status, headers, body

    async def modern(self, method, name=None, **params):
        params["_meta"] = MODERN
        headers = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": method}
        if name:
            headers["Mcp_Name"] = params["name"] = name
        await self.send("POST", message(method, params), **headers)


def message(method, params, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method,
                       "params": params}).encode()


async def calls(client):
    await client.modern("tools/call", "test_simple_text", arguments={})
    status, _, body = await client.receive()
    assert status == 200 and b"result" in body, body


async def lists(client):
    await client.modern("tools/list")
    status, _, body = await client.receive()
    assert status == 200 and b"inputSchema" in body, body


async def asks_and_leaves(client):
    await client.modern("tools/call", client.random.choice(
        ["test_tool_with_progress", "test_input_required_result_elicitation"]), arguments={})
    client.cut()


async def listens_and_leaves(client):
    await client.modern("subscriptions/listen", notifications={"toolsListChanged": True})
    await client.receive_head()
    client.cut()


async def talks_nonsense(client):
    body = bytes(client.random.randrange(256) for _ in range(client.random.randrange(1, 400)))
    await client.send("POST", body)
    status, _, _ = await client.receive()
    assert 400 <= status < 500, status


async def stops_in_the_middle(client):
    await client.send("POST")
    client.write(b"POST /mcp HTTP/1.1\r\nContent-Length: 900\r\n\r\n" +
                 message("tools/list", {"_meta": MODERN}))
    client.cut()


async def has_a_session(client):
    await client.send("POST", message("initialize", INITIALIZE))
    status, headers, _ = await client.receive()
    assert status == 200
    session = {"Mcp_Session_Id": headers["mcp-session-id"], "MCP_Protocol_Version": "2025-11-25"}
    for number in range(2, 5):
        await client.send("POST", message("tools/call", {
            "name": "test_tool_with_progress", "arguments": {},
            "_meta": {"progressToken": number}}, number), **session)
        if client.random.random() < 0.3:
            client.cut()
            continue
        status, _, body = await client.receive()
        assert status == 200 and b"result" in body, body
    if client.random.random() < 0.7:
        await client.send("DELETE", **session)
        await client.receive()


async def reads_a_cluster(client):
    await client.modern("tools/call", "get_cluster_status", arguments={"name": "demo"})
    status, _, body = await client.receive()
    assert status == 200 and b"structuredContent" in body, body


async def rehearses_a_change(client):
    await client.modern("tools/call", "scale_postgres_cluster",
                        arguments={"name": "demo", "instances": 2, "dry_run": True})
    if client.random.random() < 0.3:
        return client.cut()
    status, _, body = await client.receive()
    assert status == 200 and b"structuredContent" in body, body


async def listens_to_a_cluster(client):
    await client.modern("subscriptions/listen", notifications={
        "resourceSubscriptions": ["howdah://clusters/default/demo"]})
    await client.receive_head()
    client.cut()


async def has_a_bad_token(client):
    token = "%d.%d.%d" % tuple(client.random.randrange(10 ** 6) for _ in range(3))
    await client.send("POST", message("tools/list", {"_meta": MODERN}),
                      Authorization="Bearer " + token)
    status, _, _ = await client.receive()
    assert status in (400, 401, 429), status


SHARED = [listens_and_leaves, talks_nonsense, stops_in_the_middle] + [lists] * 3
FIXTURE_DEEDS = SHARED + [calls] * 8 + [asks_and_leaves, has_a_session]
PRODUCT_DEEDS = SHARED + [reads_a_cluster] * 8 + [rehearses_a_change] * 2 + [
    listens_to_a_cluster, has_a_bad_token]


async def live(client, deeds, end):
    while time.monotonic() < end:
        try:
            await client.random.choice(deeds)(client)
        except (ConnectionError, asyncio.IncompleteReadError):
            # A server may close what it has refused.
            client.cut()
    client.cut()


async def all_at_once(port, deeds, last_deed, tokens=()):
    end = time.monotonic() + SECONDS
    clients = [Client(port, seed, tokens) for seed in range(CLIENTS)]
    await asyncio.gather(*(live(client, deeds, end) for client in clients))
    last = Client(port, -1, tokens)
    await last_deed(last)
    last.cut()
    return sum(client.answered for client in clients)


@contextlib.contextmanager
def running(program, *arguments):
    """Yields its first line; what a sanitizer has found fails the end."""
    if not (BIN / program).exists():
        pytest.skip("%s is not built; run ./howdah test --load" % program)
    process = subprocess.Popen([BIN / program, *arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = []
    reader = threading.Thread(target=lambda: log.extend(process.stderr), daemon=True)
    reader.start()
    try:
        yield process.stdout.readline()
    finally:
        process.terminate()
        code = process.wait(120)
        reader.join()
        assert code == 0, "".join(log[-60:])


def report(capsys, answered):
    assert answered > CLIENTS
    with capsys.disabled():
        print(" %d answers to %d clients in %.0f s" % (answered, CLIENTS, SECONDS))


def test_many_rude_clients(capsys):
    with running("fixture_server", "http") as url:
        port = urllib.parse.urlsplit(url.strip()).port
        answered = asyncio.run(all_at_once(port, FIXTURE_DEEDS, calls))
    report(capsys, answered)


def test_many_rude_clients_of_the_product(capsys, tmp_path):
    with FakeIssuer() as issuer, FakeKubernetes() as api:
        api.answer = healthy("demo")
        address = "unix:%s/backend.sock" % tmp_path
        with running("howdah-backend", "--kubeconfig", api.kubeconfig, "--listen", address,
                     "--announce", "--oidc-issuer", issuer.url, "--oidc-audience", "howdah",
                     "--scopes", "--log-level", "error"), \
             running("howdah-mcp", "--transport", "http", "--port", "0", "--announce",
                     "--backend", address, "--oidc-issuer", issuer.url, "--public-url",
                     "http://127.0.0.1/mcp", "--rate-limit", "0") as line:
            port = urllib.parse.urlsplit(json.loads(line)["url"]).port
            tokens = [issuer.token(sub="user%d" % number, exp=int(time.time() + SECONDS) + 600,
                                   scope="howdah:read howdah:write howdah:admin")
                      for number in range(10)]
            answered = asyncio.run(all_at_once(port, PRODUCT_DEEDS, reads_a_cluster, tokens))
    report(capsys, answered)
