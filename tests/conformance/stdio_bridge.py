"""HTTP in front of one server on stdio, for the revision without sessions.

    with stdio_bridge([program, "stdio"]) as url:
        suite.run_scenario(url, "tasks-lifecycle", "2026-07-28")

Other bridges start a process for each request, so what outlives its request (a task,
a subscription, a change that another request has made) cannot be seen through them.
This one changes ids and progress tokens, which are unique only for one client, and
HTTP's statuses; it checks nothing.
"""

import contextlib
import http.server
import itertools
import json
import queue
import select
import socket
import subprocess
import threading

META = "io.modelcontextprotocol/"
BAD_REQUEST = (-32700, -32600, -32020, -32021, -32022)
NOT_FOUND = -32601


def http_status(request, answer):
    code = answer.get("error", {}).get("code")
    meta = (request.get("params") or {}).get("_meta") or {}
    complete = META + "protocolVersion" in meta and META + "clientCapabilities" in meta
    if code in BAD_REQUEST or (code == -32602 and not complete):
        return 400
    return 404 if code == NOT_FOUND else 200


class Server:
    """The process. Threads: safe."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting = {}  # our id: (the client's id and token, its messages)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message):
        with self._lock:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def begin(self, request):
        """Our id and the queue of all that the server says about a request."""
        number = next(self._ids)
        messages = queue.Queue()
        meta = (request.get("params") or {}).get("_meta") or {}
        self._waiting[number] = (request["id"], meta.get("progressToken"), messages)
        sent = dict(request, id=number)
        if "progressToken" in meta:
            sent["params"] = dict(request["params"], _meta=dict(meta, progressToken=number))
        self.send(sent)
        return number, messages

    def end(self, number, answered):
        del self._waiting[number]
        if not answered:
            self.send({"jsonrpc": "2.0", "method": "notifications/cancelled",
                       "params": {"requestId": number}})

    def stop(self):
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._reader.join()

    def _read(self):
        for line in self._process.stdout:
            message = json.loads(line)
            number = self._about(message)
            if number in self._waiting:
                self._waiting[number][2].put(self._for_client(message, number))

    def _about(self, message):
        """Which of our ids a message belongs to."""
        if "method" not in message:
            return message.get("id")
        params = message.get("params", {})
        if message["method"] == "notifications/progress":
            return params["progressToken"]
        if message["method"] == "notifications/cancelled":
            return None  # of a subscription; its answer says so too
        # Log messages name no request: they are of the newest.
        return (params.get("_meta", {}).get(META + "subscriptionId") or
                max(self._waiting, default=None))

    def _for_client(self, message, number):
        request_id, token, _ = self._waiting[number]
        if "method" not in message:
            message["id"] = request_id
        body = message.get("params") or message.get("result") or {}
        if message.get("method") == "notifications/progress":
            body["progressToken"] = token
        if META + "subscriptionId" in body.get("_meta", {}):
            body["_meta"][META + "subscriptionId"] = request_id
        return message


def handler_for(server):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):  # noqa: N802, the name is http.server's
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "id" not in request:
                server.send(request)
                return self._finish(202, b"")
            number, messages = server.begin(request)
            answered = False
            try:
                answered = self._pass_on(request, messages)
            except ConnectionError:
                self.close_connection = True
            finally:
                server.end(number, answered)

        def do_GET(self):  # noqa: N802
            self._finish(405, b"")

        do_DELETE = do_GET  # noqa: N815

        def _pass_on(self, request, messages):
            """True when the answer has come, False when the client has gone."""
            streaming = False
            while True:
                message = self._next(messages)
                if message is None:
                    self.close_connection = True
                    return False
                last = "method" not in message
                text = json.dumps(message).encode()
                if last and not streaming:
                    self._finish(http_status(request, message), text)
                    return True
                if not streaming:
                    self.send_response(200)
                    self.send_header("Content-Type", "text/event-stream")
                    self.send_header("Connection", "close")
                    self.end_headers()
                    streaming = True
                self.wfile.write(b"event: message\ndata: " + text + b"\n\n")
                if last:
                    return True

        def _next(self, messages):
            while True:
                with contextlib.suppress(queue.Empty):
                    return messages.get(timeout=0.05)
                if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(
                        1, socket.MSG_PEEK):
                    return None

        def _finish(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *unused):
            pass
    return Handler


@contextlib.contextmanager
def stdio_bridge(command):
    """Yields the address; at the end the server has to end with its input."""
    server = Server(command)
    door = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(server))
    door.daemon_threads = True
    threading.Thread(target=door.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:%d/mcp" % door.server_address[1]
    finally:
        door.shutdown()
        door.server_close()
        server.stop()
