"""A door before a Kubernetes API that lets in what a ServiceAccount may do, and
remembers what was asked. For an API that has no RBAC of its own: the local plane.

    with GuardedKubernetes(stack.kube, rights, directory) as door:
        ...use door.kubeconfig...
        door.allowed, door.refused   # sets of permissions.Request
"""

import http.client
import http.server
import json
import os
import threading

from fake_kubernetes import status
from permissions import Request

_OF_ONE_HOP = ("connection", "transfer-encoding", "keep-alive", "date", "server")


class GuardedKubernetes:
    """Threads: one for each connection."""

    def __init__(self, kube, rights, directory, namespace="default"):
        self._kube = kube
        self.rights = rights
        self.allowed, self.refused = set(), set()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request.read(self.command, self.path)
                self.close_connection = True
                if not door.rights.allow(request):
                    door.refused.add(request)
                    return self.refuse(request)
                if request is not None:
                    door.allowed.add(request)
                try:
                    door.forward(self, body)
                except (OSError, http.client.HTTPException):
                    pass  # either side has gone

            def refuse(self, request):
                group = {"group": request.group} if request.group else {}
                body = json.dumps(status(403, "Forbidden", request.refusal(door.rights.user),
                                         kind=request.resource, **group)).encode()
                self.send_response(403)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

            def log_message(self, *unused):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.kubeconfig = os.path.join(directory, "guarded-kubeconfig")
        with open(self.kubeconfig, "w", encoding="utf-8") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "guarded",
                       "clusters": [{"name": "c", "cluster": {
                           "server": "http://127.0.0.1:%d" % self._server.server_address[1]}}],
                       "users": [{"name": "u", "user": {"token": "of-the-service-account"}}],
                       "contexts": [{"name": "guarded", "context": {
                           "cluster": "c", "user": "u", "namespace": namespace}}]}, file)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self._server.shutdown()
        self._server.server_close()

    def forward(self, handler, body):
        """Sends the request on with the plane's own token, and the answer as it comes."""
        connection = self._kube.connect()
        headers = {key: value for key, value in handler.headers.items()
                   if key.lower() not in _OF_ONE_HOP + ("host", "authorization")}
        connection.request(handler.command, handler.path, body or None,
                           {**headers, **self._kube.credentials})
        answer = connection.getresponse()
        handler.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in _OF_ONE_HOP:
                handler.send_header(key, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        while data := answer.read1(65536):
            handler.wfile.write(data)
            handler.wfile.flush()
        connection.close()
