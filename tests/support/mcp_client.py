"""A small MCP client over stdio, for the demo and the tests.

    with StdioClient(["./howdah", "mcp"]) as client:
        client.initialize()
        result = client.call("get_cluster_status", {"name": "demo"})

Only the standard library. It checks what a strict client checks: every line is
one JSON-RPC object, progress grows, nothing comes for a request after its answer.
"""

import json
import queue
import subprocess
import threading
import time


class McpError(Exception):
    """A JSON-RPC error answer."""

    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code = error.get("code")
        self.data = error.get("data")


class ToolError(Exception):
    """A result with isError."""

    def __init__(self, result):
        super().__init__(result["content"][0]["text"])
        self.result = result
        self.error = result.get("structuredContent", {}).get("error", {})


class StdioClient:
    """Threads: one user; a second thread reads."""

    def __init__(self, command, env=None, stderr=None, cwd=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            env=env, cwd=cwd)
        self._next_id = 0
        self._inbox = queue.Queue()
        self._answered = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _read(self):
        for line in self.process.stdout:
            self._inbox.put(line)
        self._inbox.put(None)

    def close(self, timeout=120):
        """Closes stdin, as a client does to end the server; returns its exit code."""
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def send_raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_raw((json.dumps(message) + "\n").encode())

    def receive(self, timeout=120):
        """The next message of the server."""
        line = self._inbox.get(timeout=timeout)
        if line is None:
            raise EOFError("the server has ended; exit code %s" % self.process.wait(10))
        message = json.loads(line)
        if isinstance(message, dict):
            assert message.get("jsonrpc") == "2.0", message
        return message

    def start(self, method, params=None):
        """Sends a request and returns its id."""
        self._next_id += 1
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)
        return self._next_id

    def finish(self, request_id, on_progress=None, timeout=120):
        """Waits for the answer of one request."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.receive(max(0.1, deadline - time.monotonic()))
            if message.get("method") == "notifications/progress":
                assert message["params"]["progressToken"] not in self._answered, message
                if on_progress:
                    on_progress(message["params"])
                continue
            if "method" in message:
                continue
            assert message.get("id") not in self._answered, message
            self._answered.add(message.get("id"))
            if message.get("id") != request_id:
                raise AssertionError("answer for another request: %s" % message)
            if "error" in message:
                raise McpError(message["error"])
            return message["result"]

    def request(self, method, params=None, on_progress=None, timeout=120):
        return self.finish(self.start(method, params), on_progress, timeout)

    def notify(self, method, params=None):
        message = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)

    def initialize(self, version="2025-11-25"):
        result = self.request("initialize", {
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": "howdah-tests", "version": "1"},
        })
        self.notify("notifications/initialized")
        return result

    def call_raw(self, tool, arguments=None, on_progress=None, timeout=300):
        """tools/call; returns the result whether or not it is an error."""
        params = {"name": tool, "arguments": arguments or {}}
        if on_progress:
            params["_meta"] = {"progressToken": self._next_id + 1}
        return self.request("tools/call", params, on_progress, timeout)

    def call(self, tool, arguments=None, on_progress=None, timeout=300):
        """tools/call; raises ToolError when the tool failed."""
        result = self.call_raw(tool, arguments, on_progress, timeout)
        if result.get("isError"):
            raise ToolError(result)
        return result


class AnsweringClient(StdioClient):
    """A client with a user: it answers what the server asks."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.answers = {}
        self.asked = []
        self.told = []

    def receive(self, timeout=120):
        while True:
            message = super().receive(timeout)
            if "method" in message and "id" in message:
                self.asked.append(message)
                self.send({"jsonrpc": "2.0", "id": message["id"],
                           "result": self.answers[message["method"]]})
                continue
            if "method" in message:
                self.told.append(message)
            return message

    def initialize_with(self, capabilities):
        result = self.request("initialize", {
            "protocolVersion": "2025-11-25", "capabilities": capabilities,
            "clientInfo": {"name": "howdah-tests", "version": "1"}})
        self.notify("notifications/initialized")
        return result
