"""A Kubernetes API that is down, slow, wrong or refuses: what the caller is told."""

import json
import os
import re
import subprocess
import time

import pytest

from fake_kubernetes import FakeKubernetes, cluster, healthy, status, write_kubeconfig
from mcp_client import StdioClient, ToolError
from stack import LAUNCHER


@pytest.fixture
def api():
    with FakeKubernetes() as fake:
        fake.answer = healthy("demo")
        yield fake


@pytest.fixture
def client(api):
    with StdioClient([LAUNCHER, "mcp", "--kubeconfig", api.kubeconfig],
                     stderr=subprocess.DEVNULL) as running:
        running.initialize()
        yield running


def failing(code, reason, message, methods=("POST", "PATCH", "DELETE"), headers=None, **details):
    good = healthy("demo")

    def answer(method, path):
        if method in methods:
            return code, status(code, reason, message, **details), headers or {}
        return good(method, path)
    return answer


@pytest.mark.parametrize("code,reason,expected", [
    (400, "BadRequest", "INVALID_ARGUMENT"),
    (401, "Unauthorized", "UNAUTHENTICATED"),
    (403, "Forbidden", "PERMISSION_DENIED"),
    (404, "NotFound", "NOT_FOUND"),
    (409, "AlreadyExists", "ALREADY_EXISTS"),
    (410, "Gone", "OUT_OF_RANGE"),
    (422, "Invalid", "INVALID_ARGUMENT"),
])
def test_refused_writes_are_told_with_their_code(api, client, code, reason, expected):
    api.answer = failing(code, reason, "the server said no")
    # A name that is taken is looked up, to say what is there.
    name = "demo" if reason == "AlreadyExists" else "fresh"
    with pytest.raises(ToolError) as refusal:
        client.call("create_postgres_cluster", {"name": name})
    error = refusal.value.error
    assert error["code"] == expected or (code == 404 and error["code"] == "FAILED_PRECONDITION")
    assert error["reason"] and "secret-token" not in str(refusal.value.result)


def test_invalid_names_the_fields(api, client):
    api.answer = failing(422, "Invalid", "spec is wrong", causes=[
        {"reason": "FieldValueInvalid", "field": "spec.storage.size", "message": "too small"}])
    with pytest.raises(ToolError) as refusal:
        client.call("create_postgres_cluster", {"name": "fresh"})
    assert "spec.storage.size" in str(refusal.value) and "too small" in str(refusal.value)


def test_too_many_requests_are_tried_again(api, client):
    good, tries = healthy("demo"), []

    def answer(method, path):
        if method == "POST" and path.split("?")[0].endswith("/clusters"):
            tries.append(path)
            if len(tries) < 3:
                return 429, status(429, "TooManyRequests", "slow down"), {"Retry-After": "0"}
            return 201, cluster("fresh", "6"), {}
        return good(method, path)

    api.answer = answer
    client.call("create_postgres_cluster", {"name": "fresh"})
    assert len(tries) == 3


def test_a_lasting_500_is_told_and_bounded(api, client):
    api.answer = failing(500, "InternalError", "x" * 100000)
    with pytest.raises(ToolError) as refusal:
        client.call("create_postgres_cluster", {"name": "fresh"})
    assert refusal.value.error["code"] in ("INTERNAL", "UNAVAILABLE")
    assert len(str(refusal.value)) < 3000


def test_lost_races_are_run_again(api, client):
    good, tries = healthy("demo"), []

    def answer(method, path):
        if method == "PATCH":
            tries.append(path)
            if len(tries) < 4:
                return 409, status(409, "Conflict", "the object has been modified"), {}
            return 200, cluster("demo", "9"), {}
        return good(method, path)

    api.answer = answer
    client.call("scale_postgres_cluster", {"name": "demo", "instances": 2})
    assert len(tries) == 4


def test_reads_go_on_from_the_cache_when_the_api_dies(api, client):
    assert client.call("get_cluster_status", {"name": "demo"})["structuredContent"]["name"] == "demo"
    api.answer = lambda method, path: None
    before = len(api.requests)
    for _ in range(20):
        assert client.call("get_cluster_status", {"name": "demo"})["structuredContent"]
    assert len([r for r in api.requests[before:] if "watch" not in r[1]
                and "limit" not in r[1]]) == 0


def test_an_api_that_is_down_is_named(api, data_dir):
    port = api.port
    api.server.shutdown()
    api.server.server_close()
    with StdioClient([LAUNCHER, "mcp", "--kubeconfig", api.kubeconfig],
                     stderr=subprocess.DEVNULL) as client:
        begin = time.monotonic()
        with pytest.raises(ToolError) as refusal:
            client.call("list_postgres_clusters")
        assert refusal.value.error["code"] in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
        assert str(port) in str(refusal.value)
        assert time.monotonic() - begin < 35


@pytest.mark.parametrize("content,expected", [
    (None, "kubeconfig"), ("clusters: [", "kubeconfig"), ("{}", "context")])
def test_a_missing_or_broken_kubeconfig_is_told(data_dir, content, expected):
    path = os.path.join(data_dir, "kubeconfig-of-mine")
    if content is not None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
    with StdioClient([LAUNCHER, "mcp", "--kubeconfig", path],
                     stderr=subprocess.DEVNULL) as client:
        with pytest.raises(ToolError) as refusal:
            client.call("list_postgres_clusters")
        assert expected in str(refusal.value).lower(), str(refusal.value)
        assert path in str(refusal.value), str(refusal.value)
        # Mended, it is used without a restart.
        with FakeKubernetes() as api:
            api.answer = healthy("demo")
            write_kubeconfig(path, "http://127.0.0.1:%d" % api.port, {}, namespace="team")
            listed = client.call("list_postgres_clusters")["structuredContent"]
            assert listed["scope"] == "namespace team"


@pytest.mark.parametrize("more", [{}, {"detail_level": "detailed"}])
def test_a_model_that_reads_only_the_text_finds_all_of_a_long_list(api, client, more):
    names = ["a-cluster-with-a-long-name-%04d" % number for number in range(700)]
    api.answer = healthy(*names)
    seen, asked = [], {"page_size": 600}
    while asked:
        text = client.call("list_postgres_clusters", dict(asked, **more))["content"][0]["text"]
        assert len(text) <= 25000
        shown = re.findall(r"^(?:  name: )?(a-cluster\S+)", text, re.MULTILINE)
        if smaller := re.search(r"(\d+) of (\d+) clusters left out.* page_size=(\d+) ", text):
            left_out, count, size = map(int, smaller.groups())
            assert len(shown) == count - left_out and size < asked["page_size"]
            asked["page_size"] = size
            continue
        seen += shown
        token = re.search(r"page_token=\"?([^\s\".]+)", text)
        asked = token and dict(asked, page_token=token.group(1))
    assert seen == names


def test_a_long_list_as_json_is_cut_and_stays_json(api, client):
    api.answer = healthy(*("a-cluster-with-a-long-name-%04d" % number for number in range(700)))
    result = client.call("list_postgres_clusters", {"page_size": 1000, "format": "json"})
    text = result["content"][0]["text"]
    assert len(text) <= 25000
    json.loads(text)
    assert len(result["structuredContent"]["clusters"]) == 700
