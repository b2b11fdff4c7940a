"""`./howdah COMMAND`: help, wrong command lines, programs it runs."""

import json
import os
import pathlib
import subprocess

import pytest

from stand_in import ROOT
from waiting import eventually

COMMANDS = ("setup", "build", "up", "test", "demo", "local", "backend", "mcp", "assistant",
            "ctl", "bench", "check", "fix", "help")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_page(launcher, command):
    code, out, err = launcher.run("help", command)
    assert (code, err) == (0, "")
    assert "./howdah" in out and "\x1b" not in out
    if command not in ("ctl", "help"):
        assert launcher.run(command, "--help")[1] == out


def test_the_overview_names_every_command(launcher):
    out = launcher.run("help")[1]
    for command in COMMANDS:
        assert f" {command} " in out or f"; {command} " in out or command == "help"


@pytest.mark.parametrize("arguments, said", [
    (["tset"], 'no command "tset". Did you mean "test"?'),
    (["up", "--mcp-prot", "1"], "--mcp-prot"),
    (["up", "--mcp-port", "70000"], "0 to 65535"),
    (["up", "--data-dir"], "--data-dir needs a value"),
    (["test", "--pears"], "--pears"),
    (["mcp", "--json"], "--json"),
])
def test_a_wrong_command_line_ends_with_2_and_says_why(launcher, arguments, said):
    code, out, err = launcher.run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def started(launcher):
    """With what arguments, once the program has announced itself."""
    return launcher.events("started")[0]["arguments"]


def test_mcp_leaves_stdout_to_the_adapter(launcher):
    mcp = launcher.start("mcp", "--data-dir", str(launcher.data_dir), "--read-only",
                         "--toolsets", "postgres")
    first = mcp.stdout.readline()
    mcp.terminate()
    out, err = mcp.communicate(timeout=10)
    assert "url" in json.loads(first) and out == ""
    assert "the local plane" in err
    arguments = started(launcher)
    assert arguments[:4] == ["--transport", "stdio", "--spawn-backend", "--local-data-dir"]
    assert arguments[4] == str(launcher.data_dir)
    # The adapter tells its backend.
    own = arguments[:arguments.index("--")]
    assert "--read-only" in own
    assert own[own.index("--toolsets") + 1] == "postgres"


def test_mcp_has_a_sandbox_that_ends_with_it(launcher):
    mcp = launcher.start("mcp", "--data-dir", str(launcher.data_dir), "--aiven=sandbox",
                         AIVEN_TOKEN="of-the-real-one", AIVEN_ACCOUNTS="lab")
    assert "url" in json.loads(mcp.stdout.readline())
    starts = {event["program"]: event for event in launcher.events("started")}
    assert "--exit-with-parent" in starts["aiven-sandbox"]["arguments"]
    assert starts["howdah-mcp"]["aiven"] == ["AIVEN_BASE_URL", "AIVEN_TOKEN_FILE"]
    mcp.terminate()
    out, err = mcp.communicate(timeout=30)
    assert out == "" and "invented" in err
    eventually(lambda: launcher.living() == [], "the sandbox has ended too")
    assert not list(launcher.data_dir.parent.glob("howdah.*"))


def test_mcp_whose_sandbox_does_not_start_says_so(launcher):
    code, out, err = launcher.run("mcp", "--data-dir", str(launcher.data_dir),
                                  "--aiven=sandbox", HOWDAH_FAKE_BREAK="aiven-sandbox")
    assert (code, out) == (1, "") and "aiven-sandbox ended before it was ready" in err
    assert [e["program"] for e in launcher.events("started")].count("howdah-mcp") == 0
    assert not list(launcher.data_dir.parent.glob("howdah.*"))


def test_mcp_seals_with_the_key_of_up(launcher):
    def sealing(*more, **environment):
        mcp = launcher.start("mcp", "--data-dir", str(launcher.data_dir), *more, **environment)
        mcp.stdout.readline()
        mcp.terminate()
        mcp.communicate(timeout=10)
        own = launcher.events("started")[-1]["arguments"]
        own = own[:own.index("--")]
        return own[own.index("--state-key-file") + 1] if "--state-key-file" in own else None
    assert sealing() is None
    assert not launcher.data_dir.exists(), "a client may only be looking"
    launcher.data_dir.mkdir()
    (launcher.data_dir / "state-key").touch()
    assert sealing() == str(launcher.data_dir / "state-key")
    assert sealing("--state-key-file", "/own") == "/own"
    assert sealing(HOWDAH_STATE_KEY_FILE="/own") == "/own"


def test_mcp_with_a_kubeconfig_has_no_local_plane(launcher):
    mcp = launcher.start("mcp", "--data-dir", str(launcher.data_dir), "--kubeconfig", "/k",
                         "--context", "prod")
    mcp.stdout.readline()
    arguments = started(launcher)
    mcp.terminate()
    mcp.communicate(timeout=10)
    assert arguments == ["--transport", "stdio", "--spawn-backend", "--",
                         "--kubeconfig", "/k", "--context", "prod"]


