"""The connection between adapter and backend breaks after a change was sent."""

import os
import pathlib
import subprocess

import pytest

from cutting_proxy import CuttingProxy
from mcp_client import StdioClient
from stack import ROOT
from waiting import eventually

BIN = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR", ROOT / ".howdah" / "bin"))
REQUEST_ID = "howdah.dev/request-id"


@pytest.fixture
def proxy(stack):
    with CuttingProxy(stack.endpoints["grpc"]) as running:
        yield running


@pytest.fixture
def client(proxy):
    with StdioClient([str(BIN / "howdah-mcp"), "--transport", "stdio", "--backend", proxy.address],
                     stderr=subprocess.DEVNULL) as running:
        running.initialize()
        running.call("list_postgres_clusters")  # the connection stands
        yield running


def call_and_lose_the_answer(client, proxy, tool, arguments, done):
    """Calls; once `done` says that the backend has acted, the connection breaks."""
    proxy.swallow()
    waiting = client.start("tools/call", {"name": tool, "arguments": arguments})
    eventually(done, "the backend has acted", 60)
    proxy.cut()
    return client.finish(waiting)


def test_a_creation_whose_answer_is_lost_is_done_once(stack, client, proxy):
    def objects():
        return [c for c in stack.kube.cnpg("clusters")["items"]
                if c["metadata"]["name"] == "cut"]

    result = call_and_lose_the_answer(
        client, proxy, "create_postgres_cluster", {"name": "cut", "instances": 1}, objects)
    assert not result.get("isError"), result
    assert len(objects()) == 1
    assert objects()[0]["metadata"]["annotations"][REQUEST_ID]

    client.call("delete_postgres_cluster", {"name": "cut", "confirm_deletion": True})
