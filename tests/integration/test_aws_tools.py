"""The AWS tools as far as they go without the AWS CLI: off unless asked for, plain
about what is missing, strict about the operator's file."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

from mcp_client import StdioClient, ToolError

BIN = pathlib.Path(__file__).resolve().parents[2] / ".howdah" / "bin"
TOOLS = {"execute_aws_read_command", "execute_aws_write_command", "list_aws_profiles",
         "explain_aws_command", "get_aws_identity"}


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="howdah-test-") as folder:
        aws = pathlib.Path(folder) / ".aws"
        aws.mkdir()
        (aws / "config").write_text("[default]\nregion = eu-west-1\n[profile prod]\n"
                                    "sso_session = corp\n", encoding="utf-8")
        yield folder


class Adapter:
    """howdah-mcp on a backend of its own, without any program on its PATH."""

    def __init__(self, home, *flags, backend_flags=()):
        self.socket = os.path.join(home, "backend.sock")
        environment = {"HOME": home, "PATH": home, "TMPDIR": home}
        self.backend = subprocess.Popen(
            [BIN / "howdah-backend", "--listen", "unix:" + self.socket, "--announce",
             *backend_flags], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self.backend.stdout.readline()
        self.client = StdioClient([BIN / "howdah-mcp", "--backend", "unix:" + self.socket,
                                   *flags], stderr=subprocess.DEVNULL)

    def __enter__(self):
        self.client.initialize()
        return self

    def __exit__(self, *unused):
        self.client.close()
        self.backend.terminate()
        assert self.backend.wait(30) == 0
        self.backend.stdout.close()

    def names(self):
        return {tool["name"] for tool in self.client.request("tools/list")["tools"]}


def reason_of(adapter, tool, **arguments):
    with pytest.raises(ToolError) as raised:
        adapter.client.call(tool, arguments)
    return raised.value.error


@pytest.mark.parametrize("toolsets, there", [
    ([], False), (["--toolsets", "postgres"], False),
    (["--toolsets", "aws"], True), (["--toolsets", "all"], True)])
def test_the_tools_are_there_when_asked_for(home, toolsets, there):
    with Adapter(home, *toolsets, backend_flags=["--toolsets", "all"]) as adapter:
        assert TOOLS & adapter.names() == (TOOLS if there else set())


def test_a_file_asks_for_them_too(home):
    settings = os.path.join(home, "howdah.json")
    pathlib.Path(settings).write_text(json.dumps({"toolsets": "aws"}), encoding="utf-8")
    with Adapter(home, "--config", settings, backend_flags=["--config", settings]) as adapter:
        assert adapter.names() == TOOLS
        listed = adapter.client.call("list_aws_profiles", {})["structuredContent"]
        assert [(p["name"], p["credentials"]) for p in listed["profiles"]] == [
            ("default", "environment"), ("prod", "sso")]


def test_a_backend_that_was_not_asked_refuses_them(home):
    with Adapter(home, "--toolsets", "aws") as adapter:
        error = reason_of(adapter, "list_aws_profiles")
        assert error["reason"] == "TOOLSET_OFF" and "--toolsets" in error["message"]


def test_without_a_cli_they_say_how_to_get_one(home):
    with Adapter(home, "--toolsets", "aws", backend_flags=["--toolsets", "aws"]) as adapter:
        for tool, arguments in (("execute_aws_read_command", {"command": "s3 ls"}),
                                ("execute_aws_write_command", {"command": "s3 mb s3://x"}),
                                ("explain_aws_command", {"command": "s3 ls"}),
                                ("get_aws_identity", {})):
            error = reason_of(adapter, tool, **arguments)
            assert error["code"] == "FAILED_PRECONDITION", error
            assert error["reason"] == "CLI_MISSING" and "install" in error["message"].lower()
        assert adapter.client.call("list_aws_profiles", {})["structuredContent"]["count"] == 2


def test_an_invalid_file_of_rules_stops_the_start(home):
    rules = os.path.join(home, "policy.yaml")
    pathlib.Path(rules).write_text("version: 1\nprofile: [default]\n", encoding="utf-8")
    done = subprocess.run([BIN / "howdah-backend", "--listen", "unix:" + home + "/s",
                           "--aws-policy", rules], env={"HOME": home}, check=False,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "policy.yaml:2:1" in done.stderr, done.stderr
    pathlib.Path(rules).write_text("version: 1\nprofiles: [default]\n", encoding="utf-8")
    with Adapter(home, "--toolsets", "aws",
                 backend_flags=["--toolsets", "aws", "--aws-policy", rules]) as adapter:
        listed = adapter.client.call("list_aws_profiles", {})["structuredContent"]
        assert {p["name"]: p["allowed"] for p in listed["profiles"]} == {
            "default": True, "prod": False}
