"""Configurations of assistants, tested by starting exactly what they say."""

import json
import os
import subprocess

import pytest

from mcp_client import StdioClient
from stack import LAUNCHER

# As each of them reads it: the key of its servers, and whether it wants a type.
ASSISTANTS = {"claude-desktop": ("mcpServers", False), "claude-code": ("mcpServers", True),
              "cursor": ("mcpServers", False), "vscode": ("servers", True)}


def generated(*arguments, expect=0):
    done = subprocess.run([LAUNCHER, "assistant", *arguments], capture_output=True, text=True,
                          check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("name", ASSISTANTS)
def test_what_it_says_starts_and_offers_tools(name, data_dir):
    key, typed = ASSISTANTS[name]
    text = generated(name, "--data-dir", os.path.join(data_dir, "with a space"), "--read-only")
    configuration = json.loads(text.stdout)
    assert list(configuration) == [key]
    server = configuration[key]["howdah"]
    assert set(server) == {"command", "args"} | ({"type"} if typed else set())
    # As an assistant starts it: from elsewhere, with hardly an environment.
    with StdioClient([server["command"], *server["args"]], cwd="/", stderr=subprocess.DEVNULL,
                     env={"HOME": data_dir, "PATH": "/usr/bin:/bin"}) as client:
        client.initialize()
        tools = [tool["name"] for tool in client.request("tools/list")["tools"]]
    assert "list_postgres_clusters" in tools and "delete_postgres_cluster" not in tools


@pytest.mark.parametrize("name", [name for name in ASSISTANTS if name != "claude-desktop"])
def test_a_running_server_is_named_by_its_url(name, stack):
    configuration = json.loads(generated(name, "--url", stack.endpoints["mcp"]).stdout)
    server = configuration[ASSISTANTS[name][0]]["howdah"]
    assert server["url"] == stack.endpoints["mcp"] and "command" not in server


@pytest.mark.parametrize("arguments, said", [
    ([], "claude-desktop"), (["emacs"], "only: claude-desktop"),
    (["cursor", "--raed-only"], "--raed-only"), (["cursor", "--url", "localhost"], "--url"),
    (["claude-desktop", "--url", "http://127.0.0.1:3000/mcp"], "Connectors"),
    (["cursor", "--url", "http://127.0.0.1:3000/mcp", "--read-only"], "no meaning")])
def test_what_cannot_work_is_refused_at_once(arguments, said):
    done = generated(*arguments, expect=2)
    assert said in done.stderr and done.stdout == ""
