"""Every refusal names the field, what was expected and an example; nothing is half done."""

import http.client
import json
import urllib.parse

import pytest

from mcp_client import McpError, ToolError


def refused(mcp, tool, arguments):
    with pytest.raises(ToolError) as refusal:
        mcp.call(tool, arguments)
    assert refusal.value.error["code"] == "INVALID_ARGUMENT", refusal.value.result
    return str(refusal.value)


def test_unknown_tool(mcp):
    with pytest.raises(McpError) as error:
        mcp.call("create_postgres_clutser", {})
    assert error.value.code == -32602
    assert "create_postgres_cluster" in str(error.value)


def test_unknown_argument_suggests_the_nearest(mcp):
    text = refused(mcp, "create_postgres_cluster", {"name": "x", "instnaces": 3})
    assert "instnaces" in text and "instances" in text


@pytest.mark.parametrize("arguments,field,expected", [
    ({"name": 7}, "name", "string"),
    ({"name": "x", "instances": "many"}, "instances", "integer"),
    ({"name": "x", "instances": 1.5}, "instances", "integer"),
    ({"name": "x", "instances": 11}, "instances", "10"),
    ({"name": "x", "instances": 0}, "instances", "1"),
    ({"name": "x", "instances": 99999999999999999999}, "instances", "integer"),
    ({"name": "x", "wait": "yes"}, "wait", "true"),
    ({"name": "x", "timeout": 5}, "timeout", "30"),
    ({"name": "x", "storage_size": "ten gigabytes"}, "storage_size", "10Gi"),
    ({"name": "x", "storage_size": "-1Gi"}, "storage_size", "10Gi"),
    ({"name": "Upper"}, "name", "lower-case"),
    ({"name": "1st"}, "name", "orders-db"),
    ({"name": "a" * 51}, "name", "50"),
    ({"name": ""}, "name", "orders-db"),
    ({}, "name", "orders-db"),
    ({"name": "x", "postgres_version": "latest"}, "postgres_version", "16"),
    ({"name": "x", "namespace": "No_Such"}, "namespace", "namespace"),
    ({"name": "x", "namespace": ["a"]}, "namespace", "string"),
])
def test_each_refusal_names_field_and_expectation(mcp, arguments, field, expected):
    text = refused(mcp, "create_postgres_cluster", arguments)
    assert field in text and expected in text, text


def test_all_problems_are_told_at_once(mcp):
    text = refused(mcp, "create_postgres_cluster", {"name": "UP", "instances": 77})
    assert "name" in text and "instances" in text and "77" in text


def test_an_enum_lists_its_values(mcp):
    text = refused(mcp, "list_postgres_clusters", {"detail_level": "full"})
    assert "concise" in text and "detailed" in text


@pytest.mark.parametrize("role", ["", "a" * 64, "nul\x00byte"])
def test_role_names_are_postgres_identifiers(mcp, role):
    text = refused(mcp, "create_postgres_role", {"cluster_name": "x", "role_name": role})
    assert "role_name" in text and "63" in text


def test_a_missing_cluster_says_what_to_do(mcp):
    with pytest.raises(ToolError) as refusal:
        mcp.call("get_cluster_status", {"name": "no-such"})
    assert refusal.value.error["code"] == "NOT_FOUND"
    assert "no-such" in str(refusal.value) and "list_postgres_clusters" in str(refusal.value)


@pytest.mark.parametrize("line,code", [
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/list"\n', -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}\n', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}\n', -32700),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}\n', -32600),
    (b'{"jsonrpc":"2.0","id":1}\n', -32600),
    (b'[]\n', -32600),
    (b'"hello"\n', -32600),
    (b'[' * 5000 + b'\n', -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'[' * 200 + b']' * 200 + b'}\n', -32700),
    (b'{"jsonrpc":"2.0","id":1,"method":"no/such"}\n', -32601),
])
def test_broken_lines_are_answered_and_survived(mcp, line, code):
    mcp.send_raw(line)
    answer = mcp.receive()
    assert answer["error"]["code"] == code or (
        code in (-32600, -32700) and answer["error"]["code"] in (-32600, -32700)), answer
    assert mcp.request("tools/list")["tools"]


def test_an_oversized_line_is_refused_and_survived(mcp):
    mcp.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"'
                 + b"a" * (11 << 20) + b'"}}\n')
    answer = mcp.receive(60)
    assert answer["error"]["code"] in (-32600, -32700)
    assert mcp.request("tools/list")["tools"]


def _post(stack, body, headers=None, path=None):
    url = urllib.parse.urlsplit(stack.endpoints["mcp"])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
    try:
        try:
            connection.request("POST", path or url.path, body, dict({
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream"}, **(headers or {})))
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server need not read a body that it refuses.
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("body,headers,status", [
    (b"{", {}, 400),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', {"Content-Type": "text/plain"}, 415),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', {"Origin": "http://evil.example.com"}, 403),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', {"Host": "evil.example.com"}, 403),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', {"Mcp-Session-Id": "unknown"}, 404),
    # A name of its own: pytest puts it into the environment of all that a test starts.
    pytest.param(b"x" * (5 << 20), {}, 413, id="5 MiB"),
])
def test_http_refusals(stack, body, headers, status):
    assert _post(stack, body, headers)[0] == status


def test_http_needs_no_session(stack):
    status, body = _post(stack, b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', path="/")
    assert status == 200
    assert len(json.loads(body)["result"]["tools"]) == 12
