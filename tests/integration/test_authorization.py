"""OAuth over both doors: tokens of an issuer that the tests play, good and bad."""

import contextlib
import json
import os
import subprocess
import time

import pytest

from fake_issuer import FakeIssuer
from fake_kubernetes import FakeKubernetes, healthy, status
from guarded_adapter import BIN, LIST, adapter
from waiting import eventually

PUBLIC = "https://howdah.example/mcp"


@pytest.fixture(scope="module")
def issuer():
    with FakeIssuer() as running:
        yield running


@pytest.fixture
def plain(data_dir, issuer):
    with adapter(data_dir, issuer.url, "--public-url", PUBLIC) as running:
        yield running


def test_nothing_is_told_without_a_token(plain):
    code, headers, _ = plain.fetch("/mcp", LIST)
    assert code == 401
    assert headers["WWW-Authenticate"] == (
        'Bearer resource_metadata="https://howdah.example/.well-known/'
        'oauth-protected-resource/mcp"')
    for path, body in (("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "initialize"}),
                       ("/", LIST), ("/mcp?access_token=x", LIST), ("/mcp", None)):
        assert plain.fetch(path, body)[0] == 401, path
    assert plain.fetch("/health/live")[0] == 200


def test_the_way_to_a_token_is_told(plain, issuer):
    for path in ("", "/mcp"):
        code, _, document = plain.fetch("/.well-known/oauth-protected-resource" + path)
        assert code == 200
        assert document["resource"] == PUBLIC
        assert document["authorization_servers"] == [issuer.url]
        assert document["bearer_methods_supported"] == ["header"]
    code, _, document = plain.fetch("/.well-known/oauth-authorization-server")
    assert code == 200
    assert document == issuer.metadata()


def test_a_good_token_gets_in_and_calls(plain, issuer):
    token = issuer.token(aud=["howdah"])
    assert "create_postgres_cluster" in plain.tools(token)
    code, _, answer = plain.call(token, "list_postgres_clusters")
    assert code == 200
    assert answer["result"]["structuredContent"]["clusters"][0]["name"] == "demo"
    code, _, answer = plain.call(token, "scale_postgres_cluster", name="demo", instances=2)
    assert code == 200, answer
    assert any(method != "GET" for method, _, _ in plain.api.requests)
    # The caller's token goes no further than to the backend.
    assert plain.api.authorizations == {"Bearer secret-token"}


def test_every_bad_token_is_refused(plain, issuer):
    now = int(time.time())
    with FakeIssuer() as impostor:
        bad = {
            "no token at all": "abc",
            "another issuer": issuer.token(iss="http://127.0.0.1:1"),
            "another audience": issuer.token(aud="elsewhere"),
            "no audience": issuer.token(aud=None),
            "expired": issuer.token(exp=now - 60),
            "not yet": issuer.token(nbf=now + 300),
            "never expires": issuer.token(exp=None),
            "nobody": issuer.token(sub=None),
            "alg none": issuer.unsigned(),
            "public key as secret": issuer.confused(),
            "the same, named RS256": issuer.confused("RS256"),
            "critical extension": issuer.token(header={"crit": ["x"], "x": 1}),
            "a stranger's key": impostor.token(iss=issuer.url),
        }
    for what, token in bad.items():
        code, headers, _ = plain.fetch("/mcp", LIST, token)
        assert code == 401, what
        assert 'error="invalid_token"' in headers["WWW-Authenticate"], what
        assert "resource_metadata=" in headers["WWW-Authenticate"], what
    with open(plain.log, encoding="utf-8") as log:
        text = log.read()
    for what, token in bad.items():
        if "." in token:
            assert token.split(".")[1] not in text, what


def test_failing_is_limited_and_locks_nobody_out(data_dir, issuer):
    with adapter(data_dir, issuer.url, "--rate-limit", "0.001", "--rate-burst", "5") as door:
        known, bad = issuer.token(), issuer.token(aud="elsewhere")
        assert door.fetch("/mcp", LIST, known)[0] == 200
        statuses = [door.fetch("/mcp", LIST, issuer.token(aud="elsewhere", sub=f"eve{i}"))[0]
                    for i in range(8)]
        assert statuses == [401] * 5 + [429] * 3
        code, headers, _ = door.fetch("/mcp", LIST, bad)
        assert code == 429 and int(headers["Retry-After"]) >= 1
        # From the same address: one that was let in before, and a new one.
        assert door.fetch("/mcp", LIST, known)[0] == 200
        assert door.fetch("/mcp", LIST, issuer.token(sub="bob"))[0] == 200
        # Without a token the way to one is told, not for ever.
        assert [door.fetch("/mcp", LIST)[0] for _ in range(6)] == [401] * 5 + [429]


def test_a_new_key_is_found_and_an_outage_is_bridged(data_dir):
    with FakeIssuer() as issuer, adapter(data_dir, issuer.url) as running:
        assert running.tools(issuer.token()) != 401
        fetched = len(issuer.asked)
        issuer.down = True
        assert running.tools(issuer.token(sub="eve")) != 401
        assert len(issuer.asked) == fetched, "keys are kept"
        issuer.down = False
        issuer.rotate()
        eventually(lambda: running.tools(issuer.token()) != 401, "the new key is found")


def test_without_the_issuer_nobody_gets_in(data_dir):
    with FakeIssuer() as issuer, adapter(data_dir, issuer.url) as running:
        issuer.down = True
        code, headers, _ = running.fetch("/mcp", LIST, issuer.token())
        assert code == 503
        assert headers["Retry-After"]


def test_a_required_scope(data_dir, issuer):
    with adapter(data_dir, issuer.url, OIDC_SCOPE="db") as running:
        code, headers, _ = running.fetch("/mcp", LIST, issuer.token())
        assert code == 403
        assert 'error="insufficient_scope"' in headers["WWW-Authenticate"]
        assert 'scope="db"' in headers["WWW-Authenticate"]
        assert "delete_postgres_cluster" in running.tools(issuer.token(scope="a db b"))


def test_scopes_decide_what_is_shown_and_done(data_dir, issuer):
    with adapter(data_dir, issuer.url, "--scopes=write=db.write") as running:
        reader = issuer.token(scope="howdah:read")
        writer = issuer.token(scope=None, scp=["db.write"])
        assert "list_postgres_clusters" in running.tools(reader)
        assert "scale_postgres_cluster" not in running.tools(reader)
        assert "scale_postgres_cluster" in running.tools(writer)
        assert "delete_postgres_cluster" not in running.tools(writer)
        assert running.call(reader, "list_postgres_clusters")[0] == 200
        code, headers, _ = running.call(reader, "scale_postgres_cluster", name="demo",
                                        instances=2, dry_run=True)
        assert code == 403
        assert 'scope="db.write"' in headers["WWW-Authenticate"]
        code, _, answer = running.call(writer, "scale_postgres_cluster", name="demo",
                                       instances=2, dry_run=True)
        assert code == 200, answer


def test_registration_elsewhere(data_dir, issuer):
    with adapter(data_dir, issuer.url, "--public-url", PUBLIC,
                 DCR_PROXY_URL="https://dcr.example/register") as running:
        _, _, resource = running.fetch("/.well-known/oauth-protected-resource/mcp")
        assert resource["authorization_servers"] == ["https://howdah.example"]
        _, _, server = running.fetch("/.well-known/oauth-authorization-server")
        assert server["registration_endpoint"] == "https://dcr.example/register"
        assert server["issuer"] == "https://howdah.example"
        assert server["token_endpoint"] == issuer.url + "/token"


def test_a_door_for_others_needs_an_issuer():
    done = subprocess.run([str(BIN / "howdah-mcp"), "--transport", "http", "--host", "0.0.0.0"],
                          capture_output=True, text=True, timeout=30, check=False,
                          env={k: v for k, v in os.environ.items() if k != "OIDC_ISSUER"})
    assert done.returncode != 0
    assert "OIDC_ISSUER" in done.stderr


class Door:
    """howdah-backend that takes tokens, and howdahctl as its caller."""

    def __init__(self, data_dir, address):
        self.address = address
        self._token = os.path.join(data_dir, "token")

    def ctl(self, token, *command):
        with open(self._token, "w", encoding="utf-8") as file:
            file.write(token)
        done = subprocess.run(
            [str(BIN / "howdahctl"), "--address", self.address,
             *(["--token-file", self._token] if token else []), *command, "-o", "json"],
            capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def grpc_door(data_dir, issuer, *flags):
    """Runs one; its log is data_dir/log."""
    with FakeKubernetes() as api, open(os.path.join(data_dir, "log"), "wb") as log:
        api.answer = healthy("demo")
        backend = subprocess.Popen(
            [str(BIN / "howdah-backend"), "--kubeconfig", api.kubeconfig, "--announce",
             "--oidc-issuer", issuer.url, "--oidc-audience", "howdah", *flags],
            stdout=subprocess.PIPE, stderr=log)
        try:
            yield Door(data_dir, json.loads(backend.stdout.readline())["listening"][0])
        finally:
            backend.terminate()
            assert backend.wait(30) == 0


def test_over_grpc_too(data_dir, issuer):
    with grpc_door(data_dir, issuer, "--listen",
                   "unix:" + os.path.join(data_dir, "backend.sock")) as door:
        code, out, _ = door.ctl(issuer.token(), "access", "who-am-i")
        assert code == 0 and json.loads(out)["subject"] == "ada"
        code, out, _ = door.ctl("", "access", "get-authorization-server")
        assert code == 0 and json.loads(out)["issuer"] == issuer.url
        for token in ("", issuer.token(aud="elsewhere"), issuer.unsigned()):
            code, _, error = door.ctl(token, "clusters", "list")
            assert code != 0 and "token" in error
        assert door.ctl(issuer.unsigned(), "clusters", "scale", "demo", "--instances", "9")[0] != 0
        assert door.ctl(issuer.token(), "clusters", "scale", "demo", "--instances", "2",
                        "--dry-run")[0] == 0
    with open(os.path.join(data_dir, "log"), encoding="utf-8") as lines:
        audit = [json.loads(line) for line in lines if '"audit"' in line]
    assert [(line["who"], line["decision"]) for line in audit] == [
        ("unknown", "denied"), ("ada", "allowed")]


def test_failing_over_grpc_is_limited_and_locks_nobody_out(data_dir, issuer):
    with grpc_door(data_dir, issuer, "--listen", "127.0.0.1:0", "--failure-rate",
                   "0.001") as door:
        known = issuer.token()
        assert door.ctl(known, "clusters", "list")[0] == 0
        errors = [door.ctl(issuer.token(aud="elsewhere", sub=f"eve{i}"), "clusters", "list")[2]
                  for i in range(3)]
        assert "Too many tokens" not in errors[0]
        assert all("Too many tokens" in error for error in errors[1:]), errors
        # From the same address: one that was let in before, and a new one.
        assert door.ctl(known, "clusters", "list")[0] == 0
        assert door.ctl(issuer.token(sub="bob"), "clusters", "list")[0] == 0


def reviewed(allowed, *names):
    """An API whose access reviews say so, and which forbids reads in others' names."""
    base = healthy(*names)

    def answer(method, path):
        if path.startswith("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"):
            return 201, {"kind": "SelfSubjectAccessReview", "status": {"allowed": allowed}}, {}
        return base(method, path)
    return answer


def test_kubernetes_decides_what_a_caller_may_read(data_dir, issuer):
    with adapter(data_dir, issuer.url, backend=["--impersonate", "--impersonate-prefix",
                                                "oidc:"]) as door:
        door.api.answer = reviewed(True, "demo")
        ada = issuer.token(groups=["dba"])
        for _ in range(3):
            assert door.call(ada, "get_cluster_status", name="demo")[0] == 200
        reviews = [asked for asked in door.api.asked_as if "accessreviews" in asked[1]]
        assert [asked[2:] for asked in reviews] == [("oidc:ada", ["oidc:dba"])]
        others = [asked for asked in door.api.asked_as if "accessreviews" not in asked[1]]
        assert all(asked[2] == "oidc:ada" for asked in others)

        # Who is not allowed to, reads in its own name, and Kubernetes forbids it.
        known = reviewed(False, "demo")
        door.api.answer = lambda method, path: (
            (403, status(403, "Forbidden", "clusters is forbidden"), {})
            if path.endswith("/clusters/demo") else known(method, path))
        _, _, answer = door.call(issuer.token(sub="eve"), "get_cluster_status", name="demo")
        assert answer["result"]["isError"]
        assert answer["result"]["structuredContent"]["error"]["code"] == "PERMISSION_DENIED"
        assert ("GET", "/apis/postgresql.cnpg.io/v1/namespaces/default/clusters/demo",
                "oidc:eve", []) in door.api.asked_as
        # What ada may see is still there for her.
        assert door.call(ada, "get_cluster_status", name="demo")[0] == 200
