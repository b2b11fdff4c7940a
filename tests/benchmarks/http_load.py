"""MCP over Streamable HTTP, as a load: one checked caller, and wrk.

    caller = HttpCaller("http://127.0.0.1:3000/mcp")
    result, seconds = caller.call("get_cluster_status", {"name": "demo"})
    per_second, p50_micros = caller.load("get_cluster_status", {...}, connections=16, seconds=2)

Both answer forms are read: application/json and text/event-stream. wrk sees only
HTTP statuses, so the size of its answers is compared with a checked one: a server
that fails fast is not taken for a fast one.
"""

import http.client
import json
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse

# Each request of a load has an id of its own, all equally long.
_FIRST_ID = 1000000000

_WRK_SCRIPT = r"""
wrk.method = "POST"
%(headers)s
%(body)s
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("@@%%d %%d %%d %%d %%f\n", summary.requests, summary.duration,
    summary.bytes, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50)))
end
"""

# The client shares the cores, so it does as little as the protocol lets it: one
# fixed request, or in a session, where ids may not repeat, one with its own id.
_FIXED_BODY = "wrk.body = %(before)s .. %(first_id)d .. %(after)s"
_CYCLING_BODY = r"""
local all, at = {}, 0
function init(args)
  for i, body in ipairs({%(bodies)s}) do all[i] = wrk.format(nil, nil, nil, body) end
end
function request()
  at = at %% #all + 1
  return all[at]
end
"""
_COUNTING_BODY = r"""
local head, tail, id
function init(args)
  id = %(first_id)d
  local all = wrk.format(nil, nil, nil, %(before)s .. id .. %(after)s)
  local at = all:find(tostring(id), 1, true)
  head, tail = all:sub(1, at - 1), all:sub(at + #tostring(id))
end
function request()
  id = id + 1
  return head .. id .. tail
end
"""


def _lua(text):
    return '"%s"' % "".join(
        c if 32 <= ord(c) < 127 and c not in '"\\' else "".join("\\%03d" % b for b in c.encode())
        for c in text)


def run_wrk(url, headers, bodies, connections, seconds):
    """Requests per second, p50 in microseconds and bytes per answer.

    `bodies` are JSON texts with _FIRST_ID where the id goes, sent in turn; in a
    session there is one.
    """
    before, after = map(_lua, bodies[0].split(str(_FIRST_ID), 1))
    if len(bodies) > 1:
        lines = _CYCLING_BODY
    else:
        lines = _COUNTING_BODY if "Mcp-Session-Id" in headers else _FIXED_BODY
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_WRK_SCRIPT % {
            "body": lines % {"before": before, "after": after, "first_id": _FIRST_ID,
                             "bodies": ", ".join(map(_lua, bodies))},
            "headers": "\n".join("wrk.headers[%s] = %s" % (_lua(name), _lua(value))
                                 for name, value in headers.items())})
        file.flush()
        output = subprocess.run(
            ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--timeout", "20s",
             "-s", file.name, url], capture_output=True, text=True, check=True).stdout
    requests, micros, size, errors, p50 = map(
        float, re.search(r"@@(.*)", output).group(1).split())
    if errors or not requests:
        raise RuntimeError("errors under load:\n" + output)
    return requests / micros * 1e6, p50, size / requests


class HttpCaller:
    """Threads: one user. Owns: one keep-alive connection."""

    def __init__(self, url, version="2025-06-18"):
        self.url = url
        parts = urllib.parse.urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = {"Content-Type": "application/json",
                         "Accept": "application/json, text/event-stream",
                         "MCP-Protocol-Version": version}
        self._next_id = _FIRST_ID

    def _post(self, message):
        self._connection.request("POST", self._path, json.dumps(message).encode(), self._headers)
        response = self._connection.getresponse()
        return response, response.read()

    def _request(self, method, params):
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}
        self._next_id += 1
        begin = time.perf_counter()
        response, body = self._post(message)
        seconds = time.perf_counter() - begin
        if response.headers.get("Content-Type", "").startswith("text/event-stream"):
            body = re.search(rb"data: (.*)", body).group(1)
        answer = json.loads(body)
        if "error" in answer or answer["result"].get("isError"):
            raise RuntimeError("%s failed: %s" % (method, body[:500]))
        return answer["result"], seconds, response

    def initialize(self):
        """Opens a session, for servers that ask for one."""
        result, _, response = self._request("initialize", {
            "protocolVersion": self._headers["MCP-Protocol-Version"], "capabilities": {},
            "clientInfo": {"name": "howdah-bench", "version": "1"}})
        if response.headers.get("Mcp-Session-Id"):
            self._headers["Mcp-Session-Id"] = response.headers["Mcp-Session-Id"]
        self._headers["MCP-Protocol-Version"] = result["protocolVersion"]
        self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, tool, arguments):
        """The result and the seconds it took."""
        result, seconds, _ = self._request("tools/call", {"name": tool, "arguments": arguments})
        return result, seconds

    def load(self, tool, arguments, connections, seconds, url=None, others=()):
        """Calls per second and p50 in microseconds; `url` sends the same load elsewhere.

        `others`: arguments that are asked with in turn, after `arguments`; their answers
        are as long.
        """
        bodies = [json.dumps({"jsonrpc": "2.0", "id": _FIRST_ID, "method": "tools/call",
                              "params": {"name": tool, "arguments": each}})
                  for each in (arguments, *others)]
        per_second, p50, size = run_wrk(url or self.url, self._headers, bodies, connections,
                                        seconds)
        if url is None:
            expected = len(json.dumps(self.call(tool, arguments)[0], separators=(",", ":")))
            if size < 0.9 * expected:
                raise RuntimeError("%s: %d bytes per answer instead of %d" % (tool, size, expected))
        return per_second, p50
