"""Stands between the product and a real Kubernetes API, and does to it what networks,
servers and crashes do.

    with KubeProxy(stack.kube) as proxy:
        ...start the product with proxy.kubeconfig...
        proxy.before = lambda request: (429, {...}, {"Retry-After": "1"})  # answers itself
        proxy.after = lambda request, code: False                          # the answer is lost
        proxy.tear_watches()
"""

import http.client
import http.server
import json
import os
import select
import socket
import tempfile
import threading
import urllib.parse

from fake_kubernetes import write_kubeconfig


class Request:
    """What the product asks: method, path, body, token; `writes` if it changes something."""

    def __init__(self, handler, body):
        self._connection = handler.connection
        self.method, self.path, self.body = handler.command, handler.path, body
        self.token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        self.query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.is_watch = "watch" in self.query
        # A deletion says so in its body.
        is_rehearsal = "dryRun" in self.query or b'"dryRun"' in (body or b"")
        self.writes = self.method != "GET" and not is_rehearsal

    def is_given_up(self, seconds):
        """Whether the one who asks has gone, or goes meanwhile."""
        readable = select.select([self._connection], [], [], seconds)[0]
        return bool(readable) and self._connection.recv(1, socket.MSG_PEEK) == b""

    def __repr__(self):
        return "%s %s" % (self.method, self.path)


class KubeProxy:
    """Passes requests on to the API of a KubeClient.

    before(request): None passes it on; (code, object, headers) answers it; False breaks
    the connection. after(request, code): False loses the answer.

    Threads: one for each connection; `before` and `after` run on them.
    """

    def __init__(self, kube):
        self.requests = []
        self.before = lambda request: None
        self.after = lambda request, code: True
        self._kube = kube
        self._watches = {}  # connection: path
        self._lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy._handle(self, Request(self, body))

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

            def log_message(self, *unused):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._directory = tempfile.TemporaryDirectory()
        self.kubeconfig = os.path.join(self._directory.name, "kubeconfig")
        write_kubeconfig(self.kubeconfig, self.url, {"token": "of-the-proxy"})
        return self

    def __exit__(self, *unused):
        self._server.shutdown()
        self._server.server_close()
        self.tear_watches()
        self._directory.cleanup()

    def watches(self, plural):
        """How many watches of these objects run."""
        with self._lock:
            return sum(path.endswith("/" + plural) for path in self._watches.values())

    def tear_watches(self):
        """Breaks all watches in the middle."""
        with self._lock:
            victims, self._watches = self._watches, {}
        for victim in victims:
            try:
                victim.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _handle(self, handler, request):
        with self._lock:
            self.requests.append(request)
        own = self.before(request)
        if own is False:
            return self._break(handler)
        if own is not None:
            code, content, headers = own
            return self._answer(handler, code, content, headers)
        upstream = self._kube.connect()
        try:
            upstream.request(request.method, request.path, request.body or None, {
                **self._kube.credentials,
                "Content-Type": handler.headers.get("Content-Type", "application/json")})
            answer = upstream.getresponse()
            if request.is_watch and answer.status == 200:
                return self._stream(handler, request, answer)
            content = answer.read()
            if not self.after(request, answer.status):
                return self._break(handler)
            self._answer(handler, answer.status, content, {
                key: value for key, value in answer.getheaders() if key == "Warning"})
        finally:
            upstream.close()

    def _break(self, handler):
        handler.close_connection = True
        try:
            handler.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _answer(self, handler, code, content, headers):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            handler.send_response(code)
            for key, value in dict(headers, **{"Content-Type": "application/json",
                                               "Content-Length": str(len(data))}).items():
                handler.send_header(key, value)
            handler.end_headers()
            handler.wfile.write(data)
        except OSError:
            pass  # Who asked has gone.

    def _stream(self, handler, request, answer):
        handler.close_connection = True
        with self._lock:
            self._watches[handler.connection] = request.path.split("?")[0]
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Connection", "close")
            handler.end_headers()
            while line := answer.readline():
                handler.wfile.write(line)
        except (OSError, http.client.HTTPException):
            pass  # Either side has gone.
        with self._lock:
            self._watches.pop(handler.connection, None)
