"""The four programs on a command line: help, versions, mistakes, completion."""

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
    assert "\x1b" not in done.stdout and max(map(len, done.stdout.splitlines())) <= 100
    done = run(BIN / program, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] == program and done.stdout.count("\n") == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_flag_is_named_with_the_way_to_the_right_ones(program):
    done = run(BIN / program, "--no-such-flag")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--no-such-flag" in done.stderr and "--help" in done.stderr


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
