"""howdah-mcp over HTTP that asks for tokens, with a backend of its own.

    with adapter(data_dir, issuer.url, "--scopes") as door:
        door.tools(token)                       # names, or the HTTP status
        door.call(token, "get_cluster_status", name="demo")
"""

import contextlib
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

from fake_kubernetes import FakeKubernetes, healthy

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR",
                                  pathlib.Path(__file__).resolve().parents[2] / ".howdah" / "bin"))
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


class Adapter:
    """howdah-mcp over HTTP with a backend of its own."""

    def __init__(self, url, log, api):
        self.url = url
        self.log = log
        self.api = api

    def fetch(self, path, body=None, token=None, **headers):
        """(status, headers, JSON) of a request."""
        request = urllib.request.Request(
            self.url.removesuffix("/mcp") + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers,
                     **({"Authorization": "Bearer " + token} if token else {})})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
                return answer.status, answer.headers, json.loads(text or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.loads(error.read() or b"{}")

    def tools(self, token=None):
        """The status of tools/list, or the names."""
        code, _, answer = self.fetch("/mcp", LIST, token)
        return [tool["name"] for tool in answer["result"]["tools"]] if code == 200 else code

    def request(self, token, method, **params):
        return self.fetch("/mcp", {"jsonrpc": "2.0", "id": 2, "method": method,
                                   "params": params}, token,
                          **{"MCP-Protocol-Version": "2025-11-25"})

    def call(self, token, tool, **arguments):
        return self.request(token, "tools/call", name=tool, arguments=arguments)


@contextlib.contextmanager
def adapter(data_dir, issuer_url, *flags, port=0, backend=(), kubeconfig=None, **environment):
    """Runs one, on a fake Kubernetes if no kubeconfig is given; its log is data_dir/log.
    `backend`: flags of its backend; `environment`: beside the issuer and the audience
    "howdah"."""
    with contextlib.ExitStack() as parts:
        log = parts.enter_context(open(os.path.join(data_dir, "log"), "wb"))
        api = None
        if kubeconfig is None:
            api = parts.enter_context(FakeKubernetes())
            api.answer = healthy("demo")
            kubeconfig = api.kubeconfig
        process = subprocess.Popen(
            [str(BIN / "howdah-mcp"), "--transport", "http", "--port", str(port), "--announce",
             "--spawn-backend", *flags, "--", "--kubeconfig", kubeconfig, *backend],
            env={**os.environ, "OIDC_ISSUER": issuer_url, "OIDC_AUDIENCE": "other, howdah",
                 **environment}, stdout=subprocess.PIPE, stderr=log)
        try:
            yield Adapter(json.loads(process.stdout.readline())["url"], log.name, api)
        finally:
            process.terminate()
            process.wait(30)
