"""`./howdah up`: what it starts, how it says so, how it ends."""

import json
import os
import pathlib
import signal
import socket

import pytest

from waiting import wait_for_end


def test_json_is_one_line_with_real_ports(launcher):
    up = launcher.up("--json")
    endpoints = json.loads(up.stdout.readline())
    assert set(endpoints) == {"mcp", "grpc", "kubernetes", "kubeconfig", "data_dir", "aiven_sandbox",
                              "pid"}
    assert endpoints["aiven_sandbox"] is None
    assert endpoints["mcp"].startswith("http://127.0.0.1:") and endpoints["mcp"].endswith("/mcp")
    assert not endpoints["grpc"].endswith(":0")
    assert endpoints["data_dir"] == str(launcher.data_dir)
    assert endpoints["pid"] == up.pid
    up.terminate()
    out, _ = up.communicate(timeout=30)
    assert out == ""
    assert up.returncode == 0
    assert not launcher.living()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_in_reverse_order(launcher, number):
    up = launcher.up("--json")
    up.stdout.readline()
    os.kill(up.pid, number)
    up.communicate(timeout=30)
    assert up.returncode == 0
    assert [e["program"] for e in launcher.events("ended")] == [
        "howdah-mcp", "howdah-backend", "howdah-local"]


def test_ctrl_c_on_a_terminal_reaches_only_the_launcher(launcher):
    up = launcher.up("--json")
    up.stdout.readline()
    os.killpg(up.pid, signal.SIGINT)
    up.communicate(timeout=30)
    assert up.returncode == 0
    assert not launcher.events("interrupted")
    assert not launcher.living()


@pytest.mark.parametrize("program", ["howdah-local", "howdah-backend", "howdah-mcp", "aiven-sandbox"])
def test_when_a_child_dies_the_rest_goes_and_its_name_is_said(launcher, program):
    up = launcher.up("--json", "--aiven=sandbox")
    up.stdout.readline()
    launcher.end(program)
    _, err = up.communicate(timeout=30)
    assert up.returncode == 1
    assert f"{program} ended by itself (exit code 4)" in err
    assert not launcher.living()


@pytest.mark.parametrize("program", ["howdah-local", "howdah-backend", "howdah-mcp", "aiven-sandbox"])
def test_a_child_that_does_not_start_is_named(launcher, program):
    up = launcher.up("--json", "--aiven=sandbox", HOWDAH_FAKE_BREAK=program)
    out, err = up.communicate(timeout=30)
    assert (up.returncode, out) == (1, "")
    assert f"{program} ended before it was ready" in err
    assert f"{program}: cannot" in err
    assert not launcher.living()


def test_nothing_outlives_a_killed_launcher(launcher):
    up = launcher.up("--json")
    up.stdout.readline()
    up.kill()
    up.communicate(timeout=30)
    for event in launcher.events("started"):
        wait_for_end(event["pid"])


def test_a_plane_that_another_uses_goes_on(launcher):
    up = launcher.up("--json", HOWDAH_FAKE_SHARED="1")
    plane = json.loads(launcher.log.read_text().splitlines()[0])["pid"] if up.stdout.readline() else 0
    children = pathlib.Path(f"/proc/{plane}/task/{plane}/children").read_text().split()
    up.terminate()
    _, err = up.communicate(timeout=30)
    os.kill(int(children[0]), signal.SIGKILL)
    assert up.returncode == 0
    assert "something else uses it too" in err


def test_a_taken_port_is_told_with_the_way_out(launcher):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, out, err = launcher.run("up", "--mcp-port", port, "--data-dir", str(launcher.data_dir))
    assert (code, out) == (1, "")
    assert f"Port {port}" in err and "--mcp-port 0" in err
    assert not launcher.events("started")


def started(launcher, program):
    return [e for e in launcher.events("started") if e["program"] == program][0]


def arguments_of(launcher, program):
    return started(launcher, program)["arguments"]


def test_the_local_plane_is_the_default_and_is_said(launcher):
    up = launcher.up("--read-only", "--toolsets=postgres")
    assert any("./howdah ctl" in line for line in up.stdout)
    up.terminate()
    _, err = up.communicate(timeout=30)
    assert f"the local plane in {launcher.data_dir}" in err
    backend = arguments_of(launcher, "howdah-backend")
    assert backend[backend.index("--kubeconfig") + 1] == f"{launcher.data_dir}/kubeconfig"
    adapter = arguments_of(launcher, "howdah-mcp")
    for narrowed in (backend, adapter):
        assert "--read-only" in narrowed
        assert narrowed[narrowed.index("--toolsets") + 1] == "postgres"
    assert adapter[adapter.index("--backend") + 1].startswith("unix:")


def adapter_of(launcher, *arguments, **environment):
    """With what the adapter of an "up" is started."""
    up = launcher.up("--json", *arguments, **environment)
    up.stdout.readline()
    up.terminate()
    up.communicate(timeout=30)
    return [e["arguments"] for e in launcher.events("started") if e["program"] == "howdah-mcp"][-1]


