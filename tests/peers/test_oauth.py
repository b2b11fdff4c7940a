"""OAuth against a real provider: npm's oidc-provider, with the official SDK as client."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

import peers
from guarded_adapter import LIST, adapter
from waiting import eventually

HERE = pathlib.Path(__file__).resolve().parent / "oauth"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def node(script, *arguments):
    environment = peers.node_environment()
    environment["NODE_PATH"] = str(peers.npm())
    return ["node", str(HERE / script), *arguments], environment


class Provider:
    """A running oidc-provider."""

    def __init__(self, announced):
        self.issuer = announced["issuer"]

    def _post(self, path, body, **headers):
        request = urllib.request.Request(self.issuer + path, data=body.encode(), headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def token(self, scope="howdah:read", resource="howdah"):
        """A token of a service's own (client credentials)."""
        form = {"grant_type": "client_credentials", "client_id": "service",
                "client_secret": "service-secret", "scope": scope,
                "resource": "urn:" + resource}
        return json.loads(self._post("/token", urllib.parse.urlencode(form)))["access_token"]

    def forge(self, header=None, **claims):
        """Whatever is wanted, signed with the provider's key."""
        now = int(time.time())
        return self._post("/test/sign", json.dumps(
            {"header": header or {},
             "claims": {"iss": self.issuer, "aud": "urn:howdah", "sub": "ada", "iat": now,
                        "exp": now + 300, "scope": "howdah:read", **claims}}))

    def public_pem(self):
        return self._post("/test/pem", "")


@contextlib.contextmanager
def provider(directory, keys="first", **options):
    command, environment = node("provider.mjs", json.dumps(
        {"port": 0, "keys": os.path.join(directory, keys + ".json"), "resource": "urn:howdah",
         **options}))
    with open(os.path.join(directory, "provider.log"), "ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
        try:
            line = process.stdout.readline()
            assert line, pathlib.Path(log.name).read_text(encoding="utf-8")[-2000:]
            yield Provider(json.loads(line))
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path)


def way_in(*arguments):
    """What the client saw on its way, or its error."""
    command, environment = node("client.mjs", *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True,
                          timeout=120, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else done.stdout + done.stderr


SCALE = ["scale_postgres_cluster", json.dumps({"name": "demo", "instances": 2, "dry_run": True})]


@pytest.mark.parametrize("sdk", ["v1", "v2"])
def test_an_assistant_finds_its_way_in_and_steps_up(directory, sdk):
    """401, metadata, dynamic registration, PKCE, login, call; 403, login, call again."""
    port = free_port()
    url = "http://127.0.0.1:%d/mcp" % port
    with provider(directory, resource=url) as issuer, \
            adapter(directory, issuer.issuer, "--scopes", port=port,
                    OIDC_AUDIENCE=url) as door:
        assert door.url == url
        log = way_in(sdk, url, *SCALE)
    assert isinstance(log, dict), log
    assert log["registered"] == 1
    first, second = log["asked"]
    assert set(first["scope"].split()) - {"offline_access"} == {"howdah:read"}
    assert (first["resource"], first["pkce"]) == (url, "S256")
    assert "howdah:write" in second["scope"].split()
    assert "scale_postgres_cluster" not in log["tools"]
    assert "scale_postgres_cluster" in log["toolsAfter"]
    assert not log["result"].get("isError"), log["result"]


@contextlib.contextmanager
def registering_elsewhere(directory, **options):
    """A door whose provider tells nobody where to register; yields (URL, provider)."""
    port = free_port()
    url = "http://127.0.0.1:%d/mcp" % port
    with provider(directory, resource=url, hideRegistration=True, **options) as issuer, \
            adapter(directory, issuer.issuer, port=port, OIDC_AUDIENCE=url,
                    OIDC_SCOPE="howdah:read", DCR_PROXY_URL=issuer.issuer + "/reg") as door:
        yield door, issuer


@pytest.mark.parametrize("sdk", ["v1", "v2"])
def test_clients_register_elsewhere(directory, sdk):
    """We are the issuer they know, and nothing contradicts it."""
    with registering_elsewhere(directory, nameless=True) as (door, _):
        log = way_in(sdk, door.url, *SCALE)
    assert isinstance(log, dict), log
    assert log["registered"] == 1 and not log["result"].get("isError")


def test_an_issuer_that_names_itself_is_the_one_that_clients_know(directory):
    """A strict client gets in with an id of its own, and would not by way of us."""
    with registering_elsewhere(directory) as (door, issuer):
        _, _, resource = door.fetch("/.well-known/oauth-protected-resource/mcp")
        own = door.url.removesuffix("/mcp")
        assert resource["authorization_servers"] == [issuer.issuer, own]
        log = way_in("v2", door.url, *SCALE, "registered before")
        assert isinstance(log, dict), log
        assert log["registered"] == 0 and not log["result"].get("isError")
        _, _, ours = door.fetch("/.well-known/oauth-authorization-server")
        assert (ours["issuer"], ours["registration_endpoint"]) == (own, issuer.issuer + "/reg")


@pytest.mark.parametrize("sdk", ["v1", "v2"])
def test_who_must_register_there_and_asks_the_first_alone_does_not_get_in(directory, sdk):
    """The limit that docs/oidc.md tells of: both SDKs look at the first server only."""
    with registering_elsewhere(directory) as (door, _):
        log = way_in(sdk, door.url, *SCALE)
    assert isinstance(log, str) and "does not support dynamic client registration" in log


def test_tokens_of_a_real_provider(directory):
    with provider(directory) as issuer, \
            adapter(directory, issuer.issuer, OIDC_AUDIENCE="urn:howdah") as door:
        assert "list_postgres_clusters" in door.tools(issuer.token())
        assert door.tools(issuer.token(resource="elsewhere")) == 401
        now = int(time.time())
        for what, claims in {"expired": {"exp": now - 60}, "audience": {"aud": "x"},
                             "issuer": {"iss": "http://127.0.0.1:1"}}.items():
            assert door.tools(issuer.forge(**claims)) == 401, what
        assert "list_postgres_clusters" in door.tools(issuer.forge())
        header, claims, _ = issuer.forge(header={"alg": "none"}).split(".")
        assert door.tools("%s.%s." % (header, claims)) == 401
        assert door.tools(confused(issuer)) == 401


def confused(issuer):
    """HMAC with the provider's public key for a secret."""
    text = issuer.forge(header={"alg": "HS256"}).rpartition(".")[0]
    mac = hmac.new(issuer.public_pem().encode(), text.encode(), hashlib.sha256).digest()
    return "%s.%s" % (text, base64.urlsafe_b64encode(mac).rstrip(b"=").decode())


def test_a_token_ends(directory):
    with provider(directory, ttl=1) as issuer, \
            adapter(directory, issuer.issuer, OIDC_AUDIENCE="urn:howdah") as door:
        token = issuer.token()
        assert door.tools(token) != 401
        eventually(lambda: door.tools(token) == 401, "the token ends", 90)
        _, headers, _ = door.fetch("/mcp", LIST, token)
        assert "expired" in headers["WWW-Authenticate"]


def test_the_provider_changes_its_key(directory):
    port = free_port()
    with contextlib.ExitStack() as stack:
        with provider(directory, port=port) as issuer:
            door = stack.enter_context(
                adapter(directory, issuer.issuer, OIDC_AUDIENCE="urn:howdah"))
            assert door.tools(issuer.token()) != 401
        with provider(directory, keys="second", port=port) as issuer:
            eventually(lambda: door.tools(issuer.token()) != 401, "the new key is found")
