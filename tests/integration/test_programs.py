"""The four programs on a command line: help, versions, mistakes, completion."""

import json
import os
import shutil
import subprocess

import pytest

from stack import BIN, LAUNCHER

PROGRAMS = ["howdah-backend", "howdah-mcp", "howdah-local", "howdahctl"]


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, **more)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_tells_how_to_use_it(program):
    done = run(BIN / program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(program) and "--" in done.stdout
    assert "\x1b" not in done.stdout and max(map(len, done.stdout.splitlines())) <= 80
    # Words that wrap badly leave a stub or Boost's own notation.
    assert " arg" not in done.stdout and "[ --" not in done.stdout
    done = run(BIN / program, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] == program and done.stdout.count("\n") == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_flag_is_named_with_the_way_to_the_right_ones(program):
    done = run(BIN / program, "--no-such-flag")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--no-such-flag" in done.stderr and "--help" in done.stderr


# A flag of each: its variable, and values that differ from the default.
SETTINGS = {
    "howdah-backend": ("drain-timeout", "HOWDAH_DRAIN_TIMEOUT", [11, 12, 13]),
    "howdah-mcp": ("port", "HOWDAH_PORT", [3001, 3002, 3003]),
    "howdah-local": ("port", "HOWDAH_LOCAL_PORT", [6551, 6552, 6553]),
    "howdahctl": ("address", "HOWDAH_ADDRESS", ["a:1", "b:1", "c:1"]),
}


def configuration(program, *flags, **variables):
    done = run(BIN / program, *flags, "--print-config", env={**os.environ, **variables})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_command_line_environment_and_file_are_one_configuration(program, tmp_path):
    flag, variable, (first, second, third) = SETTINGS[program]
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({flag: third}), encoding="utf-8")
    of_file = ["--config", file]
    default = json.loads(configuration(program))[flag]
    assert default not in (first, second, third)

    def shown(*flags, **variables):
        return json.loads(configuration(program, *flags, **variables))[flag]

    assert shown(*of_file, f"--{flag}={first}", **{variable: str(second)}) == first
    assert shown(*of_file, **{variable: str(second)}) == second
    assert shown(*of_file) == third
    # By way of an .env file, which the environment wins over.
    (tmp_path / ".env").write_text(f"{variable}={second}\n", encoding="utf-8")
    assert shown("--env-file", tmp_path / ".env") == second
    assert shown("--env-file", tmp_path / ".env", **{variable: str(first)}) == first

    # What is shown is a file that says the same.
    whole = configuration(program, f"--{flag}={first}")
    file.write_text(whole, encoding="utf-8")
    assert configuration(program, *of_file) == whole


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_unknown_member_of_the_file_is_refused_with_the_nearest(program, tmp_path):
    flag = SETTINGS[program][0]
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({flag + "s": "hush"}), encoding="utf-8")
    for words in ([], ["--print-config"]):
        done = run(BIN / program, "--config", file, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f'"{flag}s"' in done.stderr and f"Did you mean {flag}?" in done.stderr
        assert str(file) in done.stderr and "hush" not in done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_mistake_in_the_environment_names_its_variable(program):
    flag, variable, _ = SETTINGS[program]
    if flag == "address":
        flag, variable = "interval", "HOWDAH_INTERVAL"
    done = run(BIN / program, "--print-config", env={**os.environ, variable: "many"})
    assert (done.returncode, done.stdout) == (2, "") and variable in done.stderr
    # Who is lost gets help all the same.
    assert run(BIN / program, "--help", env={**os.environ, variable: "many"}).returncode == 0


def test_no_configuration_shows_a_secret(tmp_path):
    (tmp_path / ".env").write_text("AIVEN_TOKEN=hush\n", encoding="utf-8")
    token = tmp_path / "token"
    token.write_text("hush", encoding="utf-8")
    shown = configuration("howdah-backend", "--env-file", tmp_path / ".env",
                          "--aws-endpoint-url", "http://me:hush@127.0.0.1:1",
                          AWS_SECRET_ACCESS_KEY="hush")
    shown += configuration("howdah-mcp", "--public-url", "https://me:hush@db.example/mcp",
                           "--state-key-file", token)
    shown += configuration("howdahctl", "--token-file", token)
    assert "hush" not in shown and str(token) in shown


def test_a_plane_beside_an_adapter_keeps_its_own_port():
    shown = json.loads(configuration("howdah-local", HOWDAH_PORT="3001", HOWDAH_HOST="::1"))
    assert (shown["port"], shown["host"]) == (6550, "127.0.0.1")


@pytest.fixture(scope="module")
def on_path(tmp_path_factory):
    """A directory with howdahctl, as an installation has it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "howdahctl").symlink_to(BIN / "howdahctl")
    return folder


CASES = [
    (["howdahctl", "cl"], ["clusters"]),
    (["howdahctl", "clusters", "s"], ["scale"]),
    (["howdahctl", "clusters", "create", "--inst"], ["--instances"]),
    ([LAUNCHER, "ctl", "roles", "cr"], ["create"]),
    ([LAUNCHER, "ctl", "databases", "create", "--reclaim-policy", "re"], ["retain"]),
    ([LAUNCHER, "ct"], []),
    ([LAUNCHER, "demo", "cl"], []),
]


@pytest.mark.parametrize("words,candidates", CASES)
def test_bash_completes_both_ways_to_call_it(on_path, words, candidates):
    done = run("bash", "-c", 'PATH="$1:$PATH"; source <("$2" ctl completion bash); shift 2;'
               'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1));'
               'program=${1##*/}; spec=$(complete -p "$program"); spec=${spec#*-F }; '
               '"${spec%% *}" "$1" "${!#}" ""; printf "%s\\n" "${COMPREPLY[@]}"',
               "bash", on_path, LAUNCHER, *words)
    assert done.stdout.split() == candidates, done.stderr


@pytest.mark.parametrize("words,candidates", CASES)
def test_zsh_completes_both_ways_to_call_it(on_path, words, candidates):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    # The completion system is an editor's; two of its functions are stood in for.
    done = run("zsh", "-fc", 'PATH="$1:$PATH"; compdef() { };'
               'compadd() { print -l -- "${(P@)2}" }; source <("$2" ctl completion zsh); shift 2;'
               'words=("$@") CURRENT=$#; _howdahctl',
               "zsh", on_path, LAUNCHER, *words)
    assert done.stdout.split() == candidates, done.stderr