def test_a_restart_keeps_the_key_that_seals(launcher):
    first = adapter_of(launcher)
    file = launcher.data_dir / "state-key"
    assert first[first.index("--state-key-file") + 1] == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    key = file.read_text()
    assert len(key.strip()) >= 32
    again = adapter_of(launcher)
    assert again[again.index("--state-key-file") + 1] == str(file)
    assert file.read_text() == key
    assert not list(launcher.data_dir.glob("state-key.*"))


@pytest.mark.parametrize("arguments, environment", [
    (["--state-key-file", "/own"], {}),
    ([], {"HOWDAH_STATE_KEY_FILE": "/own"}),
])
def test_replicas_are_given_their_key(launcher, arguments, environment):
    adapter = adapter_of(launcher, *arguments, **environment)
    assert adapter[adapter.index("--state-key-file") + 1] == "/own"
    assert not (launcher.data_dir / "state-key").exists()


def test_the_adapter_gets_what_follows_the_dashes(launcher):
    adapter = adapter_of(launcher, "--", "--public-url", "https://db.example/mcp")
    assert adapter[-2:] == ["--public-url", "https://db.example/mcp"]


@pytest.mark.parametrize("arguments, environment, said", [
    (["--kubeconfig", "/k", "--context", "prod"], {}, "prod of /k"),
    (["--context", "prod"], {}, "context prod of the default kubeconfig"),
    ([], {"KUBECONFIG": "/a:/b"}, "the current context of KUBECONFIG=/a:/b"),
])
def test_a_named_cluster_replaces_the_local_plane(launcher, arguments, environment, said):
    up = launcher.up("--json", *arguments, **environment)
    endpoints = json.loads(up.stdout.readline())
    up.terminate()
    _, err = up.communicate(timeout=30)
    assert said in err
    assert endpoints["data_dir"] is None
    assert [e["program"] for e in launcher.events("started")] == ["howdah-backend", "howdah-mcp"]
    assert "--default-postgres-version" not in arguments_of(launcher, "howdah-backend")


def test_the_aiven_sandbox_is_run_and_is_the_only_account(launcher):
    up = launcher.up("--json", "--aiven=sandbox", AIVEN_TOKEN="of-the-real-one",
                     AIVEN_ACCOUNTS="eu", AIVEN_PROJECT_NAME="mine")
    sandbox = json.loads(up.stdout.readline())["aiven_sandbox"]
    up.terminate()
    _, err = up.communicate(timeout=30)
    assert f"Aiven: the sandbox at {sandbox['base_url']}" in err and "invented" in err
    for program in ("howdah-backend", "howdah-mcp"):
        seen = started(launcher, program)
        assert seen["aiven"] == ["AIVEN_BASE_URL", "AIVEN_TOKEN_FILE"]
        assert seen["aiven_base_url"] == sandbox["base_url"]
    assert [e["program"] for e in launcher.events("ended")] == [
        "howdah-mcp", "howdah-backend", "aiven-sandbox", "howdah-local"]
    assert not launcher.living()


def test_env_files_are_for_backend_and_adapter(launcher):
    up = launcher.up("--json", "--env-file", "/my.env")
    up.stdout.readline()
    up.terminate()
    _, err = up.communicate(timeout=30)
    assert "Aiven: as /my.env says" in err
    for program in ("howdah-backend", "howdah-mcp"):
        told = arguments_of(launcher, program)
        assert told[told.index("--env-file") + 1] == "/my.env"


def test_the_aiven_sandbox_stands_beside_a_named_cluster(launcher):
    up = launcher.up("--json", "--aiven=sandbox", "--kubeconfig", "/k")
    assert json.loads(up.stdout.readline())["aiven_sandbox"]["base_url"].endswith("/v1")
    up.terminate()
    up.communicate(timeout=30)
    assert [e["program"] for e in launcher.events("started")] == [
        "aiven-sandbox", "howdah-backend", "howdah-mcp"]


@pytest.mark.parametrize("environment, said", [
    ({"AIVEN_TOKEN": "t"}, "Aiven: the account of the environment"),
    ({"AIVEN_TOKEN": ""}, "Aiven: off. Set AIVEN_TOKEN, or try an invented fleet with "
                          "--aiven=sandbox."),
])
def test_no_fleet_is_invented_unasked(launcher, environment, said):
    up = launcher.up("--json", **environment)
    assert json.loads(up.stdout.readline())["aiven_sandbox"] is None
    up.terminate()
    _, err = up.communicate(timeout=30)
    assert said in err
    assert "aiven-sandbox" not in [e["program"] for e in launcher.events("started")]


def test_another_aiven_than_the_sandbox_is_told_the_way(launcher):
    code, out, err = launcher.run("up", "--aiven=prod", "--data-dir", str(launcher.data_dir))
    assert (code, out) == (2, "")
    assert "for the real Aiven set AIVEN_TOKEN" in err
    assert not launcher.events("started")