@pytest.mark.parametrize("command", ["mcp", "local"])
def test_the_ports_of_up_are_taken_by_all(launcher, command):
    child = launcher.start(command, "--data-dir", str(launcher.data_dir), "--kube-port", "0",
                           "--mcp-port", "0", "--grpc-port=0")
    child.stdout.readline()
    arguments = started(launcher)
    child.terminate()
    child.communicate(timeout=10)
    assert str(launcher.data_dir) in arguments
    assert not {"--mcp-port", "--grpc-port=0"} & set(arguments)


@pytest.mark.parametrize("environment, place", [
    ({"XDG_STATE_HOME": "/state"}, "/state/howdah"),
    ({"XDG_STATE_HOME": "", "HOME": "/home/me"}, "/home/me/.local/state/howdah"),
])
def test_data_lies_where_the_state_of_programs_lies(launcher, environment, place):
    mcp = launcher.start("mcp", **environment)
    mcp.stdout.readline()
    arguments = started(launcher)
    mcp.terminate()
    mcp.communicate(timeout=10)
    assert arguments[arguments.index("--local-data-dir") + 1] == place


def test_mcp_without_programs_says_what_to_do_and_builds_nothing(launcher, tmp_path):
    code, out, err = launcher.run("mcp", HOWDAH_BIN_DIR=str(tmp_path / "none"))
    assert (code, out) == (1, "")
    assert "howdah build" in err


def test_ctl_passes_everything_on(launcher):
    ctl = launcher.start("ctl", "--help", "clusters", "list")
    ctl.stdout.readline()
    arguments = started(launcher)
    ctl.kill()
    ctl.communicate(timeout=10)
    assert arguments == ["--help", "clusters", "list"]


def test_it_works_through_a_link_and_without_home(launcher, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(ROOT / "howdah")
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    out = subprocess.run([link, "help"], env=environment, capture_output=True, text=True, check=True)
    assert "./howdah up" in out.stdout
    out = subprocess.run([link, "setup"], env=dict(environment, HOME=""), capture_output=True,
                         text=True, check=False)
    assert out.returncode == 0, out.stderr


def fake_debian(tmp_path, installed, known=True, update_fails=0):
    """A dpkg-query and an apt-get that only write down what they are asked."""
    folder = tmp_path / "debian"
    folder.mkdir(exist_ok=True)
    state = folder / "installed"
    state.write_text("".join(f"{p}\n" for p in installed))
    scripts = {
        "dpkg-query": f'while read -r p; do echo "installed $p"; done <{state}; exit 1',
        "apt-cache": 'shift; for p in "$@"; do echo "  Candidate: '
                     + ("1" if known else "(none)") + '"; done',
        "apt-get": f'echo "$@" >>{folder}/calls\n'
                   f'[[ $1 == install ]] || exit 0\n'
                   f'for p in "$@"; do [[ $p == [-]* || $p == *=* ]] || echo "$p" >>{state}; done',
        "id": "echo 0",
        "kubectl": "true",
        "env": 'while [[ $1 == *=* ]]; do export "$1"; shift; done; exec "$@"',
    }
    for name, text in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
    return folder


def listed_packages():
    """Those that every machine needs."""
    lines = (ROOT / "deploy/debian-packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and line[0] != "#" and "!" not in line]


def run_setup(launcher, folder):
    return launcher.run("setup", PATH=f"{folder}:{os.environ['PATH']}")


def test_setup_calls_no_apt_when_nothing_is_missing(launcher, tmp_path):
    folder = fake_debian(tmp_path, listed_packages())
    assert run_setup(launcher, folder)[0] == 0
    assert not (folder / "calls").exists()


def test_setup_installs_only_what_is_missing(launcher, tmp_path):
    folder = fake_debian(tmp_path, listed_packages()[2:])
    code, _, err = run_setup(launcher, folder)
    assert code == 0, err
    calls = (folder / "calls").read_text().splitlines()
    assert len(calls) == 1 and calls[0].startswith("install ")
    assert calls[0].split()[-2:] == sorted(listed_packages()[:2])


def test_setup_leaves_out_what_is_there_from_elsewhere(launcher, tmp_path):
    folder = fake_debian(tmp_path, listed_packages())
    assert run_setup(launcher, folder)[0] == 0
    assert not (folder / "calls").exists()
    # A PATH with all of the machine's commands but this one.
    rest = tmp_path / "rest"
    rest.mkdir()
    for command in pathlib.Path("/usr/bin").iterdir():
        if command.name != "kubectl":
            (rest / command.name).symlink_to(command)
    (folder / "kubectl").unlink()
    code, _, err = launcher.run("setup", PATH=f"{folder}:{rest}")
    assert code == 0, err
    assert (folder / "calls").read_text().split()[-1] == "kubernetes-client"


def test_setup_updates_the_lists_when_apt_does_not_know_a_package(launcher, tmp_path):
    folder = fake_debian(tmp_path, listed_packages()[1:], known=False)
    assert run_setup(launcher, folder)[0] == 0
    calls = [line.split()[0] for line in (folder / "calls").read_text().splitlines()]
    assert calls == ["update", "install"]


def test_setup_without_root_and_sudo_names_the_command(launcher, tmp_path):
    folder = fake_debian(tmp_path, listed_packages()[1:])
    (folder / "id").write_text("#!/bin/bash\necho 1000\n")
    code, _, err = run_setup(launcher, folder)
    assert code == 1
    assert "apt-get install --no-install-recommends" in err and listed_packages()[0] in err
