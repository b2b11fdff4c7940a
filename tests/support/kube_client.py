"""Looks at Kubernetes objects from outside the product, with the standard library.

    kube = KubeClient("/path/to/kubeconfig")
    secret = kube.secret("default", "demo-app")
"""

import base64
import http.client
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request


CNPG = "/apis/postgresql.cnpg.io/v1/namespaces/%s/%s"
CORE = "/api/v1/namespaces/%s/%s"


def _collection(plural, namespace):
    ours = plural in ("clusters", "databases", "databaseroles")
    return (CNPG if ours else CORE) % (namespace, plural)


class KubeClient:
    """Reads a kubeconfig with one cluster and one token."""

    def __init__(self, kubeconfig):
        self.kubeconfig = kubeconfig
        text = open(kubeconfig, encoding="utf-8").read()

        def value(key):
            return re.search(r'"?%s"?:\s*"?([^"\s,}]+)' % key, text).group(1)

        self.server = value("server")
        self.credentials = {"Authorization": "Bearer " + value("token")}
        self.authority = base64.b64decode(value("certificate-authority-data")).decode()
        self._tls = ssl.create_default_context(cadata=self.authority)

    def request(self, method, path, body=None, content_type="application/json", headers=None):
        """Returns (status, object). A body that is text goes as it is."""
        try:
            with self.send(method, path, body, content_type, headers) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            if "json" not in error.headers.get("Content-Type", ""):
                return error.code, {"message": text}
            return error.code, json.loads(text or "{}")

    def send(self, method, path, body=None, content_type="application/json", headers=None,
             timeout=120):
        """The open answer, for streams and headers; raises HTTPError on a refusal."""
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
        request = urllib.request.Request(
            self.server + path, method=method, data=None if body is None else body.encode(),
            headers={**self.credentials, "Content-Type": content_type,
                     "Accept": "application/json", **(headers or {})})
        return urllib.request.urlopen(request, context=self._tls, timeout=timeout)

    def connect(self):
        """A connection of its own, for what `request` cannot do."""
        where = urllib.parse.urlsplit(self.server)
        return http.client.HTTPSConnection(where.hostname, where.port, context=self._tls)

    def get(self, path):
        status, body = self.request("GET", path)
        if status != 200:
            raise KeyError("%s: %s %s" % (path, status, body.get("message")))
        return body

    def cnpg(self, plural, namespace="default", name=None):
        path = CNPG % (namespace, plural)
        return self.get(path + ("/" + name if name else ""))

    def core(self, plural, namespace="default", name=None):
        path = CORE % (namespace, plural)
        return self.get(path + ("/" + name if name else ""))

    def items(self, plural, namespace="default"):
        return self.get(_collection(plural, namespace))["items"]

    def names(self, plural, namespace="default"):
        return sorted(item["metadata"]["name"] for item in self.items(plural, namespace))

    def wait_for_names(self, plural, holds, namespace="default", seconds=60):
        """Watches until `holds(names)` of the objects there are."""
        path = _collection(plural, namespace)
        listed = self.get(path)
        names = {item["metadata"]["name"] for item in listed["items"]}
        watch = self.send("GET", "%s?watch=true&timeoutSeconds=%d&resourceVersion=%s" % (
            path, seconds, listed["metadata"]["resourceVersion"]), timeout=seconds + 10)
        with watch as events:
            while not holds(names):
                line = events.readline()
                assert line, "not within %d s; there are %s" % (seconds, sorted(names))
                event = json.loads(line)
                change = names.discard if event["type"] == "DELETED" else names.add
                change(event["object"]["metadata"]["name"])

    def secret(self, namespace, name):
        """Decoded data of a Secret."""
        data = self.core("secrets", namespace, name)["data"]
        return {key: base64.b64decode(text).decode() for key, text in data.items()}
