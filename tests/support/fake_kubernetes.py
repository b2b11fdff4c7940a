"""A Kubernetes API that fails on command: for the faults that a real one has rarely.

    with FakeKubernetes() as api:
        api.answer = lambda method, path: (403, status(403, "Forbidden", "..."), {})
"""

import http.server
import json
import os
import tempfile
import threading


def status(code, reason, message, **details):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
            "reason": reason, "message": message, "details": details}


def cluster(name, version="1"):
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
            "metadata": {"name": name, "namespace": "default", "uid": "uid-" + name,
                         "resourceVersion": version, "generation": 1,
                         "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"instances": 1, "storage": {"size": "1Gi"}},
            "status": {"instances": 1, "readyInstances": 1, "phase": "Cluster in healthy state",
                       "currentPrimary": name + "-1", "targetPrimary": name + "-1",
                       "instanceNames": [name + "-1"],
                       "conditions": [{"type": "Ready", "status": "True"}]}}


def write_kubeconfig(path, server, user, namespace="default"):
    """A kubeconfig of one context; `user` is what the file says of the user."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "fake",
                   "clusters": [{"name": "fake", "cluster": {"server": server}}],
                   "users": [{"name": "fake", "user": user}],
                   "contexts": [{"name": "fake", "context": {
                       "cluster": "fake", "user": "fake", "namespace": namespace}}]}, file)


class FakeKubernetes:
    """Serves what `answer(method, path)` returns: (status, object or bytes, headers).
    None closes the connection without an answer."""

    def __init__(self):
        self.requests = []
        self.traces = []  # (method, path, traceparent)
        self.asked_as = []  # (method, path, user, groups) of requests in another's name
        self.authorizations = set()
        self.answer = lambda method, path: (404, status(404, "NotFound", "nothing here"), {})
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                fake.requests.append((self.command, self.path, body))
                fake.authorizations.add(self.headers.get("Authorization"))
                fake.traces.append((self.command, self.path, self.headers.get("traceparent")))
                if self.headers.get("Impersonate-User"):
                    fake.asked_as.append((self.command, self.path,
                                          self.headers["Impersonate-User"],
                                          self.headers.get_all("Impersonate-Group") or []))
                answer = fake.answer(self.command, self.path)
                if answer is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                code, content, headers = answer
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(code)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.directory = tempfile.TemporaryDirectory()
        self.kubeconfig = os.path.join(self.directory.name, "kubeconfig")
        write_kubeconfig(self.kubeconfig, "http://127.0.0.1:%d" % self.port,
                         {"token": "secret-token"})
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()
        self.directory.cleanup()


def healthy(*names):
    """An API that has these clusters and lets watches end at once."""
    def answer(method, path):
        plain = path.split("?")[0]
        if plain == "/apis/postgresql.cnpg.io/v1":
            return 200, {"kind": "APIResourceList", "groupVersion": "postgresql.cnpg.io/v1",
                         "resources": [{"name": plural, "namespaced": True, "kind": kind}
                                       for plural, kind in (("clusters", "Cluster"),
                                                            ("databases", "Database"))]}, {}
        if "watch=" in path:
            return 200, b"", {}
        if plain.endswith("/clusters"):
            return 200, {"kind": "ClusterList", "apiVersion": "postgresql.cnpg.io/v1",
                         "metadata": {"resourceVersion": "5"},
                         "items": [cluster(name) for name in names]}, {}
        if plain.rsplit("/", 2)[-2:-1] == ["clusters"] and plain.rsplit("/", 1)[-1] in names:
            return 200, cluster(plain.rsplit("/", 1)[-1]), {}
        if plain.endswith(("/databases", "/secrets", "/databaseroles")):
            return 200, {"kind": "List", "apiVersion": "v1",
                         "metadata": {"resourceVersion": "5"}, "items": []}, {}
        return 404, status(404, "NotFound", "%s not found" % plain,
                           name=plain.rsplit("/", 1)[-1]), {}
    return answer
