"""Many rude clients at once against the adapter's stack, for builds with sanitizers.

    bazel build --config=asan //tests/conformance:fixture_server
    FIXTURE_SERVER=bazel-bin/tests/conformance/fixture_server \\
      /usr/bin/python3 -m pytest tests/load

LOAD_SECONDS (10) and LOAD_CLIENTS (200) say how much. A sanitizer's finding ends the
server, or makes it end with another code than 0.
"""

import asyncio
import json
import os
import pathlib
import random
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = pathlib.Path(os.environ.get("FIXTURE_SERVER") or
                      ROOT / ".howdah" / "bin" / "fixture_server")
SECONDS = float(os.environ.get("LOAD_SECONDS", "10"))
CLIENTS = int(os.environ.get("LOAD_CLIENTS", "200"))
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}},
              "clientInfo": {"name": "load", "version": "1"}}


class Client:
    """One connection that is opened again whenever it was cut."""

    def __init__(self, port, seed):
        self._port = port
        self.random = random.Random(seed)
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
        lines += ["%s: %s" % (name.replace("_", "-"), value) for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        await self._writer.drain()

    async def receive(self):
        """Status, headers and the whole body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
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
        return int(status.split()[1]), headers, body

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
    assert status == 200 and b"test_simple_text" in body, body


async def asks_and_leaves(client):
    await client.modern("tools/call", client.random.choice(
        ["test_tool_with_progress", "test_input_required_result_elicitation"]), arguments={})
    client.cut()


async def listens_and_leaves(client):
    await client.modern("subscriptions/listen", notifications={"toolsListChanged": True})
    await client._reader.readuntil(b"\r\n\r\n")
    client.cut()


async def talks_nonsense(client):
    body = bytes(client.random.randrange(256) for _ in range(client.random.randrange(1, 400)))
    await client.send("POST", body)
    status, _, _ = await client.receive()
    assert 400 <= status < 500, status


async def stops_in_the_middle(client):
    whole = message("tools/list", {"_meta": MODERN})
    await client.send("POST")
    client._writer.write(b"POST /mcp HTTP/1.1\r\nContent-Length: 900\r\n\r\n" + whole)
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


DEEDS = [calls] * 8 + [lists] * 3 + [asks_and_leaves, listens_and_leaves, talks_nonsense,
                                     stops_in_the_middle, has_a_session]


async def live(client, end):
    while time.monotonic() < end:
        try:
            await client.random.choice(DEEDS)(client)
        except (ConnectionError, asyncio.IncompleteReadError):
            # A server may close what it has refused.
            client.cut()
    client.cut()


async def all_at_once(port):
    end = time.monotonic() + SECONDS
    clients = [Client(port, seed) for seed in range(CLIENTS)]
    await asyncio.gather(*(live(client, end) for client in clients))
    last = Client(port, -1)
    await calls(last)
    last.cut()
    return sum(client.answered for client in clients)


def test_many_rude_clients(capsys):
    if not SERVER.exists():
        pytest.skip("bazel build //tests/conformance:fixture_server has not run")
    server = subprocess.Popen([SERVER, "http"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rpartition(":")[2].partition("/")[0])
    try:
        answered = asyncio.run(all_at_once(port))
    finally:
        server.terminate()
        _, said = server.communicate(timeout=120)
    assert server.returncode == 0, said[-4000:]
    assert answered > CLIENTS
    with capsys.disabled():
        print(" %d answers to %d clients in %.0f s" % (answered, CLIENTS, SECONDS))
