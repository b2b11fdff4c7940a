"""The newest AWS CLI of version 1, from PyPI: all that it can do, walked through the
parser, the classifier and the policy, as Debian's version 2 is by default."""

import os
import pathlib
import shutil
import subprocess

import pytest

import peers

AWS_CLI = "awscli==1.45.11"
PLUGIN = peers.ROOT / "backend" / "aws" / "index_plugin.py"
BIN_DIR = pathlib.Path(os.environ.get("HOWDAH_BIN_DIR") or peers.ROOT / ".howdah" / "bin")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aws-index")
    shutil.copy(PLUGIN, folder / "howdah_aws_index.py")
    (folder / "config").write_text("[plugins]\nhowdah = howdah_aws_index\n", encoding="utf-8")
    python, environment = peers.python_with(AWS_CLI)
    out = folder / "index.jsonl"
    environment = dict(
        environment, HOME=str(folder), AWS_CONFIG_FILE=str(folder / "config"),
        PYTHONPATH="%s:%s" % (environment["PYTHONPATH"], folder),
        HOWDAH_AWS_INDEX_OUT=str(out), HOWDAH_AWS_INDEX_SERVICE="*")
    subprocess.run([python, "-m", "awscli", "s3"], env=environment, check=True, timeout=900)
    return out


def run(program, index, *arguments):
    python, environment = peers.python_with(AWS_CLI)
    done = subprocess.run(
        [BIN_DIR / program, *arguments], cwd=peers.ROOT, capture_output=True, text=True,
        timeout=900, check=False,
        env=dict(os.environ, HOWDAH_TEST_AWS_INDEX=str(index),
                 HOWDAH_TEST_AWS_CLI=python + " -m awscli",
                 HOWDAH_TEST_AWS_PYTHONPATH=environment["PYTHONPATH"]))
    assert done.returncode == 0, done.stdout[-4000:]
    assert "[  PASSED  ]" in done.stdout


def test_every_command_is_walked(index):
    lines = index.read_text(encoding="utf-8").count("\n")
    assert lines > 18000
    run("every_command_test", index, "--gtest_filter=EveryCommand.*")


def test_the_cli_understands_rebuilt_arguments_as_we_do(index):
    run("cli_understands_test", index)
